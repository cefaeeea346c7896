/** What is published, installed in a folder elsewhere and used from there. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunFacts, readFacts } from "./support/facts.ts";
import { type Ended, type Folder, root, runProgram } from "./support/mlpipe.ts";
import {
  type Packed,
  install,
  npmEnvironment,
  npx,
  pack,
  searchPathWithoutR,
} from "./support/package.ts";
import { runUserTests } from "./support/user-tests.ts";

let packed: Packed;
/** With R as WebAssembly beside it. */
let withWebr: Folder;
/** As `npm install mlpipe` leaves it. */
let plain: Folder;
/** With what a project needs that tests its pipelines. */
let withVitest: Folder;
let tested: Folder;

beforeAll(async () => {
  packed = await pack();
  withWebr = await install(packed, ["webr"]);
  plain = await install(packed);
  const forTests = ["vitest", "@fast-check/vitest", "@types/node"];
  withVitest = await install(packed, forTests);
  tested = await install(packed, forTests);
  withVitest.write("package.json", '{ "type": "module" }\n');
}, 240_000);

afterAll(() => {
  for (const one of [packed, withWebr, plain, withVitest, tested]) one?.[Symbol.dispose]();
});

/** A subfolder with the quickstart in it. */
function quickstart(folder: Folder, name: string): string {
  const cwd = path.join(folder.path, name);
  mkdirSync(cwd);
  const file = "quickstart.mlpipe";
  copyFileSync(path.join(root, "examples", "quickstart", file), path.join(cwd, file));
  return cwd;
}

const run = ["run", "quickstart.mlpipe"] as const;

async function factsAfter(ended: Ended, cwd: string): Promise<RunFacts | undefined> {
  expect([ended.code, ended.stderr]).toEqual([0, ""]);
  const [facts] = await readFacts(undefined, cwd);
  return facts;
}

const hasR = (process.env["PATH"] ?? "")
  .split(path.delimiter)
  .some((folder) => existsSync(path.join(folder, "Rscript")));
if (!hasR) console.warn("Rscript is not on the PATH: native R is not tried");

describe("the tarball", () => {
  test("holds the program, its standard library, its grammar and its two pages, and nothing else", () => {
    const folders = new Set(packed.files.map((file) => file.split("/")[0]));
    expect([...folders].toSorted()).toEqual(
      ["CHANGELOG.md", "README.md", "dist", "grammar", "package.json", "stdlib"].toSorted(),
    );
    for (const file of [
      "dist/cli/bin.js",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/run/webr-host.js",
      "grammar/mlpipe.ohm",
      "stdlib/metrics.mlpipe",
      "stdlib/r/runtime.R",
      "dist/step/runtime.cjs",
      "stdlib/node/runtime.mjs",
    ])
      expect(packed.files).toContain(file);
    const sources = packed.files.filter((file) =>
      /^(dist|stdlib).*(?<!\.d)\.ts$|\.spec\.|\.map$/.test(file),
    );
    expect(sources).toEqual([]);
  });

  test("is smaller than a megabyte", () => {
    expect(packed.size).toBeLessThan(1_000_000);
  });
});

describe("the command", { timeout: 240_000 }, () => {
  test.skipIf(!hasR)(
    "runs the quickstart with native R, and R as WebAssembly gives the same numbers to the last bit",
    async () => {
      const [here, there] = [quickstart(withWebr, "native"), quickstart(withWebr, "webr")];
      const search = await searchPathWithoutR(withWebr);
      const native = await npx(run, { folder: withWebr, cwd: here });
      const webr = await npx(run, { folder: withWebr, cwd: there, search });
      expect(native.stdout).toMatch(/\nstep {2}quickstart {2}R \d/);
      expect(webr.stdout).toMatch(/\nstep {2}quickstart {2}.*(WebR|WebAssembly).*, /i);
      const [one, other] = [await factsAfter(native, here), await factsAfter(webr, there)];
      expect(Object.keys(one?.metrics ?? {})).toEqual(["predicted", "rmse"]);
      expect([other?.metrics, other?.histories]).toEqual([one?.metrics, one?.histories]);
      expect([other?.params, other?.artifacts]).toEqual([one?.params, one?.artifacts]);
      const spoken = /\na setosa .*\n/;
      expect(spoken.exec(webr.stdout)?.[0]).toBe(spoken.exec(native.stdout)?.[0]);
    },
  );

  test("without R says how to get one", async () => {
    const cwd = quickstart(plain, "no-r");
    const search = await searchPathWithoutR(plain);
    const ended = await npx(run, { folder: plain, cwd, search });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/error R08\d\d .*no R/i);
    expect(ended.stderr).toContain("npm install webr");
    const [facts] = await readFacts(undefined, cwd);
    expect(facts?.status ?? "no run").toMatch(/^(FAILED|no run)$/);
  });

  test("traces a step of Node, and nothing of its own is told", async () => {
    const cwd = path.join(plain.path, "traced");
    mkdirSync(cwd);
    const code = "const now = new Date();\n  const x = 1;";
    const text = `mlpipe 1\n\nrun a {\n  metric x\n\n  \`\`\`js\n  ${code}\n  \`\`\`\n}\n`;
    writeFileSync(path.join(cwd, "a.mlpipe"), text);
    const ended = await npx(["trace", "a.mlpipe", "--json"], { folder: plain, cwd });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    const { steps } = JSON.parse(ended.stdout) as { readonly steps: readonly unknown[] };
    expect(steps).toMatchObject([
      { complete: true, files: [], calls: [{ name: "new Date", line: 7 }] },
    ]);
  });

  test("prints its version by the link that npm makes, and nothing else", async () => {
    const link = path.join(plain.path, "node_modules", ".bin", "mlpipe");
    const ended = await runProgram(link, ["--version"], { cwd: plain.path });
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    expect([ended.code, ended.stdout, ended.stderr]).toEqual([0, `${version}\n`, ""]);
  });

  test("under an older Node is one clear sentence", async ({ skip }) => {
    const bin = path.join(plain.path, "node_modules", "mlpipe", "dist", "cli", "bin.js");
    const older = await olderNode();
    if (older === undefined) {
      console.warn(
        "skipped: this machine has no Node older than 22.19 at /usr/bin or /usr/local/bin",
      );
      return skip();
    }
    const ended = await runProgram(older.file, [bin, "run", "it.mlpipe"], {});
    expect(ended).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr: `mlpipe needs Node 22.19 or newer; this is Node ${older.version}. Install a newer one from https://nodejs.org\n`,
    });
  });
});

