/** The same projects run by the real `mlflow run` and by `mlpipe run`: what the command gets, what the run shows, how it ends. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatField, parseFormat } from "../src/project/python-format.ts";
import { pythonText } from "../src/project/python-value.ts";
import { readPlain } from "../src/project/yaml-scalar.ts";
import { quoteForShell } from "../src/source/shell-quote.ts";
import { mlflowFolder } from "./support/mlflow.ts";
import { type MlflowRunner, startMlflowRunner } from "./support/mlflow-run.ts";
import { type Folder, temporaryFolder } from "./support/mlpipe.ts";
import {
  type Noted,
  type NotedRun,
  git,
  note,
  perform,
  readNotes,
  readRuns,
  writeProject,
} from "./support/project.ts";

const python = path.join(mlflowFolder ?? "", "bin", "python");

/** What of both must be the same. */
interface Compared {
  readonly ok: boolean;
  readonly args: readonly (readonly string[])[];
  /** Names of MLflow's variables. */
  readonly variables: readonly string[];
  readonly status: string | undefined;
  readonly params: Readonly<Record<string, string>> | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
}

/** A folder `project` that both run, each with a store of its own; MLflow's is made once, which takes seconds. */
let shelf: Folder;
let number = 0;
const storeUri = (): string => `sqlite:///${shelf.path}/mlflow.db`;
let mlflow: MlflowRunner;
beforeAll(() => {
  shelf = temporaryFolder();
  if (mlflowFolder !== undefined) mlflow = startMlflowRunner(shelf.path);
});
afterAll(async () => {
  await mlflow?.stop();
  shelf[Symbol.dispose]();
});

interface Project {
  readonly mlproject: string | undefined;
  readonly files?: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** More to do with the folder before it is run. */
  readonly prepare?: (folder: string) => void;
}

async function runBoth({ mlproject, files, words, env = {}, prepare }: Project) {
  using folder = temporaryFolder();
  const project = path.join(folder.path, "project");
  writeProject(project, mlproject, files);
  prepare?.(project);
  const theirs = await runTheirs(folder, words, env);
  const performed = await perform(folder, words, env);
  const ours = compared(performed.code === 0, performed.noted, performed.runs.at(-1));
  return { theirs, ours: { ...ours, params: ours.params && quoted(ours.params) } };
}

async function runTheirs(
  folder: Folder,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Compared> {
  const experiment = `it ${(number += 1)}`;
  const notes = path.join(folder.path, "theirs.ndjson");
  const all = [...words, "--env-manager", "local", "--experiment-name", experiment];
  const settings = { MLFLOW_TRACKING_URI: storeUri(), NOTES: notes, ...env };
  const code = await mlflow.run(all, folder.path, settings);
  const runs = await readRuns(storeUri(), shelf.path);
  const own = runs.filter((run) => run.experiment === experiment);
  return compared(code === 0, readNotes(notes), own.at(-1));
}

/** MLflow logs each value as the shell gets it, with its quotes; mlpipe logs the value. */
function quoted(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, quoteForShell(value)]),
  );
}

function compared(ok: boolean, noted: readonly Noted[], run: NotedRun | undefined): Compared {
  // What mlpipe knows a run again by, and replays it from, MLflow does not have.
  const all = Object.entries(run?.tags ?? {});
  const tags = Object.fromEntries(
    all.filter(([key]) => key !== "mlflow.runName" && !key.startsWith("mlpipe.")),
  );
  const variables = noted.flatMap(({ env }) => Object.keys(env));
  return {
    ok,
    args: noted.map(({ args }) => args),
    variables: variables.filter((name) => name.startsWith("MLFLOW_")).toSorted(),
    status: run?.status,
    params: run?.params,
    tags: run && tags,
  };
}

const defaults = `
name: it
entry_points:
  main:
    parameters:
      cp: {type: float, default: 0.1}
      tiny: {type: float, default: 0.00001}
      exponent: {type: float, default: 1e5}
      big: {type: float, default: 1.0e+20}
      yes: {type: bool, default: yes}
      octal: {type: int, default: 012}
      date: {default: 2026-01-01}
      time: {default: 2026-01-01 10:00:00Z}
      zone: {default: 2026-01-01T10:00:00.5+02:00}
      list: {default: [1, two]}
      map: {default: {a: .inf, b: null}}
      sixties: {type: float, default: 1:30}
      text: plain
    command: "${note} {cp} {tiny} {exponent} {big} {True} {octal} {date} {time} {zone} {list} {map} {sixties} {text} {{x}} {cp!r} {cp:>8}; true"
  fail: {command: "${note} && exit 3"}
  signal: {command: "kill -9 $$"}
  plain: {command: "${note}"}
  files:
    parameters: {data: path, other: {type: uri, default: "s3://a"}}
    command: "${note} {data} {other}"
`;

