import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { printCurl } from "../src/emit/curl.ts";
import { shellComment, shellWord } from "../src/emit/shell.ts";
import type { Action, CallAction, RunPlan } from "../src/plan/plan.ts";
import { openClient } from "../src/tracking/client.ts";
import { mlflowFolder, plainEnvironment, startMlflow } from "./support/mlflow.ts";

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlpipe-curl-"));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/curl"), stub);
  await chmod(join(folder, "bin/curl"), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Stands in for curl: writes down its words, standard input and settings, and answers from a file named after the endpoint. */
const stub = `#!/bin/sh
n=$(ls "$RECORD" | wc -l)
n=$((n + 100))
mkdir "$RECORD/$n"
for word; do printf '%s\\0' "$word"; done > "$RECORD/$n/words"
cat > "$RECORD/$n/input"
cat <&3 > "$RECORD/$n/settings"
for word; do last=$word; done
case $last in
  *get-by-name*) cat "$ANSWERS/found" ;;
  *experiments/create) printf '{"experiment_id": "42"}\\n200' ;;
  *runs/create) printf '{"run": {"info": {"run_uuid": "x", "run_id": "abc"}, "data": {"tags": [{"key": "\\\\"run_id\\\\": \\\\"no\\\\"", "value": ""}]}}}\\n200' ;;
  *) printf '{}\\n200' ;;
esac
`;

interface Sent {
  /** Without the server's address and \`/api/2.0/mlflow/\`. */
  readonly endpoint: string;
  readonly words: readonly string[];
  readonly body: unknown;
  readonly settings: string;
}
interface Setting {
  readonly shell?: string;
  readonly found?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const noExperiment = '{"error_code": "RESOURCE_DOES_NOT_EXIST"}\n404';
const anExperiment = '{\n "experiment": {\n "experiment_id": "7", "name": "e"}}\n200';

/** Runs the script with the stub; resolves to the calls that it sent. */
async function runStubbed(script: string, setting: Setting = {}): Promise<readonly Sent[]> {
  const place = await mkdtemp(join(folder, "script-"));
  await mkdir(join(place, "record"));
  await writeFile(join(place, "found"), setting.found ?? noExperiment);
  await writeFile(join(place, "script.sh"), script);
  await run(setting.shell ?? "sh", ["script.sh"], {
    cwd: place,
    env: {
      PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
      LOGNAME: "ann",
      RECORD: join(place, "record"),
      ANSWERS: place,
      MLFLOW_TRACKING_URI: "http://server/",
      ...setting.env,
    },
  });
  const names = (await readdir(join(place, "record"))).toSorted();
  const sent = await Promise.all(names.map((name) => readSent(join(place, "record", name))));
  await rm(place, { recursive: true });
  return sent;
}

async function readSent(record: string): Promise<Sent> {
  const words = (await readFile(join(record, "words"), "utf8")).split("\0").slice(0, -1);
  const input = await readFile(join(record, "input"), "utf8");
  return {
    endpoint: (words.at(-1) ?? "").replace("http://server/api/2.0/mlflow/", ""),
    words,
    body: input === "" ? undefined : (JSON.parse(input) as unknown),
    settings: (await readFile(join(record, "settings"), "utf8")).trim(),
  };
}

function planOf(actions: readonly Action[], run = "baseline", file = "iris.mlpipe"): RunPlan {
  return {
    kind: "run",
    run,
    file,
    experiment: "/Shared/iris",
    params: [],
    seed: undefined,
    contract: undefined,
    shared: [],
    actions,
  };
}

interface Texts {
  readonly experiment: string;
  readonly name: string;
  readonly value: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** The calls of a small run, with each text in every place where a file can put one. */
function callsOf({ experiment, name, value, tags }: Texts): readonly CallAction[] {
  const run_id = { later: "run_id" } as const;
  const experiment_id = { later: "experiment_id" } as const;
  return [
    {
      kind: "call",
      purpose: "find-experiment",
      endpoint: "experiments/get-by-name",
      request: { experiment_name: experiment },
    },
    {
      kind: "call",
      purpose: "create-experiment",
      endpoint: "experiments/create",
      request: { name: experiment, tags },
    },
    {
      kind: "call",
      purpose: "tag-experiment",
      endpoint: "experiments/set-experiment-tag",
      request: { experiment_id, key: "k", value },
    },
    {
      kind: "call",
      purpose: "create-run",
      endpoint: "runs/create",
      request: {
        experiment_id,
        user_id: { later: "user" },
        run_name: name,
        start_time: { later: "now" },
        tags: [
          { key: "mlflow.source.git.commit", value: { later: "git_commit" } },
          { key: "mlpipe.source_digest", value: { later: "source_digest" } },
          ...tags,
        ],
      },
    },
    {
      kind: "call",
      purpose: "rename-run",
      endpoint: "runs/update",
      request: { run_id, run_name: { parts: [name, run_id, value] } },
    },
    {
      kind: "call",
      purpose: "log-params",
      endpoint: "runs/log-batch",
      request: { run_id, params: [{ key: "p", value }] },
    },
  ];
}

const plainTexts: Texts = { experiment: "/Shared/iris", name: "n", value: "v", tags: [] };

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      "\\",
      "$",
      "`",
      "!",
      "\n",
      "\r",
      "\0",
      "\u2028",
      "a",
      " ",
      "%",
      "@",
      "{",
      ")",
      "\u0085",
      "\ud800",
    ),
  }),
  fc.constantFrom(
    "'; touch hacked; '",
    "$(touch hacked)",
    "`touch hacked`",
    "@/etc/passwd",
    "-o hacked",
    "\nEOF\nSIGN_IN\n",
  ),
);
const texts: fc.Arbitrary<Texts> = fc.record({
  experiment: anyText,
  name: anyText,
  value: anyText,
  tags: fc.array(fc.record({ key: anyText, value: anyText }), { maxLength: 4 }),
});

