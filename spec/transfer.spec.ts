/** Push and import: what changes in between, what is chosen, what cannot be brought over. */
import { cp, mkdir, rename, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import type { TrackedRun } from "../src/tracking/entities.ts";
import { TrackingError, type Tracking } from "../src/tracking/tracking.ts";
import type { Target } from "../src/tracking/transfer/target.ts";
import { startServer } from "./support/server.ts";
import { scratch } from "./support/source.ts";
import { failureOf } from "./support/store.ts";
import { nothing, stockOf, transfer, type Transferred } from "./support/transfer.ts";

interface Pair {
  readonly here: Tracking;
  readonly there: Tracking;
  readonly folder: string;
  readonly url: string;
  readonly push: (options?: Parameters<typeof transfer>[1]) => Promise<Transferred>;
}

/** A store with an experiment `iris`, and a server without. */
async function pair(): Promise<Pair & { readonly iris: string }> {
  const folder = await scratch();
  const here = await openIn(folder);
  const { url, tracking: there } = await startServer();
  const { experiment_id } = await here.call("experiments/create", { name: "iris" });
  const places = { from: `sqlite:///${join(folder, "mlflow.db")}`, to: url, folder };
  return {
    here,
    there,
    folder,
    url,
    iris: experiment_id,
    push: (options) => transfer(places, options),
  };
}

async function openIn(folder: string): Promise<Tracking> {
  const tracking = await openTracking(undefined, { folder });
  onTestFinished(() => tracking.close().catch(() => undefined));
  return tracking;
}

async function start(
  tracking: Tracking,
  experiment_id: string,
  run_name: string,
  tags: readonly { key: string; value: string }[] = [],
): Promise<string> {
  const { run } = await tracking.call("runs/create", {
    experiment_id,
    run_name,
    start_time: 1_700_000_000_000,
    tags,
  });
  return run.info.run_id;
}

/** Runs of all experiments, by name; deleted ones too. */
async function runsAt(tracking: Tracking): Promise<Record<string, TrackedRun>> {
  const { experiments = [] } = await tracking.call("experiments/search", {
    max_results: 100,
    view_type: "ALL",
  });
  const { runs = [] } = await tracking.call("runs/search", {
    experiment_ids: experiments.map(({ experiment_id }) => experiment_id),
    run_view_type: "ALL",
  });
  const byName = Object.fromEntries(runs.map((run) => [run.info.run_name, run]));
  expect(Object.keys(byName)).toHaveLength(runs.length);
  return byName;
}

function tag(run: TrackedRun | undefined, key: string): string | undefined {
  return run?.data.tags?.find((each) => each.key === key)?.value;
}

async function put(tracking: Tracking, owner: string, path: string, text: string): Promise<void> {
  const file = join(await scratch(), "content");
  await writeFile(file, text);
  await tracking.upload(owner, file, path);
}

async function fetch(tracking: Tracking, owner: string, path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const file = join(await scratch(), "content");
  await tracking.download(owner, path, file);
  return readFile(file, "utf8");
}

describe("a run that goes on", () => {
  test("is pushed as far as it is, and the next push adds what is new", async () => {
    const { here, there, iris, push } = await pair();
    const run_id = await start(here, iris, "long");
    const point = (step: number) => ({ key: "loss", value: step, timestamp: step, step });
    await here.call("runs/log-batch", { run_id, metrics: [point(1)] });
    expect((await push()).counts.run).toEqual({ ...nothing, new: 1 });
    expect((await runsAt(there))["long"]?.info.status).toBe("RUNNING");

    await here.call("runs/log-batch", { run_id, metrics: [point(2)], params: pairs({ p: "1" }) });
    await put(here, run_id, "a.txt", "a");
    await here.call("runs/update", { run_id, status: "FINISHED", end_time: 1_700_000_000_009 });
    expect(await push()).toMatchObject({ counts: { run: { ...nothing, updated: 1 } }, bytes: 1 });
    const run = (await runsAt(there))["long"];
    expect(run?.info).toMatchObject({ status: "FINISHED", end_time: 1_700_000_000_009 });
    expect(run?.data.params).toEqual(pairs({ p: "1" }));
    expect((await push()).counts.run).toEqual({ ...nothing, unchanged: 1 });
  });

  test("does not begin again at the target when it has ended there", async () => {
    const { here, there, iris, push } = await pair();
    const run_id = await start(here, iris, "long");
    await push();
    const copy = (await runsAt(there))["long"]?.info.run_id ?? "";
    await there.call("runs/update", { run_id: copy, status: "KILLED", end_time: 5 });
    await here.call("runs/log-batch", { run_id, params: pairs({ p: "1" }) });
    await push();
    expect((await runsAt(there))["long"]?.info).toMatchObject({ status: "KILLED", end_time: 5 });
  });
});

function pairs(fields: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(fields).map(([key, value]) => ({ key, value }));
}

describe("what others have changed at the target", () => {
  test("stays where nothing has changed here, and tags of their own stay always", async () => {
    const { here, there, iris, push } = await pair();
    const run_id = await start(here, iris, "run", pairs({ note: "ours", other: "old" }));
    await push();
    const copy = (await runsAt(there))["run"]?.info.run_id ?? "";
    await there.call("runs/log-batch", {
      run_id: copy,
      tags: pairs({ note: "theirs", added: "theirs" }),
    });
    expect((await push()).counts.run).toEqual({ ...nothing, unchanged: 1 });
    expect(tag((await runsAt(there))["run"], "note")).toBe("theirs");

    await here.call("runs/set-tag", { run_id, key: "other", value: "new" });
    expect((await push()).counts.run).toEqual({ ...nothing, updated: 1 });
    const run = (await runsAt(there))["run"];
    expect([tag(run, "note"), tag(run, "other"), tag(run, "added")]).toEqual([
      "ours",
      "new",
      "theirs",
    ]);
  });

  test("a param that is another there stays, and is told each time", async () => {
    const { here, there, iris, push } = await pair();
    const run_id = await start(here, iris, "run");
    await push();
    const copy = (await runsAt(there))["run"]?.info.run_id ?? "";
    await there.call("runs/log-batch", { run_id: copy, params: pairs({ p: "theirs" }) });
    await here.call("runs/log-batch", { run_id, params: pairs({ p: "ours", q: "ours" }) });
    const told = [`param p of run ${copy}: is "theirs" at the target and "ours" here, and stays`];
    expect((await push()).told).toEqual(told);
    expect((await push()).told).toEqual(told);
    expect((await runsAt(there))["run"]?.data.params).toEqual(pairs({ p: "theirs", q: "ours" }));
  });

  test("a run that is deleted there stays deleted", async () => {
    const { here, there, iris, push } = await pair();
    const run_id = await start(here, iris, "run");
    await push();
    const copy = (await runsAt(there))["run"]?.info.run_id ?? "";
    await there.call("runs/delete", { run_id: copy });
    await here.call("runs/set-tag", { run_id, key: "a", value: "b" });
    expect((await push()).counts.run).toEqual({ ...nothing, left: 1 });
    expect((await runsAt(there))["run"]?.info.lifecycle_stage).toBe("deleted");
  });

  test("a run that is deleted here is deleted there", async () => {
    const { here, there, iris, push } = await pair();
    const run_id = await start(here, iris, "run");
    await push();
    await here.call("runs/delete", { run_id });
    await push();
    expect((await runsAt(there))["run"]?.info.lifecycle_stage).toBe("deleted");
  });

  test("a run is deleted there by the next push, where the first did not come so far", async () => {
    const { here, there, folder, url, iris } = await pair();
    const run_id = await start(here, iris, "run");
    await here.call("runs/delete", { run_id });
    const places = { from: `sqlite:///${join(folder, "mlflow.db")}`, to: url, folder };
    const harm = (target: Target): Target => ({
      ...target,
      tracking: {
        ...target.tracking,
        call: async (endpoint, request) => {
          if (endpoint === "runs/delete") throw new TrackingError("INTERNAL_ERROR", "lost");
          return target.tracking.call(endpoint, request);
        },
      },
    });
    expect((await transfer({ ...places, harm })).problems).toBe(1);
    expect((await runsAt(there))["run"]?.info.lifecycle_stage).toBe("active");
    expect((await transfer(places)).counts.run).toEqual({ ...nothing, updated: 1 });
    expect((await runsAt(there))["run"]?.info.lifecycle_stage).toBe("deleted");
    expect((await transfer(places)).counts.run).toEqual({ ...nothing, unchanged: 1 });
  });

  test("an experiment with another name holds the same runs still", async () => {
    const { here, there, iris, push } = await pair();
    await start(here, iris, "first");
    await push();
    const { experiment } = await there.call("experiments/get-by-name", { experiment_name: "iris" });
    const { experiment_id } = experiment;
    await there.call("experiments/update", { experiment_id, new_name: "flowers" });
    await start(here, iris, "second");
    expect((await push()).counts.run).toEqual({ ...nothing, unchanged: 1, new: 1 });
    expect(Object.keys(await runsAt(there)).toSorted()).toEqual(["first", "second"]);
  });

  test("an experiment that is deleted there takes nothing more, which is told", async () => {
    const { here, there, iris, push } = await pair();
    await push();
    const { experiment } = await there.call("experiments/get-by-name", { experiment_name: "iris" });
    await there.call("experiments/delete", { experiment_id: experiment.experiment_id });
    await start(here, iris, "run");
    await start(here, "0", "elsewhere");
    const { told, counts } = await push();
    expect(told).toEqual([expect.stringMatching(/^experiment iris: is deleted at the target/)]);
    expect(counts.run).toEqual({ ...nothing, new: 1 });
  });

  test("an experiment that is deleted here is deleted there if nobody else has runs in it", async () => {
    const { here, there, iris, push } = await pair();
    const { experiment_id } = await here.call("experiments/create", { name: "shared" });
    for (const id of [iris, experiment_id]) await start(here, id, `run ${id}`);
    await push();
    const shared = (await there.call("experiments/get-by-name", { experiment_name: "shared" }))
      .experiment.experiment_id;
    await start(there, shared, "theirs");
    for (const id of [iris, experiment_id])
      await here.call("experiments/delete", { experiment_id: id });
    await push();
    const { experiments = [] } = await there.call("experiments/search", { max_results: 10 });
    expect(experiments.map(({ name }) => name).toSorted()).toEqual(["Default", "shared"]);
    expect((await runsAt(there))["theirs"]?.info.lifecycle_stage).toBe("active");
  });
});

describe("links", () => {
  test("of a child to its parent, of a run to its inputs and to its models, lead to the copies", async () => {
    const { here, there, iris, push } = await pair();
    const parent = await start(here, iris, "parent");
    const links = {
      "mlflow.parentRunId": parent,
      "mlpipe.input.prices": parent,
      "mlpipe.cached.fit": parent,
      "mlpipe.input.old": "gone",
      "mlpipe.input_from.prices": "parent, newest of learn",
    };
    const child = await start(here, iris, "child", pairs(links));
    const source = `{"uri":"runs:/${parent}/data/a.csv"}`;
    const dataset = { name: "a.csv", digest: "d", source_type: "runs", source };
    await here.call("runs/log-inputs", { run_id: child, datasets: [{ dataset }] });
    const model = { run_id: child, artifact_path: "m", utc_time_created: "t", flavors: {} };
    await here.call("runs/log-model", { run_id: child, model_json: JSON.stringify(model) });
    await push();
    const runs = await runsAt(there);
    expect(tag(runs["child"], "mlflow.parentRunId")).toBe(runs["parent"]?.info.run_id);
    expect(tag(runs["child"], "mlpipe.input.prices")).toBe(runs["parent"]?.info.run_id);
    expect(tag(runs["child"], "mlpipe.cached.fit")).toBe(runs["parent"]?.info.run_id);
    expect(runs["child"]?.inputs?.dataset_inputs).toMatchObject([
      { dataset: { source: `{"uri":"runs:/${runs["parent"]?.info.run_id}/data/a.csv"}` } },
    ]);
    expect(tag(runs["child"], "mlpipe.input.old")).toBe("gone");
    expect(tag(runs["child"], "mlpipe.input_from.prices")).toBe("parent, newest of learn");
    expect(JSON.parse(tag(runs["child"], "mlflow.log-model.history") ?? "")).toEqual([
      { ...model, run_id: runs["child"]?.info.run_id },
    ]);
  });
});

describe("the way home", () => {
  test("a copy that is imported again is the run it was made of", async () => {
    const { here, there, folder, url, iris, push } = await pair();
    const run_id = await start(here, iris, "run");
    await here.call("runs/update", { run_id, status: "FINISHED", end_time: 9 });
    await push();
    const copy = (await runsAt(there))["run"]?.info.run_id ?? "";
    expect(copy).not.toBe(run_id);
    await there.call("runs/set-tag", { run_id: copy, key: "review", value: "good" });
    const to = `sqlite:///${join(folder, "mlflow.db")}`;
    expect((await transfer({ from: url, to, folder })).counts.run).toEqual({
      ...nothing,
      updated: 1,
    });
    const run = (await runsAt(here))["run"];
    expect(run?.info).toMatchObject({ run_id, status: "FINISHED" });
    expect(tag(run, "review")).toBe("good");
    expect((await transfer({ from: url, to, folder })).counts.run).toEqual({
      ...nothing,
      unchanged: 1,
    });
  });

  test("a store that was moved is known by its runs", async () => {
    const { here, there, folder, url, iris } = await pair();
    await start(here, iris, "run");
    const from = (at: string): string => `sqlite:///${join(at, "mlflow.db")}`;
    await transfer({ from: from(folder), to: url, folder });
    await here.close();
    const moved = join(await scratch(), "moved");
    await rename(folder, moved);
    await mkdir(folder);
    await transfer({ from: from(moved), to: url, folder: moved });
    expect(Object.keys(await runsAt(there))).toEqual(["run"]);
  });
});

describe("artifacts", () => {
  test("are sent again if they have changed since, even to the same length, and no others", async () => {
    const { here, there, folder, iris, push } = await pair();
    const run_id = await start(here, iris, "run");
    await put(here, run_id, "same.txt", "x".repeat(7));
    await put(here, run_id, "dir/changed.txt", "old");
    expect((await push()).bytes).toBe(10);
    await put(here, run_id, "dir/changed.txt", "new");
    await put(here, run_id, "more.txt", "12345");
    const old = new Date(Date.now() - 3_600_000);
    await utimes(join(folder, "mlruns", iris, run_id, "artifacts/same.txt"), old, old);
    expect((await push()).bytes).toBe(8);
    const copy = (await runsAt(there))["run"]?.info.run_id ?? "";
    expect(await fetch(there, copy, "dir/changed.txt")).toBe("new");
    expect((await push()).bytes).toBe(0);
  });

  test("that are links are not followed, which is told each time", async () => {
    const { here, folder, iris, push } = await pair();
    const run_id = await start(here, iris, "run");
    await put(here, run_id, "a.txt", "a");
    await symlink("/etc/hostname", join(folder, "mlruns", iris, run_id, "artifacts/link"));
    const { told, counts, problems } = await push();
    expect(told).toEqual([expect.stringMatching(/artifacts\/link: is a link/)]);
    expect([counts.run, problems]).toEqual([{ ...nothing, new: 1 }, 1]);
    expect((await push()).told).toEqual(told);
  });
});

describe("a part of what is here", () => {
  async function family(): Promise<Pair & { readonly ids: Record<string, string> }> {
    const ends = await pair();
    const { here, iris } = ends;
    const top = await start(here, iris, "top");
    const middle = await start(here, iris, "middle", pairs({ "mlflow.parentRunId": top }));
    const low = await start(here, iris, "low", pairs({ "mlflow.parentRunId": middle }));
    const beside = await start(here, iris, "beside", pairs({ "mlflow.parentRunId": top }));
    const other = await start(here, "0", "other");
    await here.call("registered-models/create", { name: "Tree" });
    return { ...ends, ids: { top, middle, low, beside, other } };
  }

  test("is one experiment", async () => {
    const { there, push } = await family();
    await push({ experiment: "iris" });
    expect(Object.keys(await runsAt(there)).toSorted()).toEqual(["beside", "low", "middle", "top"]);
    expect(await there.call("registered-models/search", {})).toEqual({});
  });

  test("is a run with those above and below it, so that its links lead somewhere", async () => {
    const { there, push, ids } = await family();
    await push({ runs: [ids["middle"] ?? ""] });
    const runs = await runsAt(there);
    expect(Object.keys(runs).toSorted()).toEqual(["low", "middle", "top"]);
    expect(tag(runs["low"], "mlflow.parentRunId")).toBe(runs["middle"]?.info.run_id);
  });

  test("that is not there is told", async () => {
    const { push } = await family();
    expect(await failureOf(push({ experiment: "none" }))).toMatchObject({
      code: "RESOURCE_DOES_NOT_EXIST",
    });
    expect((await failureOf(push({ runs: ["none"] }))).message).toContain("no run with the id");
  });

  test("is nothing, in a rehearsal, which says what there would be", async () => {
    const { here, there, push, ids } = await family();
    await put(here, ids["top"] ?? "", "a.txt", "abc");
    expect(await push({ isRehearsal: true })).toMatchObject({
      counts: { run: { ...nothing, new: 5 } },
      bytes: 3,
    });
    expect(await runsAt(there)).toEqual({});
    await push();
    expect((await push({ isRehearsal: true })).counts.run).toEqual({ ...nothing, unchanged: 5 });
  });
});

describe("what the target does not take", () => {
  test("is found among what it takes, told, and left out", async () => {
    const fixture = join(import.meta.dirname, "support/mlruns-fixture/store");
    const folder = await scratch();
    const from = join(folder, "mlruns");
    await cp(fixture, from, { recursive: true });
    const source = await stockOf(from, folder);
    expect(source).toHaveProperty("run first");
    const { glob } = await import("node:fs/promises");
    for await (const params of glob(join(from, "*", "*", "params", "cp")))
      await writeFile(params, "x".repeat(7000));
    const to = `sqlite:///${join(folder, "other.db")}`;
    const { told, problems } = await transfer({ from, to, folder });
    expect(told).toEqual([expect.stringMatching(/^param cp of run [0-9a-f]{32}: is refused: /)]);
    expect(problems).toBe(1);
    const stock = await stockOf(to, folder);
    expect(stock["run first"]).toMatchObject({
      params: ["empty = ", "lines = a\nb\n", expect.any(String)],
    });
  });
});

describe("the registry", () => {
  test("keeps numbers where they are free, and aliases that somebody gave to a version of their own", async () => {
    const { here, there, iris, push } = await pair();
    const run = await start(here, iris, "run");
    const version = async (tracking: Tracking, run_id: string): Promise<string> => {
      const { run: made } = await tracking.call("runs/get", { run_id });
      const source = `${made.info.artifact_uri}/m`;
      const { model_version } = await tracking.call("model-versions/create", {
        name: "Tree",
        source,
        run_id,
      });
      return model_version.version;
    };
    await here.call("registered-models/create", { name: "Tree", tags: pairs({ a: "ours" }) });
    for (let at = 1; at <= 3; at += 1) await version(here, run);
    await here.call("model-versions/delete", { name: "Tree", version: "2" });
    await here.call("registered-models/set-alias", { name: "Tree", alias: "best", version: "1" });
    await push();
    const copy = (await runsAt(there))["run"]?.info.run_id ?? "";
    const theirs = await version(there, copy);
    expect(theirs).toBe("4");
    await there.call("registered-models/set-alias", { name: "Tree", alias: "best", version: "4" });
    await there.call("registered-models/set-tag", { name: "Tree", key: "a", value: "theirs" });
    await version(here, run);
    const { told, counts } = await push();
    expect(counts["model version"]).toEqual({ ...nothing, unchanged: 2, new: 1 });
    expect(told).toEqual([
      "registered model Tree: its alias best is version 4 at the target, and stays so",
    ]);
    const { model_versions = [] } = await there.call("model-versions/search", {});
    expect(model_versions.map((each) => each.version).toSorted()).toEqual(["1", "3", "4", "5"]);
    const { registered_model } = await there.call("registered-models/get", { name: "Tree" });
    expect(registered_model.tags).toEqual(pairs({ a: "theirs" }));
    expect((await push()).counts["model version"]).toEqual({ ...nothing, unchanged: 3 });
  });
});