describe.skipIf(mlflowFolder === undefined)("mlflow run and mlpipe run", () => {
  test.each<[string, Project]>([
    ["plain values", { mlproject: defaults, words: ["project", "-P", "text=a"] }],
    ["a failure", { mlproject: defaults, words: ["project", "-e", "fail"] }],
    ["a signal", { mlproject: defaults, words: ["project", "-e", "signal"] }],
    ["no params", { mlproject: defaults, words: ["project", "-e", "plain"] }],
    ["a missing value", { mlproject: defaults, words: ["project"] }],
    ["an unknown entry point", { mlproject: defaults, words: ["project", "-e", "mian"] }],
    [
      "a value that is given twice",
      { mlproject: defaults, words: ["project", "-P", "a=1", "-P", "a=2"] },
    ],
    [
      "an entry that is a script",
      {
        mlproject: undefined,
        files: { "a b.sh": `${note} "$@"` },
        words: ["project", "-e", "a b.sh", "-P", "q=it"],
        env: { SHELL: "/bin/sh" },
      },
    ],
    ["no MLproject and no script", { mlproject: undefined, words: ["project"] }],
    [
      "two environments",
      { mlproject: `python_env: a\nconda_env: b\n${defaults}`, words: ["project", "-e", "plain"] },
    ],
    [
      "a name of the run",
      { mlproject: defaults, words: ["project", "-e", "plain", "--run-name", "it"] },
    ],
    [
      "a folder below",
      {
        mlproject: undefined,
        files: {
          "sub/MLproject": `entry_points: {main: {command: "${process.execPath} ../note.mjs"}}`,
        },
        words: ["project/sub"],
      },
    ],
  ])("do the same with %s", async (_, project) => {
    const { theirs, ours } = await runBoth(project);
    expect(ours).toEqual(theirs);
  });

  test("do the same with values that need quotes, which MLflow logs with them", async () => {
    const text = 'l\'été "x" $(touch pwned)';
    const { theirs, ours } = await runBoth({
      mlproject: defaults,
      words: ["project", "-P", `text=${text}`],
    });
    expect(ours).toEqual(theirs);
    expect(ours.args[0]?.[12]).toBe(text);
    expect(theirs.params?.["text"]).toBe(`'l'"'"'été "x" $(touch pwned)'`);
  });

  test("do the same with what is not declared, if mlpipe is told to", async () => {
    const words = ["project", "-e", "plain", "-P", "q=1 2", "-P", "r=x"];
    const { theirs } = await runBoth({ mlproject: defaults, words });
    using folder = temporaryFolder();
    writeProject(path.join(folder.path, "project"), defaults);
    const done = await perform(folder, [...words, "--no-strict"]);
    expect(done.noted.map(({ args }) => args)).toEqual(theirs.args);
    expect(theirs.params).toEqual({ q: "'1 2'", r: "x" });
    expect(done.runs[0]?.params).toEqual({ q: "1 2", r: "x" });
  });

  test("make a given path absolute alike, and log it as it was given", async () => {
    using folder = temporaryFolder();
    const project = path.join(folder.path, "project");
    writeProject(project, defaults);
    const words = ["project", "-e", "files", "-P", "data=project/note.mjs"];
    const theirs = await runTheirs(folder, words, {});
    const { noted, runs, code } = await perform(folder, words);
    expect(compared(code === 0, noted, runs[0])).toEqual({
      ...theirs,
      args: [[path.join(project, "note.mjs"), "s3://a"]],
    });
    expect(runs[0]?.params["data"]).toBe("project/note.mjs");
  });

  test.each([
    ["a path that is not there", ["-e", "files", "-P", "data=nowhere"]],
    ["a uri that is none", ["-e", "files", "-P", "data=project", "-P", "other=x"]],
    ["braces that fit nothing", ["-e", "broken"]],
    ["a name that nobody declares", ["-e", "undeclared"]],
  ])(
    "differ with %s: MLflow leaves a run that runs for ever, mlpipe makes none",
    async (_, words) => {
      const mlproject = `${defaults}  broken: {command: "echo {x"}\n  undeclared: {command: "echo {x}"}\n`;
      const { theirs, ours } = await runBoth({ mlproject, words: ["project", ...words] });
      expect([theirs.ok, theirs.status]).toEqual([false, "RUNNING"]);
      expect([ours.ok, ours.status]).toEqual([false, undefined]);
    },
  );

  test("differ where the code ends its run as FAILED and exits with 0: MLflow calls that a success", async () => {
    const end = `import mlflow\nmlflow.start_run()\nmlflow.end_run("FAILED")\n`;
    const { theirs, ours } = await runBoth({
      mlproject: `entry_points: {main: {command: "${python} end.py"}}`,
      files: { "end.py": end },
      words: ["project"],
      env: { MLFLOW_DISABLE_TELEMETRY: "true" },
    });
    expect([theirs.ok, theirs.status]).toEqual([true, "FINISHED"]);
    expect([ours.ok, ours.status]).toEqual([false, "FAILED"]);
  });

  test("do the same with a work tree here, its commit and the address that it was cloned from", async () => {
    const { theirs, ours } = await runBoth({
      mlproject: defaults,
      words: ["project", "-e", "plain"],
      prepare(folder) {
        git(folder, "init", "--quiet", "--initial-branch", "main");
        git(folder, "add", "-A");
        git(folder, "commit", "--quiet", "-m", "one");
        git(folder, "remote", "add", "origin", "https://ann:token@example.org/ann/it.git");
      },
    });
    expect(ours).toEqual(theirs);
    expect(ours.tags?.["mlflow.source.git.repoURL"]).toBe("https://example.org/ann/it.git");
  });

  test("do the same with a repository elsewhere, at a branch, a tag and a commit", async () => {
    using folder = temporaryFolder();
    const tree = path.join(folder.path, "tree");
    writeProject(tree, defaults, {
      "sub/MLproject": `entry_points: {main: {command: "${process.execPath} ../note.mjs sub"}}`,
    });
    git(tree, "init", "--quiet", "--initial-branch", "main");
    git(tree, "add", "-A");
    git(tree, "commit", "--quiet", "-m", "one");
    git(tree, "tag", "v1");
    git(tree, "branch", "feature/x");
    git(folder.path, "clone", "--quiet", "--bare", "tree", "bare.git");
    // To MLflow a file: address is a folder; this one is on the network for both, and git fetches it from here.
    const env = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.file://${folder.path}/bare.git.insteadOf`,
      GIT_CONFIG_VALUE_0: "https://example.org/it.git",
    };
    const commit = git(tree, "rev-parse", "HEAD");
    for (const words of [
      ["https://example.org/it.git", "-e", "plain"],
      ["https://example.org/it.git#sub"],
      ["https://example.org/it.git", "-e", "plain", "-v", "feature/x"],
      ["https://example.org/it.git", "-e", "plain", "-v", "v1"],
      ["https://example.org/it.git", "-e", "plain", "-v", commit],
      ["https://example.org/it.git", "-e", "plain", "-v", "nothing"],
    ]) {
      using own = temporaryFolder();
      const theirs = await runTheirs(own, words, env);
      const { noted, runs, code } = await perform(own, words, env);
      expect(compared(code === 0, noted, runs[0])).toEqual(theirs);
    }
  }, 180_000);
});