describe("the calls of a run as a shell script", () => {
  it.each(["sh", "bash"])("send every text as it is, run by %s", async (shell) => {
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        const { experiment, name, value, tags } = given;
        const sent = await runStubbed(printCurl(planOf(callsOf(given), name, value)), { shell });
        const query = sent[0]?.endpoint.split("?experiment_name=")[1] ?? "";
        expect(decodeURIComponent(query)).toBe(experiment.toWellFormed());
        const [, create, tag, run_, rename, params] = sent.map(({ body }) => body);
        expect(create).toEqual({ name: experiment, tags });
        expect(tag).toEqual({ experiment_id: "42", key: "k", value });
        expect(run_).toMatchObject({ experiment_id: "42", user_id: "ann", run_name: name, tags });
        expect(rename).toEqual({ run_id: "abc", run_name: `${name}abc${value}` });
        expect(params).toEqual({ run_id: "abc", params: [{ key: "p", value }] });
      }),
      { numRuns: 40 },
    );
  });

  it("send times as numbers, and leave out a tag whose value is not to be had", async () => {
    const tags = [{ key: "a", value: "b" }];
    const sent = await runStubbed(printCurl(planOf(callsOf({ ...plainTexts, tags }))));
    const body = sent[3]?.body as { start_time: number; tags: unknown };
    expect(Math.abs(Date.now() - body.start_time)).toBeLessThan(60_000);
    expect(body.tags).toEqual(tags);
  });

  it("use the experiment that is there, and make none", async () => {
    const sent = await runStubbed(printCurl(planOf(callsOf(plainTexts))), { found: anExperiment });
    expect(sent.map(({ endpoint }) => endpoint)).not.toContain("experiments/create");
    expect(sent.at(2)?.body).toMatchObject({ experiment_id: "7" });
  });

  it("put quotes, backslashes and control characters of the user's name into JSON", async () => {
    const env = { LOGNAME: 'a"b\\c\u0007d\né' };
    const sent = await runStubbed(printCurl(planOf(callsOf(plainTexts))), { env });
    expect(sent[3]?.body).toMatchObject({ user_id: 'a"b\\cdé' });
  });

  it("sign in without showing a secret on a command line", async () => {
    const basic = { MLFLOW_TRACKING_USERNAME: "ann", MLFLOW_TRACKING_PASSWORD: 'hunt"er\\2' };
    const script = printCurl(planOf(callsOf(plainTexts)));
    const first = await runStubbed(script, { env: basic });
    const second = await runStubbed(script, { env: { MLFLOW_TRACKING_TOKEN: "tok3n" } });
    expect(new Set(first.map(({ settings }) => settings))).toEqual(
      new Set(['user = "ann:hunt\\"er\\\\2"']),
    );
    expect(new Set(second.map(({ settings }) => settings))).toEqual(
      new Set(['header = "Authorization: Bearer tok3n"']),
    );
    const words = [...first, ...second].flatMap((call) => call.words).join(" ");
    expect(words).not.toMatch(/hunt|tok3n/);
  });

  it("end with what the server said at the first call that is refused", async () => {
    const script = printCurl(planOf(callsOf(plainTexts)));
    const failure = runStubbed(script, { found: '{"error_code": "INTERNAL_ERROR"}\n500' });
    await expect(failure).rejects.toMatchObject({
      code: 1,
      stderr:
        'experiments/get-by-name?experiment_name=%2FShared%2Firis: status 500: {"error_code": "INTERNAL_ERROR"}\n',
    });
  });

  it("adopt the run that MLFLOW_RUN_ID names, if that is an id", async () => {
    const request = { run_id: { later: "run_id" } } as const;
    const adopt: CallAction = { kind: "call", purpose: "adopt-run", endpoint: "runs/get", request };
    const script = printCurl(planOf([adopt, { kind: "finish" }]));
    const sent = await runStubbed(script, { env: { MLFLOW_RUN_ID: "abc" } });
    expect(sent[0]?.endpoint).toBe("runs/get?run_id=abc");
    expect(sent[1]?.body).toMatchObject({ run_id: "abc", status: "FINISHED" });
    const wrong = runStubbed(script, { env: { MLFLOW_RUN_ID: "a&b" } });
    await expect(wrong).rejects.toMatchObject({ code: 1 });
  });

  it("name what mlpipe would do besides, in comments that no text can end", async () => {
    const evil = "a\nexit 7\r\u0085exit 8";
    const actions: readonly Action[] = [
      { kind: "collect", step: evil },
      { kind: "record", sources: [] },
      { kind: "register", model: evil, path: evil, name: evil, alias: undefined },
    ];
    const script = printCurl(planOf(actions, evil, evil));
    expect(await runStubbed(script)).toEqual([]);
    expect(script).toContain("# 1 what a exit 7 exit 8 gave\n");
  });
});

