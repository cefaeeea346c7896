/** Logged models as they are read: one or many, with their tags, params and metrics. */
import {
  loggedModelStatuses,
  type KeyValue,
  type LoggedModel,
  type MetricPoint,
} from "../../entities.ts";
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { numberOf, textOf, type Row, type Tuple } from "../database.ts";
import { requireLoggedModels } from "../schema.ts";
import { missing, type Store } from "../store.ts";

export const modelColumns = `model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
  last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id, status_message`;

/** The row of a model, deleted or not; throws when there is none. Inside a transaction. */
export function requireModel(store: Store, id: string): Row {
  requireLoggedModels(store.database);
  const row = store.database.first(
    `SELECT ${modelColumns} FROM logged_models WHERE model_id = ?`,
    id,
  );
  if (row === undefined) throw missing(`there is no logged model with the id ${id}`);
  return row;
}

/** As `requireModel`, for what takes a deleted one for missing. */
export function requireActiveModel(store: Store, id: string): Row {
  const row = requireModel(store, id);
  if (textOf(row, "lifecycle_stage") === "deleted") throw missing(`the model ${id} is deleted`);
  return row;
}

export function getLoggedModel(
  store: Store,
  { model_id }: RequestOf<"logged-models/get">,
): Promise<ResponseOf<"logged-models/get">> {
  return store.database.read(() => ({
    model: readModel(store, requireActiveModel(store, model_id)),
  }));
}

export function readModel(store: Store, row: Row): LoggedModel {
  const [model] = readModels(store, [row]);
  if (model === undefined) throw new Error("one row makes one model");
  return model;
}

/** The models of `rows` with all they have, in the order of the rows. Inside a transaction. */
export function readModels(store: Store, rows: readonly Row[]): readonly LoggedModel[] {
  const ids = rows.map((row) => textOf(row, "model_id"));
  const tags = ownedBy(store, ids, "logged_model_tags", "tag_key, tag_value");
  const params = ownedBy(store, ids, "logged_model_params", "param_key, param_value");
  const metrics = ownedBy(
    store,
    ids,
    "logged_model_metrics",
    `metric_name, metric_value, metric_timestamp_ms, metric_step, run_id, dataset_name, dataset_digest`,
  );
  return rows.map((row, at) => {
    const id = ids[at] ?? "";
    const [ownParams, ownMetrics] = [params.get(id), metrics.get(id)];
    return {
      info: toInfo(row, tags.get(id)),
      data: {
        ...(ownParams && { params: ownParams.map(toPair) }),
        ...(ownMetrics && { metrics: ownMetrics.map(toPoint) }),
      },
    };
  });
}

/** Rows by the model they belong to, by name; the model comes before `columns`. */
function ownedBy(
  store: Store,
  ids: readonly string[],
  table: string,
  columns: string,
): ReadonlyMap<string, readonly Tuple[]> {
  const found = store.database.tuples(
    `SELECT model_id, ${columns} FROM ${table}
     WHERE model_id IN (SELECT value FROM json_each(?)) ORDER BY 2`,
    JSON.stringify(ids),
  );
  return Map.groupBy(found, ([id]) => String(id));
}

function toPair([, key, value]: Tuple): KeyValue {
  return { key: String(key), value: String(value) };
}

function toPoint([model, key, value, timestamp, step, run, name, digest]: Tuple): MetricPoint {
  return {
    key: String(key),
    value: value === null ? Number.NaN : Number(value),
    timestamp: Number(timestamp),
    step: Number(step),
    model_id: String(model),
    ...(name !== null && { dataset_name: String(name) }),
    ...(digest !== null && { dataset_digest: String(digest) }),
    run_id: String(run),
  };
}

function toInfo(row: Row, tags: readonly Tuple[] | undefined): LoggedModel["info"] {
  const optional = ["model_type", "source_run_id", "status_message"].filter(
    (column) => row[column] !== null,
  );
  return {
    model_id: textOf(row, "model_id"),
    experiment_id: textOf(row, "experiment_id"),
    name: textOf(row, "name"),
    creation_timestamp_ms: numberOf(row, "creation_timestamp_ms"),
    last_updated_timestamp_ms: numberOf(row, "last_updated_timestamp_ms"),
    artifact_uri: textOf(row, "artifact_location"),
    status: loggedModelStatuses[numberOf(row, "status")] ?? loggedModelStatuses[0],
    ...Object.fromEntries(optional.map((column) => [column, textOf(row, column)])),
    ...(tags && { tags: tags.map(toPair) }),
  };
}
