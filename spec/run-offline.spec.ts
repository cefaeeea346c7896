/** A server that is away, or goes away: the run is kept here, and pushed when the server is there again. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLasting } from "../src/tracking/offline/open-lasting.ts";
import { openTracking } from "../src/tracking/open.ts";
import type { TrackedRun } from "../src/tracking/entities.ts";
import { LastingTracking } from "../src/tracking/offline/lasting-tracking.ts";
import { openStore } from "../src/tracking/store/open-store.ts";
import { TrackingError, type Tracking } from "../src/tracking/tracking.ts";
import { fence, oneRun } from "./support/attempt.ts";
import { startFake, type Behaviour } from "./support/fake-server.ts";
import { freePort } from "./support/mlflow.ts";
import { entry, mlpipe, runProgram, temporaryFolder, type Folder } from "./support/mlpipe.ts";
import { openTestServer, trackerThat } from "./support/server.ts";
import { failureOf, startRun } from "./support/store.ts";

const good = oneRun("  param cp: float = 0.5", "  metric x", fence("js", "const x = cp"));
const impatient = {
  MLFLOW_HTTP_REQUEST_TIMEOUT: "1",
  MLPIPE_TRACKING_TIMEOUT: "2",
  MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1",
};

/** All runs of the store in the folder, or of a server. */
async function runsOf(folder: string, uri?: string): Promise<readonly TrackedRun[]> {
  const tracking = await openTracking(uri, { folder, lookOnly: true, environment: {} });
  try {
    const { experiments = [] } = await tracking.call("experiments/search", { max_results: 100 });
    const experiment_ids = experiments.map(({ experiment_id }) => experiment_id);
    return (await tracking.call("runs/search", { experiment_ids })).runs ?? [];
  } finally {
    await tracking.close();
  }
}

function tagsOf(run: TrackedRun | undefined): Record<string, string> {
  return Object.fromEntries((run?.data.tags ?? []).map(({ key, value }) => [key, value]));
}

interface Server {
  readonly uri: string;
  readonly child: ChildProcess;
}

/** `mlpipe server` as a process of its own. */
async function serve(folder: Folder, port: number): Promise<Server> {
  const words = [entry, "server", "--port", String(port)];
  const child = spawn(process.execPath, words, {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const uri = /http:\S+/.exec(line)?.[0];
    if (uri !== undefined) return { uri, child };
  }
  throw new Error("the server has ended");
}

async function kill({ child }: Server): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

describe.concurrent("a server that is away when the run begins", () => {
  const away: readonly (readonly [string, Behaviour | undefined])[] = [
    ["nobody listens", undefined],
    ["it hangs", { kind: "hang" }],
    ["it hangs up", { kind: "reset" }],
    ["a gateway has nobody behind it", { kind: "answer", status: 502, body: "Bad Gateway" }],
  ];
  test.each(away)("leaves the run in the store here, and says so: %s", async (_, behaviour) => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good);
    const server = await startFake();
    if (behaviour === undefined) await server.close();
    else server.script("/", ...Array.from({ length: 20 }, () => behaviour));
    const uri = server.uri.replace("//", "//ada:s3cret@");
    const env = { ...impatient, MLFLOW_TRACKING_URI: uri };
    const ended = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path, env });
    if (behaviour !== undefined) await server.close();
    expect(ended.stderr).toMatch(
      /^warning R0855 {2}.*127\.0\.0\.1:\d+.*: the run is logged here instead, to sqlite:\/\/\/mlflow\.db\n {2}fix: .*mlpipe push\n$/,
    );
    expect(ended.stderr).not.toContain("s3cret");
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringMatching(/FINISHED/)]);
    const [run] = await runsOf(folder.path);
    expect(run?.info.status).toBe("FINISHED");
    expect(tagsOf(run)["mlpipe.intended_tracking_uri"]).toBe(server.uri);
  });

  test("keeps a run that was made there from going on, since it is there", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good);
    const server = await startFake();
    await server.close();
    const env = { ...impatient, MLFLOW_TRACKING_URI: server.uri, MLFLOW_RUN_ID: "0".repeat(32) };
    const ended = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path, env });
    expect(ended.stderr).toMatch(/^error UNREACHABLE /);
    expect(ended.code).toBe(1);
    expect(readdirSync(folder.path)).not.toContain("mlflow.db");
  });
});

