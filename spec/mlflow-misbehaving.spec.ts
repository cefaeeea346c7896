/** What lies between a laptop and a server loses, cuts, repeats and delays: a run that gets through is logged once and whole. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient } from "../src/tracking/client.ts";
import type { KeyValue, MetricPoint } from "../src/tracking/entities.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { connectWithin } from "./support/client.ts";
import { faults, startMisbehaving, type Fault, type Misbehaving } from "./support/misbehaving.ts";
import { mlflowFolder, startMlflow, type MlflowServer } from "./support/mlflow.ts";

let folder: string;
let server: MlflowServer;
let proxy: Misbehaving;
let direct: Tracking;
let experiments = 0;

const params: readonly KeyValue[] = [1, 2, 3].map((n) => ({ key: `p${n}`, value: "ä".repeat(n) }));
const metrics: readonly MetricPoint[] = Array.from({ length: 1500 }, (_, step) => ({
  key: "loss",
  value: 1 / (step + 1),
  timestamp: 1000 + step,
  step,
}));

/** What a run logs, from its experiment to its end. */
async function logRun(tracking: Tracking, name: string): Promise<string> {
  const { experiment_id } = await tracking.call("experiments/create", { name });
  const tags = [{ key: "a", value: "b" }];
  const { run } = await tracking.call("runs/create", { experiment_id, start_time: 1, tags });
  const { run_id } = run.info;
  await tracking.call("runs/log-batch", { run_id, params, metrics });
  await tracking.call("runs/set-tag", { run_id, key: "late", value: "tag" });
  const model = { run_id, artifact_path: "m", utc_time_created: "2026-01-01", flavors: {} };
  await tracking.call("runs/log-model", { run_id, model_json: JSON.stringify(model) });
  await tracking.upload(run_id, join(folder, "given"), "data/given");
  await tracking.call("runs/update", { run_id, status: "FINISHED", end_time: 9 });
  await tracking.download(run_id, "data", join(folder, `got ${name}`));
  return run_id;
}

async function expectOneWholeRun(name: string, run_id: string): Promise<void> {
  const { experiment } = await direct.call("experiments/get-by-name", { experiment_name: name });
  const { runs = [] } = await direct.call("runs/search", {
    experiment_ids: [experiment.experiment_id],
  });
  expect(runs.map(({ info }) => [info.run_id, info.status])).toEqual([[run_id, "FINISHED"]]);
  const { data } = (await direct.call("runs/get", { run_id })).run;
  expect(data.params).toEqual(params);
  expect(data.tags).toEqual(
    expect.arrayContaining([
      { key: "a", value: "b" },
      { key: "late", value: "tag" },
    ]),
  );
  const models = data.tags?.find(({ key }) => key === "mlflow.log-model.history")?.value ?? "[]";
  expect(JSON.parse(models)).toHaveLength(1);
  const history = await direct.call("metrics/get-history", { run_id, metric_key: "loss" });
  expect(history.metrics).toEqual(metrics);
  const got = await readFile(join(folder, `got ${name}`, "given"));
  expect(got.equals(await readFile(join(folder, "given")))).toBe(true);
}

describe.skipIf(mlflowFolder === undefined)("a real server behind a way that misbehaves", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlpipe-misbehaving-"));
    server = await startMlflow(folder);
    proxy = await startMisbehaving(server.uri);
    direct = await openClient(server.uri, {});
    await writeFile(join(folder, "given"), Buffer.alloc(300_000, "0123456789abcde"));
  });
  afterAll(async () => {
    await direct.close();
    await proxy.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    "gets a run once and whole, whatever happens to some of its requests",
    { timeout: 300_000 },
    async () => {
      const plans = fc.array(fc.constantFrom<Fault>(...faults), { minLength: 6, maxLength: 14 });
      await fc.assert(
        fc.asyncProperty(plans, async (plan) => {
          const name = `misbehaving ${++experiments}`;
          const { tracking } = await connectWithin(proxy.uri, { MLPIPE_TRACKING_TIMEOUT: "600" });
          await tracking.call("experiments/search", { max_results: 1 });
          proxy.plan(plan.flatMap((fault): readonly Fault[] => [fault, "none", "none"]));
          const run_id = await logRun(tracking, name);
          proxy.plan([]);
          await expectOneWholeRun(name, run_id);
        }),
        { numRuns: 12 },
      );
    },
  );

  it.each(faults)(
    "gets a run once and whole though every third request meets: %s",
    async (fault) => {
      const name = `each ${fault}`;
      const { tracking } = await connectWithin(proxy.uri, { MLPIPE_TRACKING_TIMEOUT: "600" });
      await tracking.call("experiments/search", { max_results: 1 });
      proxy.plan(Array.from({ length: 60 }, (_, at): Fault => (at % 3 === 0 ? fault : "none")));
      const run_id = await logRun(tracking, name);
      proxy.plan([]);
      await expectOneWholeRun(name, run_id);
    },
  );
});
