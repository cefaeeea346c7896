/** Metrics: every point is kept, and the latest of each key beside it, as MLflow's searches read only that. */
import type { MetricPoint } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { numberOf, textOf, type Row } from "./database.ts";
import { cutPage, readOffset } from "./page.ts";
import type { Store } from "./store.ts";
import { checkPageSize } from "./validate.ts";

/** A point as MLflow's columns hold it: NaN is 0 with a mark, infinities are the largest doubles. */
interface StoredPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly isNan: 0 | 1;
}

function toStored({ key, value, timestamp, step }: MetricPoint): StoredPoint {
  const finite = Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  const isNan = Number.isNaN(value);
  return { key, value: isNan ? 0 : finite, timestamp, step, isNan: isNan ? 1 : 0 };
}

/** The point of a row of `metrics` or `latest_metrics`. */
export function toPoint(row: Row): MetricPoint {
  return {
    key: textOf(row, "key"),
    value: row["is_nan"] === 1 ? Number.NaN : numberOf(row, "value"),
    timestamp: numberOf(row, "timestamp"),
    step: numberOf(row, "step"),
  };
}

/** MLflow's order of "latest": by step, then time, then value. */
function isLater(a: StoredPoint, b: StoredPoint): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return a.value > b.value;
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

/** Without `max_results` all points come in one answer; a run or metric that is not there has none, as in MLflow. */
export function getMetricHistory(
  store: Store,
  { run_id, metric_key, max_results, page_token }: RequestOf<"metrics/get-history">,
): Promise<ResponseOf<"metrics/get-history">> {
  return store.database.read(() => {
    if (max_results !== undefined) checkPageSize(max_results);
    const offset = readOffset(page_token);
    const rows = store.database.all(
      `SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ? AND key = ?
       ORDER BY timestamp, step, value LIMIT ? OFFSET ?`,
      run_id,
      metric_key,
      max_results === undefined ? -1 : max_results + 1,
      offset,
    );
    const { items, ...page } = cutPage(rows, { size: max_results ?? Infinity, offset });
    return { ...(items.length === 0 ? {} : { metrics: items.map(toPoint) }), ...page };
  });
}
