/** Replays of what lies elsewhere, or has become another: a commit, packages, a server, an MLproject. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { fence, startMlpipe } from "./support/attempt.ts";
import { readFacts } from "./support/facts.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";
import { pairProject, replay, runWell, sameInPair, verdictsOf } from "./support/replays.ts";
import { serverOfTest } from "./support/server-process.ts";

describe("a project in git", () => {
  test("is restored from its commit and its changes, with what the code does not name", async () => {
    using folder = temporaryFolder();
    const git = (...words: readonly string[]): string =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], {
        cwd: folder.path,
        encoding: "utf8",
      });
    mkdirSync(path.join(folder.path, "deep", "parts"), { recursive: true });
    const code = [
      'import { readFileSync } from "node:fs";',
      'const file = ["..", "shared", "number"].join("/") + ".txt";',
      'const m = Number(readFileSync(file, "utf8"));',
    ];
    const text = ["mlpipe 1", "", "run it {", "  metric m", fence("js", ...code), "}", ""];
    folder.write("deep/it.mlpipe", text.join("\n"));
    mkdirSync(path.join(folder.path, "shared"));
    folder.write("shared/number.txt", "1\n");
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    folder.write("shared/number.txt", "2\n");
    const deep = { ...folder, path: path.join(folder.path, "deep") };
    await runWell(deep, ["it.mlpipe"]);
    git("checkout", "--quiet", "shared/number.txt");
    folder.write("shared/number.txt", "3\n");
    git("commit", "--quiet", "-am", "three");
    const replayed = await replay(deep, "it");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL", notes: [] } });
    expect(git("status", "--porcelain", "--untracked-files=no")).toBe("");
    rmSync(path.join(folder.path, ".git"), { recursive: true });
    const alone = await replay(deep, "it");
    expect(alone).toMatchObject({
      code: 3,
      replay: {
        verdict: "DIFFERENT",
        notes: [expect.stringMatching(/^no repository here has the commit [0-9a-f]{12}/)],
      },
    });
  });
});

describe("a package of another version is the cause that is named", () => {
  test("in Node", async () => {
    using folder = temporaryFolder();
    const modules = path.join(folder.path, "node_modules", "halves");
    const install = (version: string, factor: string): void => {
      mkdirSync(modules, { recursive: true });
      const about = { name: "halves", version, type: "module", exports: "./main.js" };
      writeFileSync(path.join(modules, "package.json"), JSON.stringify(about));
      writeFileSync(path.join(modules, "main.js"), `export const half = (x) => x * ${factor};\n`);
    };
    const code = ['import { half } from "halves";', "const m = half(3);"];
    const text = ["mlpipe 1", "", "run it {", "  metric m", fence("js", ...code), "}", ""];
    folder.write("it.mlpipe", text.join("\n"));
    install("2.0.0", "0.5");
    const { stdout } = await runWell(folder, ["it.mlpipe"]);
    expect(stdout).toContain("replayable 5/6: pin halves (no lock file names its version)");
    install("1.9.0", "0.25");
    expect(await replay(folder, "it")).toMatchObject({
      code: 3,
      replay: {
        changes: [
          { cause: "package", name: "package halves", step: "it", before: "2.0.0", after: "1.9.0" },
        ],
        suspects: [{ cause: "package" }],
      },
    });
  });

  test.skipIf(noR)("in R", async () => {
    using folder = temporaryFolder();
    const library = path.join(folder.path, "library");
    mkdirSync(library);
    const install = (version: string, factor: string): void => {
      const source = path.join(folder.path, "halves");
      mkdirSync(path.join(source, "R"), { recursive: true });
      const about = ["Package: halves", `Version: ${version}`, "Title: Halves", "License: none"];
      writeFileSync(path.join(source, "DESCRIPTION"), `${about.join("\n")}\n`);
      writeFileSync(path.join(source, "NAMESPACE"), "export(half)\n");
      writeFileSync(path.join(source, "R", "half.R"), `half <- function(x) x * ${factor}\n`);
      const words = ["CMD", "INSTALL", "--no-docs", `--library=${library}`, source];
      execFileSync("R", words, { stdio: "ignore" });
    };
    const text = [
      "mlpipe 1",
      "",
      "run it {",
      "  metric m",
      fence("r", "m <- halves::half(3)"),
      "}",
    ];
    folder.write("it.mlpipe", `${text.join("\n")}\n`);
    const env = { R_LIBS_USER: library };
    install("2.0.0", "0.5");
    await runWell(folder, ["it.mlpipe"], env);
    install("1.9.0", "0.25");
    expect(await replay(folder, "it", { env })).toMatchObject({
      code: 3,
      replay: {
        changes: [{ cause: "package", name: "package halves", before: "2.0.0", after: "1.9.0" }],
        suspects: [{ cause: "package", step: "it" }],
      },
    });
  });
});

test("a run is replayed from a server by a machine that has nothing else of it", async () => {
  using here = temporaryFolder();
  using there = temporaryFolder();
  using elsewhere = temporaryFolder();
  const { uri } = await serverOfTest(there.path);
  pairProject(here);
  await runWell(here, ["pair.mlpipe", "--tracking-uri", uri]);
  rmSync(here.path, { recursive: true });
  const replayed = await replay(elsewhere, "pair", { words: ["--tracking-uri", uri] });
  expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
  expect(verdictsOf(replayed)).toEqual(sameInPair);
  // By what lay there, the run would have been ended had this been killed.
  const left = readdirSync(elsewhere.path, { recursive: true, encoding: "utf8" });
  expect(left.toSorted()).toEqual([".mlpipe", path.join(".mlpipe", "open")]);
  const runs = await readFacts(uri, there.path);
  expect(runs.map(({ name, status }) => [name, status])).toEqual([
    ["pair", "FINISHED"],
    ["replay of pair", "FINISHED"],
  ]);
});

describe("the run of an MLproject", () => {
  const mlproject = [
    "name: it",
    "entry_points:",
    "  main:",
    "    parameters:",
    "      k: {type: float, default: 0.5}",
    '      rows: {type: path, default: "rows.csv"}',
    `    command: "${process.execPath} main.mjs {k} {rows}"`,
    "",
  ].join("\n");
  const program = (value: string): string =>
    [
      'import { readFileSync } from "node:fs";',
      'import { factor } from "./lib/factor.mjs";',
      "const [k, rows] = process.argv.slice(2);",
      `const value = ${value};`,
      "const uri = process.env.MLFLOW_TRACKING_URI.replace(/^sqlite:\\/\\/\\//, '');",
      'const { DatabaseSync } = await import("node:sqlite");',
      "const db = new DatabaseSync(uri);",
      "const add = \"INSERT INTO metrics VALUES ('m', ?, 1, ?, 0, 0)\";",
      "db.prepare(add).run(value, process.env.MLFLOW_RUN_ID);",
      "const last = \"INSERT INTO latest_metrics VALUES ('m', ?, 1, 0, 0, ?)\";",
      "db.prepare(last).run(value, process.env.MLFLOW_RUN_ID);",
      "db.close();",
      "",
    ].join("\n");

  function project(folder: Folder, value: string): void {
    mkdirSync(path.join(folder.path, "lib"), { recursive: true });
    folder.write("MLproject", mlproject);
    folder.write("lib/factor.mjs", "export const factor = 3;\n");
    folder.write("rows.csv", "1\n2\n");
    folder.write("main.mjs", program(value));
  }

  test("is replayed from a copy of its files, with its params", async () => {
    using folder = temporaryFolder();
    project(folder, 'factor * k + readFileSync(rows, "utf8").length');
    await runWell(folder, [".", "-P", "k=0.25"]);
    for (const name of ["MLproject", "main.mjs", "rows.csv"]) rmSync(path.join(folder.path, name));
    const replayed = await replay(folder, "latest");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL", changes: [] } });
    expect(verdictsOf(replayed)).toEqual({ "main.m": "IDENTICAL" });
    const [first, second] = await readFacts(undefined, folder.path);
    expect(second).toMatchObject({
      name: `replay of ${first?.name}`,
      params: { k: "0.25" },
      tags: { "mlpipe.verdict": "IDENTICAL" },
    });
  });

  test("differs where its code draws random numbers", async () => {
    using folder = temporaryFolder();
    project(folder, "Math.random()");
    await runWell(folder, ["."]);
    const replayed = await replay(folder, "latest");
    expect(replayed).toMatchObject({ code: 3, replay: { verdict: "DIFFERENT", guilty: ["main"] } });
  });
});

/** A run is there, and its replay has come to the middle of its step; `ready` holds where that works. */
async function halfReplayed(folder: Folder) {
  const code = [
    'import { existsSync, writeFileSync } from "node:fs";',
    'if (process.cwd().includes("mlpipe-replay-")) {',
    "  writeFileSync(process.env.READY, process.cwd());",
    "  await new Promise((done) => setTimeout(done, 60_000));",
    "}",
    "const m = existsSync('x') ? 1 : 2;",
  ];
  const text = ["mlpipe 1", "", "run it {", "  metric m", fence("js", ...code), "}", ""];
  folder.write("it.mlpipe", text.join("\n"));
  const ready = path.join(folder.path, "ready");
  await runWell(folder, ["it.mlpipe"], { READY: ready });
  const running = startMlpipe(["replay", "it"], folder.path, { READY: ready });
  await vi.waitUntil(() => existsSync(ready), { timeout: 60_000, interval: 50 });
  return { running, ready };
}