async function olderNode(): Promise<
  { readonly file: string; readonly version: string } | undefined
> {
  for (const file of ["/usr/bin/node", "/usr/local/bin/node"]) {
    if (!existsSync(file)) continue;
    const version = (await runProgram(file, ["--version"], {})).stdout.trim().slice(1);
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major < 22 || (major === 22 && minor < 19)) return { file, version };
  }
  return undefined;
}

const use = `import { type Diagnostic, type Program, chooseParams, compile, lower, memoryFiles, printMlproject, printPlan, report } from "mlpipe";

const text = "mlpipe 1\\n\\nrun hello {\\n  metric letters\\n\\n  \`\`\`js\\n  const letters = 5\\n  \`\`\`\\n}\\n";
const { program, diagnostics } = compile("hello.mlpipe", memoryFiles({ "hello.mlpipe": text }));
const findings: readonly Diagnostic[] = diagnostics;
const checked: Program | undefined = program;
if (!checked) throw new Error(report(findings, { color: false }));
const { values } = chooseParams(checked.runs.get("hello")?.params ?? [], [], {});
console.log(printMlproject(checked, { types: "written" }));
console.log(printPlan(lower(checked, "hello", { params: values, adopt: false })).split("\\n").length);
console.log(report(compile("a.mlpipe", memoryFiles({ "a.mlpipe": "parm" })).diagnostics, { color: false }));
`;

describe("the API", () => {
  test("compiles texts, with types for those who use them", async () => {
    plain.write("package.json", '{ "type": "module" }\n');
    const file = plain.write("use.ts", use);
    const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
    const flags = "--noEmit --strict --target es2024 --module nodenext --types";
    const checked = await runProgram(process.execPath, [tsc, ...flags.split(" "), "", file], {
      cwd: plain.path,
    });
    expect([checked.stdout, checked.stderr, checked.code]).toEqual(["", "", 0]);
    const ended = await runProgram(process.execPath, [file], {
      cwd: plain.path,
      env: npmEnvironment(plain.path),
    });
    expect(ended.stderr).toBe("");
    expect(ended.stdout).toContain("command: npx --no mlpipe run hello.mlpipe hello");
    expect(ended.stdout).toContain("a.mlpipe:1:1  error E0101");
  });

  test("keeps its inside to itself", async () => {
    const code = 'import("mlpipe/dist/cli/main.js").catch((error) => console.log(error.code))';
    const ended = await runProgram(process.execPath, ["-e", code], { cwd: plain.path });
    expect(ended.stdout).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });
});

/** Runs one of the user's runs, and answers its id. */
async function record(name: string): Promise<string> {
  const words = ["run", "user.mlpipe", name, "--json"];
  const { stdout } = await npx(words, { folder: withVitest, cwd: withVitest.path });
  return /"runId":"([0-9a-f]{32})"/.exec(stdout)?.[1] ?? stdout;
}

/** As a person can read it; `UPDATE=1` writes it. */
const golden = path.join(root, "spec", "user-tests", "outcomes.txt");

describe("in the tests of a user", { timeout: 600_000 }, () => {
  test("every matcher passes, fails with its reason, or fails since nobody can say, whatever is expected", async () => {
    for (const name of ["user.mlpipe", "notes.txt"])
      copyFileSync(path.join(root, "spec", "user-tests", name), path.join(withVitest.path, name));
    const env = { RUN_OF_steady: await record("steady"), RUN_OF_moment: await record("moment") };
    const { code, printed, outcomes } = await runUserTests("spec/user-tests", withVitest, env);
    if (process.env["UPDATE"] === "1" && !process.env["CI"]) writeFileSync(golden, outcomes);
    expect(outcomes, printed).toBe(readFileSync(golden, "utf8"));
    expect(code).toBe(1);
    expect(printed).toMatch(/\nL1 repeat: \d+ of 500 cases in 6\.0 s\n/);
    expect(printed.match(/warning E0701/g)).toHaveLength(1);
  });

  test("matchers, options and values are typed", async () => {
    const files = ["pipelines.test.ts", "vitest.config.ts"];
    for (const name of files)
      copyFileSync(path.join(root, "spec", "user-tests", name), path.join(withVitest.path, name));
    expect(await typeErrors(files, withVitest)).toBe("");
  });

  test("the example passes, and its types are right", async () => {
    const { code, printed } = await runUserTests("examples/tested", tested);
    expect(code, printed).toBe(0);
    expect(await typeErrors(["flowers.spec.ts", "vitest.config.ts"], tested)).toBe("");
  });
});

/** What tsc says of files in a folder. */
async function typeErrors(files: readonly string[], { path: cwd }: Folder): Promise<string> {
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const flags = "--noEmit --strict --skipLibCheck --target esnext --module nodenext --types node";
  const ended = await runProgram(process.execPath, [tsc, ...flags.split(" "), ...files], { cwd });
  return ended.stdout + ended.stderr;
}
