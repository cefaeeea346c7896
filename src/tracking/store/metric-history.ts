/** Histories of metrics: all points of a run, or of several, or as many as a chart needs. */
import type { MetricPoint } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import type { Tuple } from "./database.ts";
import { toPoint } from "./metrics.ts";
import { cutPage, readOffset } from "./page.ts";
import { invalid, type Store } from "./store.ts";

const mostRuns = 100;
const mostPoints = 25_000;
const mostPointsOfRun = 2500;

/** Unary plus keeps SQLite from the index by key, in which the points of all runs lie side by side. */
const ofRun = "run_uuid = ? AND +key = ?";

/** Without `max_results` all points come in one answer; a run or metric that is not there has none, as in MLflow. */
export function getMetricHistory(
  store: Store,
  { run_id, metric_key, max_results, page_token }: RequestOf<"metrics/get-history">,
): Promise<ResponseOf<"metrics/get-history">> {
  return store.database.read(() => {
    if (max_results !== undefined && max_results < 1)
      throw invalid(`max_results is ${max_results}`, "use a whole number from 1");
    const offset = readOffset(page_token);
    const rows = store.database.tuples(
      `SELECT key, value, timestamp, step, is_nan FROM metrics WHERE ${ofRun}
       ORDER BY timestamp, step, value LIMIT ? OFFSET ?`,
      run_id,
      metric_key,
      max_results === undefined ? -1 : Math.min(max_results, Number.MAX_SAFE_INTEGER - 1) + 1,
      offset,
    );
    const { items, ...page } = cutPage(rows, { size: max_results ?? Infinity, offset });
    return { ...pointsOf(items.map(toPoint)), ...page };
  });
}

function pointsOf(points: readonly MetricPoint[]): { readonly metrics?: readonly MetricPoint[] } {
  return points.length === 0 ? {} : { metrics: points };
}

function checkRuns(ids: readonly string[]): void {
  if (ids.length === 0 || ids.length > mostRuns)
    throw invalid(`name 1 to ${mostRuns} runs, not ${ids.length}`);
}

/** The points of all runs, run by run; of more than a chart can show the first. */
export function getMetricHistoryBulk(
  store: Store,
  { run_id, metric_key, max_results = mostPoints }: RequestOf<"metrics/get-history-bulk">,
): Promise<ResponseOf<"metrics/get-history-bulk">> {
  checkRuns(run_id);
  return store.database.read(() => {
    const rows = store.database.tuples(
      `SELECT run_uuid, key, value, timestamp, step, is_nan FROM metrics
       WHERE run_uuid IN (SELECT value FROM json_each(?)) AND +key = ?
       ORDER BY run_uuid, timestamp, step, value LIMIT ?`,
      JSON.stringify(run_id),
      metric_key,
      max_results < 0 ? mostPoints : Math.min(max_results, mostPoints),
    );
    return { metrics: rows.map(([run, ...point]) => ({ ...toPoint(point), run_id: String(run) })) };
  });
}

/** Of each run as many points as asked for, evenly spread over its steps, the first and the last among them. */
export function getMetricHistoryBulkInterval(
  store: Store,
  request: RequestOf<"metrics/get-history-bulk-interval">,
): Promise<ResponseOf<"metrics/get-history-bulk-interval">> {
  const { run_ids, max_results = mostPointsOfRun } = request;
  checkRuns(run_ids);
  if (max_results < 1 || max_results > mostPointsOfRun)
    throw invalid(
      `max_results is ${max_results}`,
      `use a whole number from 1 to ${mostPointsOfRun}`,
    );
  const steps = readSteps(request);
  return store.database.read(() =>
    pointsOf(
      run_ids.flatMap((run) =>
        samplePoints(store, [run, request.metric_key, ...steps], max_results).map((point) => ({
          ...toPoint(point),
          run_id: run,
        })),
      ),
    ),
  );
}

function readSteps({
  start_step,
  end_step,
}: RequestOf<"metrics/get-history-bulk-interval">): readonly [number, number] {
  if (start_step === undefined && end_step === undefined) return [-(2 ** 63), 2 ** 63];
  if (start_step === undefined || end_step === undefined)
    throw invalid("start_step and end_step go together", "give both, or neither");
  if (start_step > end_step)
    throw invalid(`start_step ${start_step} is behind end_step ${end_step}`);
  return [start_step, end_step];
}

/** The first point of each of `size` equal parts; the last point of all takes the place of the last of them. */
function samplePoints(
  store: Store,
  run: readonly [string, string, number, number],
  size: number,
): readonly Tuple[] {
  const order = "step, timestamp, value, is_nan";
  return store.database.tuples(
    `WITH
       points AS (SELECT key, value, timestamp, step, is_nan FROM metrics WHERE ${ofRun} AND step BETWEEN ? AND ?),
       placed AS (SELECT *, ntile(?) OVER (ORDER BY ${order}) AS part, row_number() OVER (ORDER BY ${order}) AS place FROM points),
       firsts AS (SELECT min(place) AS place FROM placed GROUP BY part),
       total AS (SELECT max(place) AS last FROM placed)
     SELECT key, value, timestamp, step, is_nan FROM placed, total
     WHERE (place IN firsts AND NOT (part = ? AND last > ?)) OR place = last
     ORDER BY place`,
    ...run,
    size,
    size,
    size,
  );
}
