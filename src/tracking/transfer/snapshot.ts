/** All of one run at its source, read once, and the digests by which a copy is known to be of just this. */
import { createHash } from "node:crypto";
import type { KeyValue, MetricPoint, TrackedRun } from "../entities.ts";
import { printJson } from "../json.ts";
import { copiedTags, type Mark } from "./marks.ts";
import { gather, one } from "../pages.ts";
import type { Owner, Source, SourceFile } from "./source.ts";

export interface Snapshot {
  readonly run: TrackedRun;
  readonly tags: readonly KeyValue[];
  /** Every point of every metric, and what is about a logged model with that model's id. */
  readonly points: readonly MetricPoint[];
  readonly files: readonly SourceFile[];
  readonly mark: Mark;
}

export function ownerOf({ info }: TrackedRun): Owner {
  return { kind: "run", id: info.run_id, uri: info.artifact_uri };
}

/** `modelPoints` are those that logged models have of this run. */
export async function readSnapshot(
  source: Source,
  run: TrackedRun,
  modelPoints: readonly MetricPoint[],
): Promise<Snapshot> {
  const points = mergePoints(await readPoints(source, run), modelPoints);
  const listed = Date.now();
  const files = await gather(one(source.files(ownerOf(run))));
  const tags = copiedTags(run.data.tags);
  const { info, inputs = {}, outputs = {} } = run;
  const data = digest([
    [info.run_name, info.status, info.start_time, info.end_time, info.lifecycle_stage],
    inOrder(run.data.params),
    inOrder(tags),
    inOrder(inputs.dataset_inputs),
    inOrder(inputs.model_inputs),
    inOrder(outputs.model_outputs),
    inOrder(points),
  ]);
  return { run, tags, points, files, mark: { data, files: digestFiles(files), listed } };
}

export function digestFiles(files: readonly SourceFile[]): string {
  return digest(files.map(({ path, size, changed }) => [path, size, changed]));
}

export function digest(value: unknown): string {
  return createHash("sha256").update(printJson(value)).digest("hex").slice(0, 32);
}

/** Trackers list in no order that they promise. */
function inOrder(items: readonly unknown[] = []): readonly string[] {
  return items.map((item) => printJson(item)).toSorted();
}

async function readPoints(source: Source, run: TrackedRun): Promise<readonly MetricPoint[]> {
  const points: MetricPoint[] = [];
  for (const key of await source.metricKeys(run))
    points.push(...(await gather(source.history(run.info.run_id, key))));
  return points;
}

/** A point of a model is one of its run too, and there without the model. */
function mergePoints(
  points: readonly MetricPoint[],
  modelPoints: readonly MetricPoint[],
): readonly MetricPoint[] {
  const own = new Set(points.map(nameOf));
  const ofModels = modelPoints.map((point) => restoreNaN(point, own));
  const told = new Set(ofModels.map(nameOf));
  return [...points.filter((point) => !told.has(nameOf(point))), ...ofModels];
}

/** MLflow's databases keep a model's NaN as 0; the run's own point tells. */
function restoreNaN(point: MetricPoint, ofRun: ReadonlySet<string>): MetricPoint {
  const unknown = { ...point, value: Number.NaN };
  return !ofRun.has(nameOf(point)) && ofRun.has(nameOf(unknown)) ? unknown : point;
}

/** The same for what MLflow takes for the same point: infinities are kept as the largest doubles. */
export function nameOf({ key, value, timestamp, step }: MetricPoint): string {
  const kept = Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  return JSON.stringify([key, timestamp, step, Number.isNaN(value) ? "NaN" : kept]);
}
