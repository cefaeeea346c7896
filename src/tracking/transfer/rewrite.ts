/** Ids of the source that stand inside other values, turned into those of the target. */
import type { DatasetInput, KeyValue, ModelVersion } from "../entities.ts";
import { TrackingError } from "../tracking.ts";
import { mapModelId, placeModel } from "./model-copies.ts";
import { mapRunId, placeRun } from "./place-run.ts";
import { tagOf } from "./marks.ts";
import type { Transfer } from "./transfer.ts";

/** Tags that name a run, and those that hold JSON with ids of runs and models. */
const runTags: ReadonlySet<string> = new Set([
  "mlflow.parentRunId",
  "mlpipe.best_run",
  "mlpipe.replay_of",
]);
/** Begins of tags that name the run that an input, or what the cache had of a step, came from. */
const originTags = ["mlpipe.input.", "mlpipe.cached."];
const historyTag = "mlflow.log-model.history";

/** What has no counterpart at the target stays as it is. `there` are the tags that the copy has. */
export async function rewriteTag(
  transfer: Transfer,
  tag: KeyValue,
  there: readonly KeyValue[] = [],
): Promise<KeyValue> {
  const { key, value } = tag;
  if (key === historyTag)
    return { ...tag, value: await rewriteHistory(transfer, value, tagOf(there, key)) };
  if (runTags.has(key)) return { ...tag, value: (await mapRunId(transfer, value)) ?? value };
  if (!originTags.some((begin) => key.startsWith(begin))) return tag;
  return { ...tag, value: (await mapOrigin(transfer, value)) ?? value };
}

/** A run that the target refuses, which is told where that run itself is copied, takes nothing from those that came of it. */
async function mapOrigin(transfer: Transfer, id: string): Promise<string | undefined> {
  try {
    return await mapRunId(transfer, id);
  } catch (error) {
    if (error instanceof TrackingError && error.code === "INVALID_PARAMETER_VALUE")
      return undefined;
    throw error;
  }
}

/** A list grows at both ends: the models that only the copy has, stay in it. */
async function rewriteHistory(transfer: Transfer, text: string, there = "[]"): Promise<string> {
  const history = parse(text);
  if (!Array.isArray(history)) return text;
  const rewritten = await Promise.all(history.map((model) => rewriteModel(transfer, model)));
  const known = new Set(rewritten.map(nameModel));
  const before = parse(there);
  const others = Array.isArray(before)
    ? before.filter((model) => !known.has(nameModel(model)))
    : [];
  return JSON.stringify([...others, ...rewritten]);
}

/** MLflow keeps these whatever else it changes in a model's description. */
function nameModel(model: unknown): string {
  const { artifact_path, utc_time_created } = (model ?? {}) as Readonly<Record<string, unknown>>;
  return JSON.stringify([artifact_path, utc_time_created]);
}

async function rewriteModel(transfer: Transfer, model: unknown): Promise<unknown> {
  if (typeof model !== "object" || model === null) return model;
  const { run_id, model_id } = model as Readonly<Record<string, unknown>>;
  const run = typeof run_id === "string" ? await mapRunId(transfer, run_id) : undefined;
  const logged = typeof model_id === "string" ? await mapModelId(transfer, model_id) : undefined;
  return {
    ...model,
    ...(run !== undefined && { run_id: run }),
    ...(logged !== undefined && { model_id: logged }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const inRun = /^runs:\/+([^/]+)(\/.*)?$/;
const inModel = /^models:\/+(m-[0-9a-f]+)(\/.*)?$/;
const belowModel = /\/models\/(m-[0-9a-f]{32})\/artifacts(\/|$)/;

/** The logged model that a version was made of, which not every server tells but by the place of the files. */
export function modelOf({ model_id = "", source }: ModelVersion): string | undefined {
  return model_id || inModel.exec(source)?.[1] || belowModel.exec(source)?.[1];
}

/** Where the files of a model's version are at the target: below a run or a logged model, by name or by place. */
export async function rewriteSource(transfer: Transfer, version: ModelVersion): Promise<string> {
  const { source, run_id = "" } = version;
  const [, run, inside = ""] = inRun.exec(source) ?? [];
  if (run !== undefined) return `runs:/${(await mapRunId(transfer, run)) ?? run}${inside}`;
  const [, model, below = ""] = inModel.exec(source) ?? [];
  if (model !== undefined) return `models:/${(await mapModelId(transfer, model)) ?? model}${below}`;
  const owner = modelOf(version);
  return (
    (owner === undefined ? undefined : await movedModel(transfer, source, owner)) ??
    (run_id === "" ? undefined : await movedRun(transfer, source, run_id)) ??
    source
  );
}

/** A data set that is an artifact of a run, as mlpipe logs it; others stay as they are. */
export async function rewriteDataset(
  transfer: Transfer,
  input: DatasetInput,
): Promise<DatasetInput> {
  const { dataset } = input;
  const source = dataset.source_type === "runs" ? parse(dataset.source) : undefined;
  const { uri } = (source ?? {}) as { readonly uri?: unknown };
  const [, run, inside = ""] = (typeof uri === "string" && inRun.exec(uri)) || [];
  const copy = run === undefined ? undefined : await mapRunId(transfer, run);
  if (copy === undefined) return input;
  const moved = JSON.stringify({ uri: `runs:/${copy}${inside}` });
  return { ...input, dataset: { ...dataset, source: moved } };
}

/** Undefined where the place is not among the artifacts of the run. */
async function movedRun(
  transfer: Transfer,
  place: string,
  id: string,
): Promise<string | undefined> {
  const run = await transfer.source.run(id);
  const copy = run && (await placeRun(transfer, run))?.copy;
  return copy && move(place, run.info.artifact_uri, copy.artifactUri);
}

async function movedModel(
  transfer: Transfer,
  place: string,
  id: string,
): Promise<string | undefined> {
  const model = await transfer.source.loggedModel(id);
  const copy = model && (await placeModel(transfer, model))?.copy;
  return copy && move(place, model.info.artifact_uri, copy.artifactUri);
}

function move(place: string, from: string, to: string): string | undefined {
  const root = from.replace(/\/+$/, "");
  const isBelow = root !== "" && (place === root || place.startsWith(`${root}/`));
  return isBelow ? to.replace(/\/+$/, "") + place.slice(root.length) : undefined;
}
