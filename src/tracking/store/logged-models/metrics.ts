/** Points that are about a logged model; they stand with the model beside standing with the run. */
import type { MetricPoint } from "../../entities.ts";
import { toFinite } from "../metrics.ts";
import { requireLoggedModels } from "../schema.ts";
import { refused, type Store } from "../store.ts";

interface Origin {
  readonly runId: string;
  readonly experimentId: number;
}

/**
 * Writes those of the valid points that name a model, inside a write. As in MLflow NaN is kept as 0 here, and at one
 * time and step a run says one value about a model.
 */
export function putModelMetrics(
  store: Store,
  origin: Origin,
  points: readonly MetricPoint[],
): void {
  for (const point of points) {
    if (point.model_id !== undefined && point.model_id !== "")
      putModelMetric(store, origin, point.model_id, point);
  }
}

function putModelMetric(
  store: Store,
  { runId, experimentId }: Origin,
  modelId: string,
  point: MetricPoint,
): void {
  requireLoggedModels(store.database);
  if (store.database.first("SELECT 1 FROM logged_models WHERE model_id = ?", modelId) === undefined)
    throw refused(`there is no logged model with the id ${modelId}`);
  const place = [modelId, point.key, point.timestamp, point.step, runId] as const;
  const value = Number.isNaN(point.value) ? 0 : toFinite(point.value);
  const about = [value, point.dataset_name || null, point.dataset_digest || null] as const;
  const inserted = store.database.run(
    `INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step, run_id,
       metric_value, dataset_name, dataset_digest, experiment_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ...place,
    ...about,
    experimentId,
  );
  if (inserted === 0 && !isKnown(store, place, about))
    throw refused(
      `the metric ${JSON.stringify(point.key)} of the model ${modelId} has another value at that time and step`,
    );
}

function isKnown(
  store: Store,
  place: readonly [string, string, number, number, string],
  about: readonly [number, string | null, string | null],
): boolean {
  return (
    store.database.first(
      `SELECT 1 FROM logged_model_metrics
       WHERE model_id = ? AND metric_name = ? AND metric_timestamp_ms = ? AND metric_step = ? AND run_id = ?
         AND metric_value = ? AND dataset_name IS ? AND dataset_digest IS ?`,
      ...place,
      ...about,
    ) !== undefined
  );
}
