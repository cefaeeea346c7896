/** Laws about mlpipe itself: each with a run, or with an mlpipe or a language, that breaks it; and examples, which keep all. */
import { chmodSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { requireProgram } from "../src/cli/open.ts";
import type { LawId } from "../src/repro/laws/law.ts";
import { type Verification, verify } from "../src/repro/laws/verify.ts";
import { entry, mlpipe, root, temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";
import { fence, verifyRun } from "./support/verify.ts";

const js = (code: string): string => `metric m\n${fence("js", code)}`;

/** Counts in a file whose name no one can read from the code. */
const counting = `import { existsSync, readFileSync, writeFileSync } from "node:fs"
const file = ["count", "er"].join("")
const before = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0
writeFileSync(file, String(before + 1))`;

describe("L7: the cache", () => {
  test("is not what a fresh execution gives where a step counts in a file that nobody declares", async () => {
    const source = `param a: float = 0.5 in 0..1\n${js(`${counting}\nconst m = before + a`)}`;
    const { code, text } = await verifyRun(source, { words: ["--law", "L7"] });
    expect(code).toBe(3);
    expect(text).toMatch(
      /^L7 cache: a run with the cache gives something else than one without it$/m,
    );
    expect(text).toMatch(/^ {2}with {5}a = 0$/m);
    expect(text).toMatch(/^ {2}differs {2}it\.m: 2 → 1$/m);
  });

  test("is found to answer for other values, where mlpipe does", async () => {
    const stale =
      'case "$*" in *--no-cache*) ;; *) set -- "$@"; for word; do shift; case "$word" in a=*) word=a=0.5;; esac; set -- "$@" "$word"; done;; esac';
    const { outcome } = await verifyWith(
      stale,
      "L7",
      `param a: float = 0.5 in 0..1\n${js("const m = a")}`,
    );
    expect(outcome).toMatchObject({
      kind: "failed",
      breaches: [{ params: { a: 0 }, unusual: ["a"], difference: "it.m: 0 → 0.5" }],
    });
  });

  test("is not spoken of where nothing is kept in it", async () => {
    const { code, text } = await verifyRun(`step only {\ncache off\n${js("const m = 1")}\n}`, {
      words: ["--law", "L7"],
    });
    expect([code, text]).toEqual([
      0,
      expect.stringContaining("not checked  no step of it is kept in the cache"),
    ]);
  });
});

describe("L8: a run that is killed and gone on with", () => {
  test("gives something else where a step adds to what is there", async () => {
    const slow = "await new Promise((go) => setTimeout(go, 400))";
    const { code, text } = await verifyRun(
      `step first {\n${js(`${counting}\n${slow}\nlog.metric("seen", 1)\nconst m = before`)}\n}`,
      { words: ["--law", "L8"] },
    );
    expect(code).toBe(3);
    expect(text).toMatch(
      /^L8 resume: killed after event \d of \d+ and gone on with, the run gives something else$/m,
    );
    expect(text).toMatch(/^ {2}differs {2}first\.m: 0 → 1$/m);
  });

  test("is another run where mlpipe begins anew", async () => {
    const anew = 'for word; do shift; [ "$word" = --resume ] || set -- "$@" "$word"; done';
    const { outcome } = await verifyWith(anew, "L8", js("const m = 1"));
    expect(outcome).toMatchObject({
      kind: "failed",
      breaches: [
        {
          what: expect.stringMatching(
            /^killed after event \d of \d+ and gone on with, it is another run$/,
          ),
        },
      ],
    });
  });
});

test.each([
  {
    what: "fifteen digits",
    short: String.raw`text.replace(/\d+\.\d{16,}/g, (n) => String(Number(Number(n).toPrecision(15))))`,
    lost: ["0.3333333333333333", "0.333333333333333"],
  },
  {
    what: "zeros without a sign",
    short: String.raw`text.replace(/-0(?![.\d])/g, "0")`,
    lost: ["-0", "0"],
  },
])("L9: a language that writes $what loses numbers, and the first of them is told", async (one) => {
  using folder = temporaryFolder();
  const lossy = folder.write(
    "lossy.cjs",
    `const fs = require("node:fs");
const write = fs.writeFileSync;
const short = (text) => ${one.short};
fs.writeFileSync = (file, text, ...more) => write(file, /values\\.json$/.test(file) ? short(text) : text, ...more);
require("node:module").syncBuiltinESMExports();
`,
  );
  const env = { ...process.env, NODE_OPTIONS: `--require ${lossy}` };
  const { outcome } = await verifyWith("", "L9", js("const m = 1"), env);
  const [sent, back] = one.lost;
  expect(outcome).toMatchObject({
    kind: "failed",
    breaches: [{ what: `${sent} comes back changed as JSON`, difference: `${sent} → ${back}` }],
  });
});

test("L10: a run that looks at what it is called differs by the door", async () => {
  const { code, text } = await verifyRun(
    js("const m = process.env.MLFLOW_EXPERIMENT_NAME === undefined ? run.name.length : 0"),
    {
      words: ["--law", "L10"],
    },
  );
  expect(code).toBe(3);
  expect(text).toMatch(/^L10 two doors: run as an MLproject, it gives something else$/m);
  expect(text).toMatch(/^ {2}differs {2}it\.m: 2 → \d+$/m);
});

describe("L11: edits that mean nothing", () => {
  test("change what code says that looks at its own lines", async () => {
    const { code, text } = await verifyRun(
      js('const m = Number(/it\\.mlpipe:(\\d+)/.exec(new Error("here").stack)[1])'),
      {
        words: ["--law", "L11"],
      },
    );
    expect(code).toBe(3);
    expect(text).toMatch(
      /^L11 edits: with comments, empty lines and another step in the file the run gives something else$/m,
    );
    expect(text).toMatch(/^ {2}differs {2}it\.m: 6 → 8$/m);
  });

  test("are found to make steps run again, where mlpipe takes them for a change", async () => {
    const wary =
      'grep -q "nothing of importance" it.mlpipe 2>/dev/null && [ "$1" = run ] && set -- "$@" --no-cache';
    const { outcome } = await verifyWith(wary, "L11", js("const m = 1"));
    expect(outcome).toMatchObject({
      kind: "failed",
      breaches: [{ difference: "steps from the cache: 1 → 0" }],
    });
  });
});

test("L12: a run whose record lacks a file cannot be replayed", async () => {
  const code =
    'import { readFileSync } from "node:fs"\nconst m = Number(readFileSync(["ex", "tra.txt"].join(""), "utf8"))';
  const { code: exit, text } = await verifyRun(js(code), {
    words: ["--law", "L12"],
    files: { "extra.txt": "3" },
  });
  expect(exit).toBe(3);
  expect(text).toMatch(/^L12 replay: a replay (cannot be made|gives something else)$/m);
});

test("laws about mlpipe itself are not checked of a run that takes a model from another", async () => {
  using folder = temporaryFolder("houses");
  const words = ["verify", "houses.mlpipe", "score", "--law", "L7,L10"];
  const { code, stdout } = await mlpipe(words, { cwd: folder.path });
  if (code === 0)
    expect(stdout).toContain(
      "not checked  an input comes from another run, which a copy of the project does not have",
    );
  else expect(stdout).toMatch(/^not executed {2}R08/);
});

describe.skipIf(noR)("the examples keep every law that can be checked:", () => {
  test.each([
    ["iris", "iris.mlpipe", "baseline"],
    ["houses", "houses.mlpipe", "learn"],
    ["epochs", "epochs.mlpipe", "perceptron"],
    ["hello", "hello.mlpipe", "hello"],
    ["script", "cars.mlpipe", ""],
  ])("%s", { timeout: 400_000 }, async (example, file, run) => {
    using folder = temporaryFolder(example);
    const words = [
      "verify",
      file,
      ...(run ? [run] : []),
      "--json",
      "--cases",
      "2",
      "--seed",
      "7",
      "--budget",
      "5min",
    ];
    const { code, stdout } = await mlpipe(words, { cwd: folder.path });
    const { laws } = JSON.parse(stdout) as Verification;
    const broken = laws.filter(
      ({ outcome }) => outcome.kind !== "held" && outcome.kind !== "not-checked",
    );
    expect(broken).toEqual([]);
    expect(code).toBe(0);
    expect(laws.filter(({ outcome }) => outcome.kind === "held").length).toBeGreaterThan(8);
  });
});

/** With an mlpipe before which `change`, in words of a shell, has changed its arguments. */
async function verifyWith(
  change: string,
  law: LawId,
  items: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Verification["laws"][number]> {
  using folder = temporaryFolder();
  using bin = temporaryFolder();
  const file = folder.write("it.mlpipe", `mlpipe 1\n\nrun it {\n${items}\n}\n`);
  const command = bin.write(
    "mlpipe",
    `#!/bin/sh\n${change}\nexec "${process.execPath}" "${entry}" "$@"\n`,
  );
  chmodSync(command, 0o755);
  const { program } = requireProgram(file);
  const run = program.runs.get("it");
  if (!run) throw new Error("no run");
  const { laws } = await verify({
    program,
    run,
    shown: path.relative(root, file),
    project: folder.path,
    params: Object.fromEntries(run.params.map((param) => [param.name, param.default ?? null])),
    fixed: [],
    step: undefined,
    laws: [law],
    budgetMs: 110_000,
    cases: 5,
    seed: 7,
    path: undefined,
    env,
    signal: new AbortController().signal,
    command: [command],
    origin: undefined,
    listener: () => {},
  });
  const [checked] = laws;
  if (!checked) throw new Error("no law was checked");
  return checked;
}
