/** Metrics as they are written: every point is kept, and the latest of each key beside it, as MLflow's searches read only that. */
import type { MetricPoint } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { numberOf, type Tuple } from "./database.ts";
import { putModelMetrics } from "./logged-models/metrics.ts";
import { requireActiveRun } from "./run-row.ts";
import type { Store } from "./store.ts";
import { checkMetric } from "./validate.ts";

/** A point as MLflow's columns hold it: NaN is 0 with a mark, infinities are the largest doubles. */
interface StoredPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly isNan: 0 | 1;
}

function toStored({ key, value, timestamp, step }: MetricPoint): StoredPoint {
  const isNan = Number.isNaN(value);
  return { key, value: isNan ? 0 : toFinite(value), timestamp, step, isNan: isNan ? 1 : 0 };
}

/** The columns that hold doubles know no infinities. */
export function toFinite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}

/** The point of a row of key, value, timestamp, step and is_nan. */
export function toPoint([key, value, timestamp, step, isNan]: Tuple): MetricPoint {
  return {
    key: String(key),
    value: isNan === 1 ? Number.NaN : Number(value),
    timestamp: Number(timestamp),
    step: Number(step),
  };
}

/** MLflow's order of "latest": by step, then time, then value. */
function isLater(a: StoredPoint, b: StoredPoint): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return a.value > b.value;
}

export function logMetric(
  store: Store,
  { run_id, ...point }: RequestOf<"runs/log-metric">,
): Promise<ResponseOf<"runs/log-metric">> {
  checkMetric(point);
  return store.database.write(() => {
    const run = requireActiveRun(store, run_id);
    putMetrics(store, run_id, [point]);
    putModelMetrics(store, { runId: run_id, experimentId: numberOf(run, "experiment_id") }, [
      point,
    ]);
    return {};
  });
}

/** Writes valid points of an active run, inside a write; points that are there already are left alone. */
export function putMetrics(store: Store, runId: string, points: readonly MetricPoint[]): void {
  const latest = new Map<string, StoredPoint>();
  for (const point of points.map(toStored)) {
    insertPoint(store, runId, point);
    const known = latest.get(point.key);
    if (known === undefined || isLater(point, known)) latest.set(point.key, point);
  }
  for (const point of latest.values()) putLatest(store, runId, point);
}

function insertPoint(store: Store, runId: string, point: StoredPoint): void {
  store.database.run(
    `INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    point.key,
    point.value,
    point.timestamp,
    runId,
    point.step,
    point.isNan,
  );
}

function putLatest(store: Store, runId: string, point: StoredPoint): void {
  store.database.run(
    `INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key, run_uuid) DO UPDATE SET
       value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
     WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)`,
    point.key,
    point.value,
    point.timestamp,
    point.step,
    point.isNan,
    runId,
  );
}