/** What Python makes of each case; `["refused"]` where it raises an error. */
function askPython(code: string, cases: unknown): unknown[] {
  const program = `import json, sys, yaml\nout = []\nfor case in json.load(sys.stdin):\n    try: out.append(${code})\n    except Exception: out.append(["refused"])\njson.dump(out, sys.stdout)`;
  const answer = execFileSync(python, ["-c", program], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONIOENCODING: "utf-8" },
  });
  return JSON.parse(answer) as unknown[];
}

describe.skipIf(mlflowFolder === undefined)("MLflow's Python", () => {
  const scalar = fc
    .array(
      fc.constantFrom(
        ..."0 1 7 9 _ . e E + - : x b inf nan yes no y on Off ~ null T Z 12 2026-01-01 10:00:00 e+05 1e-5 .5 é".split(
          " ",
        ),
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((parts) => parts.join(""))
    // Signs of YAML's own.
    .filter((text) => !/^[-:]$|^- |: |:$|^[-:?] /.test(text));

  test("reads an unquoted scalar as mlpipe does, and prints it alike", () => {
    const texts = fc.sample(scalar, { numRuns: 3000, seed: 20261122 });
    const theirs = askPython('str(yaml.safe_load("a: " + case)["a"])', texts);
    const ours = texts.map((text) => pythonText(readPlain(text)));
    const different = texts.filter(
      (_, i) => typeof theirs[i] === "string" && theirs[i] !== ours[i],
    );
    expect(different).toEqual([]);
    expect(theirs.filter((one) => typeof one === "string").length).toBeGreaterThan(2500);
  });

  test("prints numbers as mlpipe does", () => {
    const values = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      numRuns: 2000,
      seed: 20261122,
    });
    const ours = values.map((value) => pythonText({ kind: "float", value }));
    const written = values.map((value) => (Object.is(value, -0) ? "-0" : String(value)));
    expect(askPython("str(float(case))", written)).toEqual(ours);
  });

  test("fills in a template as mlpipe does, or refuses it", () => {
    const template = fc
      .array(
        fc.constantFrom(
          "{",
          "}",
          "a",
          "!",
          "r",
          "s",
          ":",
          "<",
          ">",
          "^",
          "0",
          "5",
          ".",
          "é",
          "{a}",
          "{{",
          "}}",
          "{a!r}",
          "{a:>5}",
          "{a!a:é^9}",
          " ",
        ),
        { maxLength: 7 },
      )
      .map((parts) => parts.join(""));
    const value = fc.constantFrom("vw", "it's", "é😀", "", "a\"'b\n\u0085\u2028");
    const cases = fc.sample(fc.tuple(template, value), { numRuns: 5000, seed: 20261122 });
    const theirs = askPython("case[0].format(a=case[1])", cases);
    const ours = cases.map(([text, filler]) => {
      const parts = parseFormat(text);
      if ("problem" in parts) return ["refused"];
      if (parts.some((part) => typeof part !== "string" && part.name !== "a")) return ["refused"];
      return parts
        .map((part) => (typeof part === "string" ? part : formatField(part, filler)))
        .join("");
    });
    expect(ours).toEqual(theirs);
  });
});