test("a replay that was killed is ended by the next look at the runs", async () => {
  using folder = temporaryFolder();
  const { running, ready } = await halfReplayed(folder);
  running.child.kill("SIGKILL");
  await running.ended;
  const [left] = /^.*\/mlpipe-replay-[^/]+(?=\/)/.exec(readFileSync(ready, "utf8")) ?? [];
  if (left === undefined) throw new Error("the replay worked in no folder of its own");
  rmSync(left, { recursive: true, force: true });
  const { stderr } = await mlpipe(["runs"], { cwd: folder.path });
  expect(stderr).toContain("R0859");
  const runs = await readFacts(undefined, folder.path);
  expect(runs.map(({ status }) => status)).toEqual(["FINISHED", "KILLED"]);
});

test("a replay that is interrupted says so, and leaves its run KILLED and no file", async () => {
  using folder = temporaryFolder();
  const { running, ready } = await halfReplayed(folder);
  running.child.kill("SIGINT");
  const { code: exit, stderr } = await running.ended;
  expect([exit, stderr.split("\n").at(-2)]).toEqual([
    130,
    "mlpipe: interrupted by SIGINT; there is no verdict",
  ]);
  expect(existsSync(readFileSync(ready, "utf8"))).toBe(false);
  const runs = await readFacts(undefined, folder.path);
  expect(runs.map(({ status }) => status)).toEqual(["FINISHED", "KILLED"]);
});

