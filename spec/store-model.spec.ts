/** The store against a model of a few lines: whatever is done to both, both answer the same. */
import fc from "fast-check";
import { rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { KeyValue, MetricPoint } from "../src/tracking/entities.ts";
import { openTracking } from "../src/tracking/open.ts";
import { TrackingError, type Tracking } from "../src/tracking/tracking.ts";

interface ModelRun {
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  points: readonly MetricPoint[];
  status: string;
}
/** Runs in the order they were made; a run's id is known to the real store only. */
interface Model {
  readonly runs: ModelRun[];
}
interface Real {
  tracking: Tracking;
  readonly folder: string;
  readonly ids: string[];
}
type Command = fc.AsyncCommand<Model, Real>;

const nameTag = "mlflow.runName";

/** "stored", or the code of the refusal. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "stored";
  } catch (cause) {
    if (cause instanceof TrackingError) return cause.code;
    throw cause;
  }
}

function kept({ key, value, timestamp, step }: MetricPoint): MetricPoint {
  const limited = Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  // SQLite knows no negative zero, so MLflow's file does not either.
  return { key, value: Number.isNaN(value) ? value : limited + 0, timestamp, step };
}

function order(point: MetricPoint): readonly number[] {
  return [point.step, point.timestamp, Number.isNaN(point.value) ? 0 : point.value];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** The first of those that are latest, in the order they were logged. */
function latest(points: readonly MetricPoint[]): readonly MetricPoint[] {
  const found = new Map<string, MetricPoint>();
  for (const point of points) {
    const known = found.get(point.key);
    if (known === undefined || compare(order(point), order(known)) > 0) found.set(point.key, point);
  }
  return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function pairs(map: ReadonlyMap<string, string>): readonly KeyValue[] {
  return [...map]
    .map(([key, value]) => ({ key, value }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function runAt(model: Model, real: Real, pick: number): readonly [ModelRun, string] {
  const at = pick % model.runs.length;
  return [model.runs[at] as ModelRun, real.ids[at] as string];
}

const anyRun = fc.nat({ max: 2 });
const key = fc.constantFrom("a", "b", "a/b", "x y");
const value = fc.constantFrom("", "1", "2", "tree");
const pair = fc.record({ key, value });
const point = fc.record({
  key,
  value: fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, Number.NaN, Infinity, -Infinity)),
  timestamp: fc.nat({ max: 2 }),
  step: fc.integer({ min: -1, max: 1 }),
});

const create = fc.option(value, { nil: undefined }).map((name) => ({
  check: () => true,
  async run(model: Model, real: Real) {
    const { run } = await real.tracking.call("runs/create", {
      experiment_id: "0",
      start_time: 1,
      ...(name === undefined ? {} : { run_name: name }),
    });
    real.ids.push(run.info.run_id);
    if (name !== undefined && name !== "") expect(run.info.run_name).toBe(name);
    model.runs.push({
      params: new Map(),
      tags: new Map([[nameTag, run.info.run_name]]),
      points: [],
      status: "RUNNING",
    });
  },
  toString: () => `create(${name})`,
}));

const batch = fc
  .record({
    pick: anyRun,
    params: fc.array(pair, { maxLength: 3 }),
    tags: fc.array(fc.oneof(pair, fc.record({ key: fc.constant(nameTag), value })), {
      maxLength: 3,
    }),
    metrics: fc.array(point, { maxLength: 6, size: "max" }),
  })
  .map(({ pick, params, tags, metrics }) => ({
    check: ({ runs }: Model) => runs.length > 0,
    async run(model: Model, real: Real) {
      const [run, id] = runAt(model, real, pick);
      const twice = new Set(params.map((param) => param.key)).size < params.length;
      const changed = params.some(
        (param) => (run.params.get(param.key) ?? param.value) !== param.value,
      );
      const stored = await outcome(
        real.tracking.call("runs/log-batch", { run_id: id, params, tags, metrics }),
      );
      expect(stored).toBe(twice || changed ? "INVALID_PARAMETER_VALUE" : "stored");
      if (stored !== "stored") return;
      for (const param of params) run.params.set(param.key, param.value);
      for (const tag of tags) {
        if (tag.key !== nameTag || tag.value !== "") run.tags.set(tag.key, tag.value);
      }
      run.points = [...run.points, ...metrics.map(kept)];
    },
    toString: () => `batch(${JSON.stringify({ pick, params, tags })} ${fc.stringify(metrics)})`,
  }));

const tag = fc.tuple(anyRun, pair).map(([pick, set]) => ({
  check: ({ runs }: Model) => runs.length > 0,
  async run(model: Model, real: Real) {
    const [run, id] = runAt(model, real, pick);
    await real.tracking.call("runs/set-tag", { run_id: id, ...set });
    run.tags.set(set.key, set.value);
  },
  toString: () => `tag(${pick}, ${JSON.stringify(set)})`,
}));

const finish = fc
  .tuple(anyRun, fc.constantFrom("FINISHED", "FAILED", "KILLED"))
  .map(([pick, status]) => ({
    check: ({ runs }: Model) => runs.length > 0,
    async run(model: Model, real: Real) {
      const [run, id] = runAt(model, real, pick);
      const { run_info } = await real.tracking.call("runs/update", {
        run_id: id,
        status,
        end_time: 9,
      });
      expect(run_info.status).toBe(status);
      run.status = status;
    },
    toString: () => `finish(${pick}, ${status})`,
  }));

const reopen = fc.constant({
  check: () => true,
  async run(_: Model, real: Real) {
    await real.tracking.close();
    real.tracking = await openTracking(undefined, { folder: real.folder });
  },
  toString: () => "reopen",
});

const read = anyRun.map((pick) => ({
  check: ({ runs }: Model) => runs.length > 0,
  async run(model: Model, real: Real) {
    const [run, id] = runAt(model, real, pick);
    const { data, info } = (await real.tracking.call("runs/get", { run_id: id })).run;
    expect(info.status).toBe(run.status);
    expect(info.run_name).toBe(run.tags.get(nameTag));
    expect(data.params ?? []).toEqual(pairs(run.params));
    expect(data.tags ?? []).toEqual(pairs(run.tags));
    expect(data.metrics ?? []).toEqual(latest(run.points));
  },
  toString: () => `read(${pick})`,
}));

const history = fc
  .tuple(anyRun, key, fc.integer({ min: 1, max: 3 }))
  .map(([pick, metric, size]) => ({
    check: ({ runs }: Model) => runs.length > 0,
    async run(model: Model, real: Real) {
      const [run, id] = runAt(model, real, pick);
      const distinct = new Map(
        run.points
          .filter((p) => p.key === metric)
          .map((p) => [JSON.stringify([...order(p), Number.isNaN(p.value)]), p]),
      );
      expect(await allPages(real.tracking, id, metric, size)).toHaveLength(distinct.size);
      const { metrics = [] } = await real.tracking.call("metrics/get-history", {
        run_id: id,
        metric_key: metric,
      });
      expect(new Set(metrics)).toEqual(new Set(distinct.values()));
      expect(metrics.map((p) => [p.timestamp, p.step])).toEqual(
        metrics.map((p) => [p.timestamp, p.step]).toSorted(compare),
      );
    },
    toString: () => `history(${pick}, ${metric}, ${size})`,
  }));

async function allPages(
  tracking: Tracking,
  run_id: string,
  metric_key: string,
  max_results: number,
): Promise<readonly MetricPoint[]> {
  const found: MetricPoint[] = [];
  let page_token: string | undefined;
  do {
    const page = await tracking.call("metrics/get-history", {
      run_id,
      metric_key,
      max_results,
      ...(page_token === undefined ? {} : { page_token }),
    });
    found.push(...(page.metrics ?? []));
    page_token = page.next_page_token;
  } while (page_token !== undefined);
  return found;
}

const search = pair.map(({ key: param, value: text }) => ({
  check: () => true,
  async run(model: Model, real: Real) {
    const { runs = [] } = await real.tracking.call("runs/search", {
      experiment_ids: ["0"],
      filter: `params.\`${param}\` = '${text}'`,
    });
    const expected = model.runs.flatMap((run, at) =>
      run.params.get(param) === text ? [real.ids[at] ?? ""] : [],
    );
    expect(runs.map(({ info }) => info.run_id)).toEqual(
      expected.toSorted((a, b) => (a < b ? -1 : 1)),
    );
  },
  toString: () => `search(${param} = ${text})`,
}));

test("the store agrees with a model in memory, whatever is done to both", async () => {
  const commands = [create, batch, batch, batch, tag, finish, reopen, read, read, history, search];
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commands as fc.Arbitrary<Command>[], { maxCommands: 60, size: "max" }),
      async (steps) => {
        const folder = await mkdtemp(join(tmpdir(), "mlpipe-store-"));
        const real: Real = { tracking: await openTracking(undefined, { folder }), folder, ids: [] };
        try {
          await fc.asyncModelRun(() => ({ model: { runs: [] }, real }), steps);
        } finally {
          await real.tracking.close();
          await rm(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 100 },
  );
});