describe("a server that goes away in the middle of a run", () => {
  /** Logs, waits until the file `go` is there, and logs again. */
  const slow = oneRun(
    '  tag "team" = "flora"',
    "  param cp: float = 0.5",
    "  metric loss over epoch",
    "  artifact note: text",
    fence(
      "js",
      `const { existsSync } = await import("node:fs")
log.metric("loss", 3, 1)
while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 20))
log.metric("loss", 2, 2)
log.metric("loss", 1, 3)
const note = "kept " + cp`,
    ),
  );

  test("has the rest logged here, and a push completes its run", async () => {
    using folder = temporaryFolder();
    using there = temporaryFolder();
    folder.write("it.mlpipe", slow);
    const port = await freePort();
    const server = await serve(there, port);
    const env = { ...process.env, ...impatient, MLFLOW_TRACKING_URI: server.uri };
    const running = runProgram(process.execPath, [entry, "run", "it.mlpipe"], {
      cwd: folder.path,
      env,
    });
    await until(async () => (await latestLoss(there.path, server.uri)) === 3);
    await kill(server);
    writeFileSync(path.join(folder.path, "go"), "");
    const ended = await running;
    expect(ended.stderr).toMatch(/warning R0856 .*: the rest of the run is logged here/);
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringMatching(/FINISHED/)]);

    const [rest] = await runsOf(folder.path);
    expect(rest?.info.status).toBe("FINISHED");
    expect(tagsOf(rest)).toMatchObject({
      "mlpipe.intended_tracking_uri": server.uri,
      "mlpipe.partial": expect.stringContaining(server.uri),
    });

    const again = await serve(there, port);
    expect((await runsOf(there.path, again.uri))[0]?.info.status).toBe("RUNNING");
    const pushed = await mlpipe(["push"], { cwd: folder.path });
    expect(pushed.stderr).toBe("");
    expect(pushed.stdout).toMatch(/runs: 1 updated/);
    const [run] = await runsOf(there.path, again.uri);
    expect(run?.info).toMatchObject({ run_id: rest?.info.run_id, status: "FINISHED" });
    expect(run?.data.params).toEqual([{ key: "cp", value: "0.5" }]);
    expect(tagsOf(run)).toMatchObject({ team: "flora" });
    expect(tagsOf(run)).not.toHaveProperty("mlpipe.partial");
    expect(await lossAt(again.uri, run?.info.run_id ?? "")).toEqual([3, 2, 1]);
    expect((await mlpipe(["push"], { cwd: folder.path })).stdout).toMatch(/no run waits/);
  });
});

