/** The command that stands in for Python's `mlflow`: the same words to both have the same outcome. */
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { mlflowFolder, plainEnvironment } from "./support/mlflow.ts";
import { type Ended, type Folder, root, runProgram, temporaryFolder } from "./support/mlpipe.ts";
import { openTracking } from "../src/tracking/open.ts";

const entry = path.join(root, "src", "cli", "mlflow-bin.ts");
const store = { MLFLOW_TRACKING_URI: "sqlite:///mlflow.db" };

function ours(folder: Folder, words: readonly string[]): Promise<Ended> {
  return runProgram(process.execPath, [entry, ...words], {
    cwd: folder.path,
    env: plainEnvironment(store),
  });
}

function theirs(folder: Folder, words: readonly string[]): Promise<Ended> {
  return runProgram(path.join(mlflowFolder ?? "", "bin", "mlflow"), words, {
    cwd: folder.path,
    env: plainEnvironment(store),
  });
}

async function startRun(folder: Folder): Promise<string> {
  const tracking = await openTracking(undefined, { folder: folder.path });
  const { run } = await tracking.call("runs/create", { experiment_id: "0", start_time: 1 });
  await tracking.close();
  return run.info.run_id;
}

/** The files that {mlflow} in R has on its disk. */
function prepare(): Folder {
  const folder = temporaryFolder();
  folder.write("a.txt", "a\n");
  mkdirSync(path.join(folder.path, "dd", "deep"), { recursive: true });
  folder.write("dd/b.txt", "b\n");
  folder.write("dd/deep/c é.txt", "c\n");
  return folder;
}

const logging: readonly (readonly string[])[] = [
  ["log-artifact", "--local-file", "a.txt"],
  ["log-artifact", "--local-file", "a.txt", "--artifact-path", "sub/dir"],
  ["log-artifacts", "--local-dir", "dd"],
  ["log-artifacts", "--local-dir", "dd", "--artifact-path", "model"],
];

describe("mlpipe-mlflow artifacts", () => {
  test("logs files and folders, lists them, and fetches them by run and by address", async () => {
    using folder = prepare();
    const id = await startRun(folder);
    for (const words of logging)
      expect((await ours(folder, ["artifacts", ...words, "--run-id", id])).code).toBe(0);
    const listed = await ours(folder, ["artifacts", "list", "-r", id]);
    expect((JSON.parse(listed.stdout) as { path: string }[]).map((file) => file.path)).toEqual([
      "a.txt",
      "b.txt",
      "deep",
      "model",
      "sub",
    ]);
    const byRun = await ours(folder, ["artifacts", "download", "--run-id", id, "-a", "sub"]);
    expect(byRun.stdout).toMatch(/^\n\/.*\/sub\n$/);
    expect(readFileSync(path.join(byRun.stdout.trim(), "dir", "a.txt"), "utf8")).toBe("a\n");
    const byAddress = await ours(folder, ["artifacts", "download", "-u", `runs:/${id}/model`]);
    const fetched = path.join(byAddress.stdout.trim(), "deep", "c é.txt");
    expect(readFileSync(fetched, "utf8")).toBe("c\n");
    const local = await ours(folder, ["artifacts", "download", "-u", path.join(folder.path, "dd")]);
    expect(local.stdout.trim()).toBe(path.join(folder.path, "dd"));
  });

  test.each([
    ["a file that is not there", ["log-artifact", "--local-file", "no.txt", "--run-id", "x"], 1],
    ["a folder that is not there", ["log-artifacts", "--local-dir", "no", "--run-id", "x"], 1],
    ["a run that is not there", ["list", "--run-id", "0".repeat(32)], 1],
    ["neither run nor address", ["download"], 1],
    ["a flag that is missing", ["list"], 2],
    ["a command that it does not have", ["fetch"], 2],
  ] as const)("refuses %s, and says so on standard error", async (_, words, code) => {
    using folder = prepare();
    const ended = await ours(folder, ["artifacts", ...words]);
    expect([ended.code, ended.stdout]).toEqual([code, ""]);
    expect(ended.stderr).toMatch(/^\S.{10,}/);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  test("names what is missing as Python does, which {mlflow} passes on to its user", async () => {
    using folder = prepare();
    const id = await startRun(folder);
    const ended = await ours(folder, ["artifacts", "download", "--run-id", id, "-a", "zzz"]);
    expect(ended.stderr).toMatch(/^FileNotFoundError: /);
    expect([ended.code, ended.stdout]).toEqual([1, ""]);
  });

  test("keeps a store in the folder that {mlflow} names where no tracking URI is set", async () => {
    using folder = prepare();
    const uri = `file://${path.join(folder.path, "mlruns")}`;
    const ended = await runProgram(process.execPath, [entry, "artifacts", "list", "-r", "x"], {
      cwd: folder.path,
      env: plainEnvironment({ MLFLOW_TRACKING_URI: uri }),
    });
    expect(ended.stderr).toMatch(/no run with the id x/);
  });
});

describe.skipIf(mlflowFolder === undefined)("beside Python's mlflow", () => {
  test(
    "the same words leave the same artifacts and print the same list",
    { timeout: 240_000 },
    async () => {
      using folder = prepare();
      const [mine, python] = [await startRun(folder), await startRun(folder)];
      for (const words of logging.slice(1, 3)) {
        const a = await ours(folder, ["artifacts", ...words, "--run-id", mine]);
        const b = await theirs(folder, ["artifacts", ...words, "--run-id", python]);
        expect([a.code, a.stdout]).toEqual([b.code, b.stdout]);
      }
      for (const below of ["", "deep"]) {
        const at = below === "" ? [] : ["--artifact-path", below];
        const a = await ours(folder, ["artifacts", "list", "--run-id", mine, ...at]);
        const b = await theirs(folder, ["artifacts", "list", "--run-id", python, ...at]);
        expect([a.code, JSON.parse(a.stdout)]).toEqual([b.code, JSON.parse(b.stdout)]);
      }
      const a = await ours(folder, ["artifacts", "download", "-r", mine, "-a", "sub", "-d", "to"]);
      const b = await theirs(folder, [
        "artifacts",
        "download",
        "-r",
        python,
        "-a",
        "sub",
        "-d",
        "to2",
      ]);
      expect(a.stdout.replace("/to/", "/to2/")).toBe(b.stdout);
    },
  );
});
