/** New logged models: pending until somebody says that their files are there. */
import type { KeyValue } from "../../entities.ts";
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { locateModel } from "../artifact-location.ts";
import { numberOf, textOf, type Row } from "../database.ts";
import { requireActiveExperiment } from "../experiments.ts";
import { makeRunName } from "../run-name.ts";
import { requireLoggedModels } from "../schema.ts";
import { invalid, refused, type Store } from "../store.ts";
import { readModel, requireModel } from "./models.ts";

type Request = RequestOf<"logged-models/create">;

/** As in MLflow, params and tags are of any length, and nobody looks for the run. */
export function createLoggedModel(
  store: Store,
  request: Request,
): Promise<ResponseOf<"logged-models/create">> {
  return store.database.write(() => {
    requireLoggedModels(store.database);
    checkModelName(request.name ?? "");
    const experiment = requireActiveExperiment(store, request.experiment_id);
    const id = `m-${store.newId()}`;
    insertModel(store, id, request, experiment);
    putModelParams(store, id, experiment, request.params ?? []);
    putModelTags(store, id, experiment, refuseRepeated(request.tags ?? []));
    return { model: readModel(store, requireModel(store, id)) };
  });
}

function checkModelName(name: string): void {
  if (/[/:.%"']/.test(name))
    throw invalid(
      `${JSON.stringify(name)} is no name for a model`,
      `leave out / : . % and quotation marks`,
    );
}

function insertModel(store: Store, id: string, request: Request, experiment: Row): void {
  const now = store.now();
  store.database.run(
    `INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
       last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id)
     VALUES (?, ?, ?, ?, ?, ?, 1, 'active', ?, ?)`,
    id,
    numberOf(experiment, "experiment_id"),
    request.name || makeRunName(),
    locateModel(textOf(experiment, "artifact_location"), id),
    now,
    now,
    request.model_type ?? "",
    request.source_run_id ?? "",
  );
}

/** `owner` is a row with the experiment's id. A param that the model has already is refused, even with the same value. */
export function putModelParams(
  store: Store,
  id: string,
  owner: Row,
  params: readonly KeyValue[],
): void {
  for (const { key, value } of params) {
    const inserted = store.database.run(
      `INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)
       VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      id,
      numberOf(owner, "experiment_id"),
      key,
      value,
    );
    if (inserted === 0) throw refused(`the model ${id} has a param ${JSON.stringify(key)} already`);
  }
}

/** As `putModelParams`, but the last one written stands. */
export function putModelTags(
  store: Store,
  id: string,
  owner: Row,
  tags: readonly KeyValue[],
): void {
  for (const { key, value } of tags) {
    store.database.run(
      `INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET tag_value = excluded.tag_value`,
      id,
      numberOf(owner, "experiment_id"),
      key,
      value,
    );
  }
}

function refuseRepeated(tags: readonly KeyValue[]): readonly KeyValue[] {
  if (new Set(tags.map(({ key }) => key)).size < tags.length)
    throw refused("a tag of the new model is given twice");
  return tags;
}