describe("calls of a run whose server goes away", () => {
  interface Lasting {
    readonly tracking: Tracking;
    /** An experiment of the server's. */
    readonly iris: string;
    readonly folder: Folder;
    /** The server is there no more. */
    readonly lose: () => Promise<void>;
    /** The server's own store, until it is lost. */
    readonly server: Tracking;
  }

  async function lasting(adopted?: (server: Tracking) => Promise<string>): Promise<Lasting> {
    const folder = temporaryFolder();
    onTestFinished(() => folder[Symbol.dispose]());
    const { url, tracking: server, close } = await openTestServer();
    let isOpen = true;
    const lose = async (): Promise<void> => {
      if (isOpen) await close();
      isOpen = false;
    };
    onTestFinished(lose);
    const tracking = await openLasting(url, {
      folder: folder.path,
      environment: { ...impatient, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" },
      adopted: await adopted?.(server),
      lost: () => {},
    });
    onTestFinished(() => tracking.close());
    const { experiment_id } = await server.call("experiments/create", { name: "iris" });
    return { tracking, iris: experiment_id, folder, lose, server };
  }

  test("from two runs at once land in one experiment, none of them lost", async () => {
    const { tracking, iris, folder, lose } = await lasting();
    const ids = [await startRun(tracking, iris), await startRun(tracking, iris)];
    await lose();
    const set = (run_id: string, key: string): Promise<unknown> =>
      tracking.call("runs/set-tag", { run_id, key, value: "kept" });
    await Promise.all(ids.flatMap((id) => [set(id, "a"), set(id, "b")]));
    const runs = await runsOf(folder.path);
    expect(runs.map(({ info }) => info.run_id).toSorted()).toEqual(ids.toSorted());
    for (const run of runs) expect(tagsOf(run)).toMatchObject({ a: "kept", b: "kept" });
  });

  test("see in its run the tags from before", async () => {
    const { tracking, iris, lose } = await lasting();
    const tags = [{ key: "made", value: "with it" }];
    const run_id = await startRun(tracking, iris, { tags });
    await tracking.call("runs/set-tag", { run_id, key: "set", value: "later" });
    await tracking.call("runs/log-batch", { run_id, tags: [{ key: "batch", value: "too" }] });
    await tracking.call("runs/set-tag", { run_id, key: "gone", value: "x" });
    await tracking.call("runs/delete-tag", { run_id, key: "gone" });
    await lose();
    const { run } = await tracking.call("runs/get", { run_id });
    expect(tagsOf(run)).toMatchObject({ made: "with it", set: "later", batch: "too" });
    expect(tagsOf(run)).not.toHaveProperty("gone");
  });

  test("see how its run has ended before", async () => {
    const { tracking, iris, lose } = await lasting();
    const run_id = await startRun(tracking, iris);
    await tracking.call("runs/update", { run_id, status: "FAILED", end_time: 7, run_name: "new" });
    await lose();
    const { run } = await tracking.call("runs/get", { run_id });
    expect(run.info).toMatchObject({ status: "FAILED", end_time: 7, run_name: "new" });
  });

  test("about a run of others fail as the server did, and make none here", async () => {
    const { tracking, iris, folder, lose, server } = await lasting();
    await startRun(tracking, iris);
    const theirs = await startRun(server, iris);
    await tracking.call("runs/get", { run_id: theirs });
    await lose();
    const target = path.join(folder.path, "target");
    for (const run_id of [theirs, "0".repeat(32)])
      for (const work of [
        tracking.call("runs/get", { run_id }),
        tracking.call("artifacts/list", { run_id }),
        tracking.download(run_id, "a.txt", target),
      ])
        expect((await failureOf(work)).code).toBe("UNREACHABLE");
    expect(await runsOf(folder.path)).toEqual([]);
  });

  test("about a logged model fail as the server did: no run takes its id", async () => {
    const { tracking, iris, folder, lose } = await lasting();
    const source_run_id = await startRun(tracking, iris);
    const { model } = await tracking.call("logged-models/create", {
      experiment_id: iris,
      source_run_id,
    });
    const file = folder.write("a.txt", "a");
    const upload = (): Promise<void> => tracking.upload(model.info.model_id, file, "a.txt");
    await upload();
    await lose();
    expect((await failureOf(upload())).code).toBe("UNREACHABLE");
    expect(await runsOf(folder.path)).toEqual([]);
  });

  test("go on with a run that was adopted, or taken up again by a script", async () => {
    let adopted = "";
    const { tracking, iris, folder, lose, server } = await lasting(
      async (store) => (adopted = await startRun(store, "0")),
    );
    const resumed = await startRun(server, iris);
    for (const run_id of [adopted, resumed]) await tracking.call("runs/get", { run_id });
    await lose();
    expect((await tracking.call("runs/get", { run_id: adopted })).run.info.run_id).toBe(adopted);
    await tracking.call("runs/update", { run_id: resumed, status: "RUNNING" });
    expect(await runsOf(folder.path)).toHaveLength(2);
  });

  test("need no name of the experiment: whoever may not know it, makes runs there all the same", async () => {
    const there = await startFake();
    using folder = temporaryFolder();
    const refusal = { error_code: "PERMISSION_DENIED", message: "none of yours" };
    const behaviour = { kind: "answer", status: 403, body: JSON.stringify(refusal) } as const;
    there.script("experiments/get", behaviour);
    const tracking = await openLasting(there.uri, {
      folder: folder.path,
      environment: impatient,
      lost: () => {},
    });
    expect(await startRun(tracking, "1")).toBe("run1");
    await tracking.close();
    await there.close();
  });
});

test("the store here is closed though the server cannot be", async () => {
  using folder = temporaryFolder();
  const uri = "sqlite:///mlflow.db";
  const store = await openStore(path.join(folder.path, "mlflow.db"), { uri, folder: folder.path });
  const run = { info: { run_id: "r", experiment_id: "1", status: "RUNNING" }, data: {} };
  const answers = [{ run }, { experiment: { experiment_id: "1", name: "iris" } }];
  const server: Tracking = {
    ...trackerThat(async () => answers.shift() ?? Promise.reject(away)),
    close: () => Promise.reject(away),
  };
  const away = new TrackingError("UNREACHABLE", "nobody is there");
  const place = { address: "http://there", adopted: undefined };
  const tracking = new LastingTracking(server, place, async () => store);
  const run_id = await startRun(tracking, "1");
  await tracking.call("runs/set-tag", { run_id, key: "a", value: "b" });
  expect(await failureOf(tracking.close())).toBe(away);
  await expect(store.call("runs/get", { run_id })).rejects.toThrow();
});

async function latestLoss(folder: string, uri: string): Promise<number | undefined> {
  const [run] = await runsOf(folder, uri);
  return run?.data.metrics?.find(({ key }) => key === "loss")?.value;
}

async function lossAt(uri: string, run_id: string): Promise<readonly number[]> {
  const tracking = await openTracking(uri, { environment: {} });
  try {
    const { metrics = [] } = await tracking.call("metrics/get-history", {
      run_id,
      metric_key: "loss",
    });
    return metrics.toSorted((a, b) => a.step - b.step).map(({ value }) => value);
  } finally {
    await tracking.close();
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("it does not come to hold");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