describe("a text in a shell script", () => {
  it("is one word, byte for byte", async () => {
    const words = fc.array(
      anyText.map((text) => text.replaceAll("\0", "").toWellFormed()),
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(words, async (given) => {
        const script = `printf '%s\\0' ${given.map((text) => shellWord([text])).join(" ")}`;
        const { stdout } = await run("sh", ["-c", script]);
        expect(stdout.split("\0").slice(0, -1)).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });

  it("is one comment", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const script = `${shellComment(text.replaceAll("\0", "")).toWellFormed()}printf done`;
        expect((await run("sh", ["-c", script])).stdout).toBe("done");
      }),
      { numRuns: 40 },
    );
  });
});

const hasCurl = await run("curl", ["--version"]).then(
  () => true,
  (error: unknown) => {
    if (process.env["CI"] === "true") throw error;
    console.warn(`skipped: no curl on this machine: ${String(error)}`);
    return false;
  },
);

describe.skipIf(mlflowFolder === undefined || !hasCurl)(
  "the script and a real MLflow server",
  () => {
    it("make the run that the plan says", async () => {
      const place = await mkdtemp(join(folder, "mlflow-"));
      const server = await startMlflow(place);
      onTestFinished(() => server.stop());
      const value = `it's "quoted" $HOME \\ ü\n日本`;
      const tags = [{ key: "note", value }];
      const actions: readonly Action[] = [
        ...callsOf({ experiment: "/Shared/it's ü", name: "first run", value, tags }),
        { kind: "finish" },
      ];
      await writeFile(join(place, "script.sh"), printCurl(planOf(actions)));
      const { stdout } = await run("sh", ["script.sh"], {
        cwd: place,
        env: plainEnvironment({ MLFLOW_TRACKING_URI: server.uri, LOGNAME: "ann" }),
      });
      const client = await openClient(server.uri, {});
      onTestFinished(() => client.close());
      const run_id = stdout.trim().replace("run ", "");
      const { info, data } = (await client.call("runs/get", { run_id })).run;
      const { experiment } = await client.call("experiments/get-by-name", {
        experiment_name: "/Shared/it's ü",
      });
      expect(info).toMatchObject({
        status: "FINISHED",
        user_id: "ann",
        experiment_id: experiment.experiment_id,
      });
      expect(info.run_name).toBe(`first run${run_id}${value}`);
      expect(data.params).toEqual([{ key: "p", value }]);
      expect(data.tags).toContainEqual({ key: "note", value });
      expect(experiment.tags).toEqual(expect.arrayContaining([...tags, { key: "k", value }]));
    });
  },
);
