/** The counterpart of a logged model at the target: found by its marks or its id, or made. */
import type { KeyValue, LoggedModel } from "../entities.ts";
import { placeExperiment } from "./experiments.ts";
import { copiedTags, originModelTag, originTag, readMark, tagOf, type Mark } from "./marks.ts";
import { askPages } from "../pages.ts";
import { mapRunId } from "./place-run.ts";
import { unlessMissing } from "../tracking.ts";
import { isUnknownCall } from "./tracking-source.ts";
import type { Target } from "./target.ts";
import { experimentIds, once, type Placed, type Transfer } from "./transfer.ts";

export interface ModelCopy {
  readonly id: string;
  readonly artifactUri: string;
  /** Absent: it is not known to be whole. */
  readonly mark: Mark | undefined;
}

/** Which model a model is, whatever its id: the first that it is a copy of, or itself. */
function rootOf({ info }: LoggedModel): string {
  return tagOf(info.tags, originModelTag) ?? info.model_id;
}

function toCopy({ info }: LoggedModel): ModelCopy {
  return { id: info.model_id, artifactUri: info.artifact_uri, mark: readMark(info.tags) };
}

/** Copies of models from `origin`, by root; none where the target knows no logged models. */
export async function listModelCopies(
  target: Target,
  experiments: readonly string[],
  origin: string,
): Promise<ReadonlyMap<string, ModelCopy>> {
  const copies = new Map<string, ModelCopy>();
  for await (const model of searchModels(target, experiments, { key: originTag, value: origin }))
    copies.set(rootOf(model), toCopy(model));
  return copies;
}

async function* searchModels(
  { tracking }: Target,
  experiments: readonly string[],
  { key, value }: KeyValue,
): AsyncGenerator<LoggedModel> {
  const ask = {
    experiment_ids: experiments,
    filter: `tags.\`${key}\` = '${value}'`,
    max_results: 100,
  };
  try {
    for await (const { models } of askPages(tracking, "logged-models/search", ask))
      yield* models ?? [];
  } catch (error) {
    if (!isUnknownCall(error)) throw error;
  }
}

/** Undefined where there is none and none is to be made, and where the target knows no logged models. */
export function placeModel(
  transfer: Transfer,
  model: LoggedModel,
): Promise<Placed<ModelCopy> | undefined> {
  return once(transfer.known.placedModels, model.info.model_id, async () => {
    try {
      const found = await findModel(transfer, model);
      if (found !== undefined) return { copy: found, isNew: false };
      return transfer.isRehearsal ? undefined : await makeModel(transfer, model);
    } catch (error) {
      if (!isUnknownCall(error)) throw error;
      const message = "is not brought over: the target knows no logged models (MLflow before 3)";
      transfer.report({ place: `logged model ${model.info.model_id}`, message });
      return undefined;
    }
  });
}

async function findModel(transfer: Transfer, model: LoggedModel): Promise<ModelCopy | undefined> {
  const { target, known } = transfer;
  const root = rootOf(model);
  const listed = known.modelCopies.get(root);
  if (listed !== undefined) return listed;
  const itself = await unlessMissing(() =>
    target.tracking.call("logged-models/get", { model_id: root }),
  );
  if (itself !== undefined) return toCopy(itself.model);
  const mark = { key: originModelTag, value: root };
  for await (const found of searchModels(target, experimentIds(transfer), mark))
    return toCopy(found);
  return undefined;
}

async function makeModel(transfer: Transfer, model: LoggedModel): Promise<Placed<ModelCopy>> {
  const { target, source } = transfer;
  const { info, data } = model;
  const root = rootOf(model);
  const isNamed = target.keepsIds && root === info.model_id;
  const run = info.source_run_id && (await mapRunId(transfer, info.source_run_id));
  const given = { id: info.model_id.replace(/^m-/, ""), now: info.creation_timestamp_ms };
  const made = await target.make(given, "logged-models/create", {
    experiment_id: (await placeExperiment(transfer, info.experiment_id)) ?? "",
    name: info.name,
    ...(info.model_type !== undefined && { model_type: info.model_type }),
    ...(run !== undefined && { source_run_id: run }),
    params: data.params ?? [],
    tags: [
      ...copiedTags(info.tags),
      { key: originTag, value: source.identity },
      ...(isNamed ? [] : [{ key: originModelTag, value: root }]),
    ],
  });
  return { copy: toCopy(made.model), isNew: true };
}

/** The id that a model of the source has at the target; undefined where it has none there. */
export async function mapModelId(transfer: Transfer, id: string): Promise<string | undefined> {
  const known = await transfer.known.placedModels.get(id);
  if (known !== undefined) return known.copy.id;
  const model = await transfer.source.loggedModel(id);
  return model && (await placeModel(transfer, model))?.copy.id;
}
