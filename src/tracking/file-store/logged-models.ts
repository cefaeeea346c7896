/** A logged model of MLflow 3 in an `mlruns` folder. */
import { join } from "node:path";
import {
  lifecycles,
  loggedModelStatuses,
  type LoggedModel,
  type MetricPoint,
} from "../entities.ts";
import { choice, integer, message, optional, preset, text } from "../shape.ts";
import { listFiles, readMeta, tryText, readTexts, reportLines, type FileStore } from "./folder.ts";
import { readMetricLines, readModelPoint } from "./metric-lines.ts";

const modelMeta = message({
  model_id: text,
  experiment_id: text,
  name: preset(text, ""),
  artifact_location: preset(text, ""),
  creation_timestamp: preset(integer, 0),
  last_updated_timestamp: preset(integer, 0),
  source_run_id: optional(text),
  model_type: optional(text),
  /** MLflow's number. */
  status: preset(integer, 0),
  status_message: optional(text),
  lifecycle_stage: preset(choice(lifecycles), "active"),
});

/** Undefined where it is deleted, which MLflow does not show either, and, reported, where it cannot be read. */
export async function readLoggedModel(
  store: FileStore,
  folder: string,
): Promise<LoggedModel | undefined> {
  const meta = await readMeta(store, folder, modelMeta);
  if (meta === undefined || meta.lifecycle_stage === "deleted") return undefined;
  const { creation_timestamp, last_updated_timestamp, artifact_location, ...info } = meta;
  return {
    info: {
      ...info,
      creation_timestamp_ms: creation_timestamp,
      last_updated_timestamp_ms: last_updated_timestamp,
      artifact_uri: artifact_location,
      status: loggedModelStatuses[meta.status] ?? "LOGGED_MODEL_STATUS_UNSPECIFIED",
      tags: await readTexts(store, join(folder, "tags")),
    },
    data: {
      params: await readTexts(store, join(folder, "params")),
      metrics: await readPoints(store, folder, meta.model_id),
    },
  };
}

/** Every point, not only the latest. */
async function readPoints(
  store: FileStore,
  folder: string,
  modelId: string,
): Promise<readonly MetricPoint[]> {
  const all: MetricPoint[] = [];
  for (const { key, path } of await listFiles(store, join(folder, "metrics"))) {
    const content = await tryText(store, path);
    const { points, malformed } = readMetricLines(key, content ?? "", readModelPoint);
    reportLines(store, path, malformed);
    for (const point of points) all.push({ ...point, model_id: modelId });
  }
  return all;
}
