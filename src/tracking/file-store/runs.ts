/** A run of an `mlruns` folder: its `meta.yaml`, and a file for each param, tag and metric. */
import { join } from "node:path";
import { lifecycles, type MetricPoint, type RunStatus, type TrackedRun } from "../entities.ts";
import { choice, integer, message, optional, preset, text } from "../shape.ts";
import { listFiles, readMeta, readText, readTexts, reportLines, type FileStore } from "./folder.ts";
import { readInputs, readOutputs } from "./inputs.ts";
import { readMetricLines, readRunPoint } from "./metric-lines.ts";

const runMeta = message({
  /** Runs before MLflow 1.0 have only the second. */
  run_id: text,
  run_name: optional(text),
  experiment_id: text,
  user_id: preset(text, ""),
  /** MLflow's numbers, or names. */
  status: preset(integer, 1),
  start_time: preset(integer, 0),
  end_time: optional(integer),
  artifact_uri: preset(text, ""),
  lifecycle_stage: preset(choice(lifecycles), "active"),
});

const statuses: readonly (RunStatus | undefined)[] = [
  undefined,
  "RUNNING",
  "SCHEDULED",
  "FINISHED",
  "FAILED",
  "KILLED",
];

export interface RunPlace {
  readonly id: string;
  readonly experimentId: string;
  readonly experimentFolder: string;
  readonly folder: string;
}

/** Its info and tags. Undefined, and reported, where they cannot be read. */
export async function readRunHead(
  store: FileStore,
  place: RunPlace,
): Promise<TrackedRun | undefined> {
  const meta = await readMeta(store, place.folder, runMeta);
  if (meta === undefined) return undefined;
  const wrong = disagreement(meta, place);
  if (wrong !== undefined) {
    store.report({ place: place.folder, message: wrong });
    return undefined;
  }
  const tags = await readTexts(store, join(place.folder, "tags"));
  const { run_name = tags.find(({ key }) => key === "mlflow.runName")?.value ?? "" } = meta;
  const status = statuses[meta.status] ?? "RUNNING";
  return { info: { ...meta, run_uuid: place.id, run_name, status }, data: { tags } };
}

/** MLflow does not take such a folder for a run either. */
function disagreement(
  meta: { readonly run_id: string; readonly experiment_id: string; readonly status: number },
  place: RunPlace,
): string | undefined {
  if (meta.run_id !== place.id) return `says that it is the run ${meta.run_id}, and is left out`;
  if (meta.experiment_id !== place.experimentId)
    return `says that it is of the experiment ${meta.experiment_id}, and is left out`;
  if (statuses[meta.status] === undefined)
    return `has the status ${meta.status}, which MLflow does not know, and is left out`;
  return undefined;
}

/** With all that belongs to it, its metrics excepted. */
export async function readRun(store: FileStore, place: RunPlace): Promise<TrackedRun | undefined> {
  const head = await readRunHead(store, place);
  if (head === undefined) return undefined;
  return {
    info: head.info,
    data: { ...head.data, params: await readTexts(store, join(place.folder, "params")) },
    inputs: await readInputs(store, place),
    outputs: await readOutputs(store, place),
  };
}

/** Of all metrics that were logged, in the order of names. */
export async function readMetricKeys(
  store: FileStore,
  place: RunPlace,
): Promise<readonly string[]> {
  const files = await listFiles(store, join(place.folder, "metrics"));
  return files.map(({ key }) => key);
}

/** All points of a metric, in the order of their logging. */
export async function readHistory(
  store: FileStore,
  place: RunPlace,
  key: string,
): Promise<readonly MetricPoint[]> {
  const file = join(place.folder, "metrics", key);
  const content = await readText(store, file);
  const { points, malformed } = readMetricLines(key, content ?? "", readRunPoint);
  reportLines(store, file, malformed);
  return points;
}
