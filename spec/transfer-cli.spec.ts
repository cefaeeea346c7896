/** `mlpipe push` and `mlpipe import` as commands: what they print, and how they end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, cp, readdir } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { type Ended, entry, mlpipe, runProgram, temporaryFolder } from "./support/mlpipe.ts";
import { startServer } from "./support/server.ts";
import { stockOf } from "./support/transfer.ts";
import { unprivileged } from "./support/unprivileged.ts";

const fixture = path.join(import.meta.dirname, "support/mlruns-fixture/store");

/** Without ids, which differ each time that the fixture is made. */
function shown({ stdout, stderr, code }: Ended): string {
  const text = `${stdout}${stderr}[${code}]`;
  return text.replaceAll(/\b[0-9a-f]{32}\b/g, "ID").replaceAll(/127\.0\.0\.1:\d+/g, "HOST");
}

describe.concurrent("import", () => {
  test("says what has come, and nothing when there is nothing new", async () => {
    using folder = temporaryFolder();
    await cp(fixture, path.join(folder.path, "mlruns"), { recursive: true });
    const first = await mlpipe(["import", "mlruns"], { cwd: folder.path });
    expect(shown(first)).toBe(`new      run still running  ID
new      run child  ID
new      run first  ID  6 B
new      run deleted run  ID
new      run in the bin  ID
new      logged model tree  m-ID  45 B
new      model version Tree 1
new      model version Tree 3
runs: 5 new; logged models: 1 new; model versions: 2 new; 51 B of artifacts
[0]`);
    const again = await mlpipe(["import", "mlruns"], { cwd: folder.path });
    expect(shown(again)).toBe(
      "runs: 5 unchanged; logged models: 1 unchanged; model versions: 2 unchanged\n[0]",
    );
    const runs = await mlpipe(["runs"], { cwd: folder.path });
    expect(runs.stdout).toMatch(/child .* FAILED/);
  });

  test("goes on where something cannot be brought over, tells where, and fails", async () => {
    using folder = temporaryFolder();
    const mlruns = path.join(folder.path, "mlruns");
    await cp(fixture, mlruns, { recursive: true });
    const [loss = ""] = (await readdir(mlruns, { recursive: true })).filter((name) =>
      name.endsWith("metrics/loss"),
    );
    await appendFile(path.join(mlruns, loss), "not a point\n\x1b[31m");
    const ended = await mlpipe(["import", "mlruns"], { cwd: folder.path });
    expect(ended.stderr).toContain("metrics/loss:7: is no point of a metric\n");
    expect(ended.stderr).not.toContain("\x1b[31m");
    expect(ended.stdout).toMatch(/runs: 5 new; .*; 2 not brought over\n$/);
    expect(ended.code).toBe(1);
  });

  test("goes on where files may not be read, tells which, and fails", async () => {
    using folder = temporaryFolder();
    const mlruns = path.join(folder.path, "mlruns");
    await cp(fixture, mlruns, { recursive: true });
    const names = (await readdir(mlruns, { recursive: true })).filter((name) =>
      /params\/cp$|metrics\/score$/.test(name),
    );
    for (const name of names) await chmod(path.join(mlruns, name), 0);
    const [file, ...words] = unprivileged([process.execPath, entry, "import", "mlruns"]);
    const env = { ...process.env, MLFLOW_TRACKING_URI: "" };
    const ended = await runProgram(file, words, { cwd: folder.path, env });
    expect(names).toHaveLength(3);
    expect(ended.stderr).toMatch(/params\/cp: cannot be read: EACCES/);
    expect(ended.stderr).toMatch(/models\/m-[0-9a-f]+\/metrics\/score: cannot be read: EACCES/);
    expect(ended.stderr).toMatch(/run [0-9a-f]{32}: is not whole at the target: EACCES/);
    expect(ended.stderr.split("\n")).toHaveLength(4);
    expect(ended.stdout).toMatch(/runs: 4 new; .*; 3 not brought over\n$/);
    expect(ended.code).toBe(1);
  });

  test("never shows the password of an address", async () => {
    using folder = temporaryFolder();
    const { url } = await startServer();
    const named = url.replace("//", "//ada:s3cret@");
    for (const words of [
      ["import", named, "--tracking-uri", url],
      ["push", url, "--tracking-uri", named],
      ["import", "http://ada:s3cret@127.0.0.1:1"],
    ]) {
      const env = { MLPIPE_TRACKING_TIMEOUT: "1", MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
      const ended = await mlpipe(words, { cwd: folder.path, env });
      expect(ended.stderr).toContain(words[1]?.replace("ada:s3cret@", "").replace("http://", ""));
      expect(ended.stdout + ended.stderr).not.toContain("s3cret");
      expect(ended.code).toBeGreaterThan(0);
    }
  });

  test("--dry-run says what would come, and makes no file", async () => {
    using folder = temporaryFolder();
    const words = ["import", fixture, "--dry-run"];
    const ended = await mlpipe(words, { cwd: folder.path });
    expect(ended.stdout).toMatch(/^new {6}run .*\n(.*\n)*runs: 5 new; .*\n$/);
    expect([ended.code, await readdir(folder.path)]).toEqual([0, []]);
  });

  test("--json prints each event, and the sums at the end", async () => {
    using folder = temporaryFolder();
    const ended = await mlpipe(["import", fixture, "--json"], { cwd: folder.path });
    const events = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.filter(({ kind }) => kind === "copied")).toHaveLength(8);
    expect(events.at(-1)).toMatchObject({
      kind: "ended",
      bytes: 51,
      problems: 0,
      counts: { run: { new: 5, updated: 0, unchanged: 0, left: 0 } },
    });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
  });

  test.each([
    [["import", "none"], /^mlpipe: none is not there\n {2}\S/],
    [["import", "mlflow.db"], /^mlpipe: mlflow\.db is not there\n {2}\S/],
    [["import", "http://127.0.0.1:1"], /^mlpipe: Nobody answers at 127\.0\.0\.1:1.*\n {2}\S/],
    [["import", "postgresql://host/db"], /^mlpipe: .*\n {2}\S/],
    [["import", "."], /^mlpipe: .* is no folder in which MLflow keeps runs.*\n {2}\S/],
    [["push", "sqlite:///mlflow.db"], /^mlpipe: .*\n {2}\S/],
    [["push", "http://127.0.0.1:1", "--tracking-uri", "http://x"], /^mlpipe: .*\n {2}\S/],
  ])("%j is refused in a line, with what to do", async (words, message) => {
    using folder = temporaryFolder();
    const env = { MLPIPE_TRACKING_TIMEOUT: "1", MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
    const ended = await mlpipe(words, { cwd: folder.path, env });
    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBeGreaterThan(0);
    expect(ended.stdout).toBe("");
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("push", () => {
  test("brings all, then what is new; and a run that was named, with its parent", async () => {
    using folder = temporaryFolder();
    const { url, tracking } = await startServer();
    await mlpipe(["import", fixture], { cwd: folder.path });
    const here = await openTracking(undefined, { folder: folder.path });
    const { experiment } = await here.call("experiments/get-by-name", {
      experiment_name: "iris: trees & more",
    });
    const { runs = [] } = await here.call("runs/search", {
      experiment_ids: [experiment.experiment_id],
    });
    const child = runs.find(({ info }) => info.run_name === "child")?.info.run_id ?? "";
    await here.close();
    const named = await mlpipe(["push", url, "--run", child], { cwd: folder.path });
    expect(shown(named)).toBe(`new      run first  ID is ID there  6 B
new      run child  ID is ID there
new      logged model tree  m-ID is m-ID there  45 B
runs: 2 new; logged models: 1 new; 51 B of artifacts
[0]`);
    const all = await mlpipe(["push", url], { cwd: folder.path });
    expect(all.stdout).toMatch(
      /runs: 3 new, 2 unchanged; logged models: 1 unchanged; model versions: 2 new\n$/,
    );
    expect([all.code, all.stderr]).toEqual([0, ""]);
    expect(
      (await tracking.call("registered-models/get", { name: "Tree" })).registered_model,
    ).toMatchObject({
      aliases: [{ alias: "champion", version: "3" }],
    });
  });

  test("comes to the same though it is killed again and again", async () => {
    using folder = temporaryFolder();
    const { url } = await startServer();
    const here = await openTracking(undefined, { folder: folder.path });
    const file = folder.write("content", "0123456789");
    for (let at = 0; at < 24; at += 1) {
      const { run } = await here.call("runs/create", {
        experiment_id: "0",
        run_name: `run ${at}`,
        start_time: at + 1,
      });
      const { run_id } = run.info;
      const metrics = [0, 1, 2].map((step) => ({ key: "m", value: at, timestamp: 1, step }));
      await here.call("runs/log-batch", { run_id, metrics });
      await here.upload(run_id, file, "a.txt");
      await here.call("runs/update", { run_id, status: "FINISHED", end_time: at + 2 });
    }
    await here.close();
    for (const lines of [1, 4, 9]) await pushUntil(folder.path, url, lines);
    const last = await mlpipe(["push", url], { cwd: folder.path });
    expect([last.code, last.stderr]).toEqual([0, ""]);
    const store = path.join(folder.path, "mlflow.db");
    expect(await stockOf(url, folder.path)).toEqual(await stockOf(store, folder.path));
  });

  test("without an address says that nothing waits, where nothing does", async () => {
    using folder = temporaryFolder();
    const ended = await mlpipe(["push"], { cwd: folder.path });
    expect(shown(ended)).toBe("no run waits for a server; to push all: mlpipe push ADDRESS\n[0]");
    expect(await readdir(folder.path)).toEqual([]);
  });
});

/** Kills the command when it has told of so many runs. */
async function pushUntil(cwd: string, url: string, lines: number): Promise<void> {
  const child = spawn(process.execPath, [entry, "push", url], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout }))
    if (++seen === lines) child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
}