test("no `from run` takes a replay for a run of that name", async () => {
  using folder = temporaryFolder();
  const text = [
    "mlpipe 1",
    "",
    "run make {",
    "  artifact out: json",
    fence("js", "const out = [1];"),
    "}",
    "",
    "run use {",
    "  input out from run make",
    "  metric m",
    fence("js", "const m = out[0];"),
    "}",
    "",
  ];
  folder.write("it.mlpipe", text.join("\n"));
  await runWell(folder, ["it.mlpipe", "make"]);
  const { replay: first } = await replay(folder, "make");
  await runWell(folder, ["it.mlpipe", "use"]);
  const [, , used] = await readFacts(undefined, folder.path);
  expect(used?.tags["mlpipe.input_from.out"]).toBe("make, newest of make");
  const ids = readdirSync(path.join(folder.path, "mlruns", "0"));
  expect(ids).toContain(first?.replayId);
});

describe("a replay that is to find out why", () => {
  test("names the cause, its line and what mends it, and keeps them with the run", async () => {
    using folder = temporaryFolder();
    const code = ["const half = 0.5;", "const m = half + Math.random();"];
    const text = ["mlpipe 1", "", "run it {", "  metric m", fence("js", ...code), "}", ""];
    folder.write("it.mlpipe", text.join("\n"));
    await runWell(folder, ["it.mlpipe"]);
    const replayed = await replay(folder, "it", { words: ["--diagnose"] });
    expect(replayed).toMatchObject({
      code: 3,
      replay: {
        diagnosis: {
          verdict: "explained",
          findings: [
            {
              cause: "unseeded-rng",
              step: "it",
              place: { file: "it.mlpipe", line: 7 },
              outputs: ["m"],
            },
          ],
        },
      },
    });
    const [, made] = await readFacts(undefined, folder.path);
    expect(made?.tags["mlpipe.cause"]).toMatch(/^unseeded-rng at it\.mlpipe:7: /);
  });

  test("finds nothing in a run that gives the same, and is not asked", async () => {
    using folder = temporaryFolder("hello");
    await runWell(folder, ["hello.mlpipe"]);
    const replayed = await replay(folder, "hello", { words: ["--diagnose"] });
    expect(replayed).toMatchObject({ code: 0 });
    expect(replayed.replay).not.toHaveProperty("diagnosis");
  });
});
