/** Registered models: names under which versions of a model are kept. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { TrackingError } from "../../tracking.ts";
import type { Store } from "../store.ts";
import {
  findModel,
  latestVersions,
  readFullVersion,
  readModel,
  requireModel,
  requireRegistry,
} from "./rows.ts";
import { putModelTag } from "./tags.ts";
import { checkModelName, checkRegistryTag, readStage } from "./validate.ts";

/** Of a tag that is given twice the last one stands. */
export function createRegisteredModel(
  store: Store,
  { name, tags = [], description = "" }: RequestOf<"registered-models/create">,
): Promise<ResponseOf<"registered-models/create">> {
  return store.database.write(() => {
    requireRegistry(store);
    checkModelName(name);
    tags.forEach(checkRegistryTag);
    refuseKnown(store, name);
    const now = store.now();
    store.database.run(
      `INSERT INTO registered_models (name, creation_time, last_updated_time, description)
       VALUES (?, ?, ?, ?)`,
      name,
      now,
      now,
      description,
    );
    for (const tag of tags) putModelTag(store, name, tag);
    return { registered_model: readModel(store, requireModel(store, name)) };
  });
}

function refuseKnown(store: Store, name: string): void {
  if (findModel(store, name) === undefined) return;
  throw new TrackingError(
    "RESOURCE_ALREADY_EXISTS",
    `the registered model ${JSON.stringify(name)} already exists`,
    "add a version to it, or take another name",
  );
}

export function getRegisteredModel(
  store: Store,
  { name }: RequestOf<"registered-models/get">,
): Promise<ResponseOf<"registered-models/get">> {
  return store.database.read(() => ({
    registered_model: readModel(store, requireModel(store, name)),
  }));
}

/** Versions, tags and aliases go along, by the foreign keys of the tables. */
export function renameRegisteredModel(
  store: Store,
  { name, new_name }: RequestOf<"registered-models/rename">,
): Promise<ResponseOf<"registered-models/rename">> {
  return store.database.write(() => {
    checkModelName(new_name);
    requireModel(store, name);
    if (new_name !== name) refuseKnown(store, new_name);
    const now = store.now();
    store.database.run(
      "UPDATE registered_models SET name = ?, last_updated_time = ? WHERE name = ?",
      new_name,
      now,
      name,
    );
    store.database.run(
      "UPDATE model_versions SET last_updated_time = ? WHERE name = ?",
      now,
      new_name,
    );
    return { registered_model: readModel(store, requireModel(store, new_name)) };
  });
}

/** Without a description the model has none from then on, as in MLflow. */
export function updateRegisteredModel(
  store: Store,
  { name, description = "" }: RequestOf<"registered-models/update">,
): Promise<ResponseOf<"registered-models/update">> {
  return store.database.write(() => {
    requireModel(store, name);
    store.database.run(
      "UPDATE registered_models SET description = ?, last_updated_time = ? WHERE name = ?",
      description,
      store.now(),
      name,
    );
    return { registered_model: readModel(store, requireModel(store, name)) };
  });
}

export function deleteRegisteredModel(
  store: Store,
  { name }: RequestOf<"registered-models/delete">,
): Promise<ResponseOf<"registered-models/delete">> {
  return store.database.write(() => {
    requireModel(store, name);
    for (const table of [
      "registered_model_aliases",
      "model_version_tags",
      "model_versions",
      "registered_model_tags",
      "registered_models",
    ])
      store.database.run(`DELETE FROM ${table} WHERE name = ?`, name);
    return {};
  });
}

export function getLatestVersions(
  store: Store,
  { name, stages = [] }: RequestOf<"registered-models/get-latest-versions">,
): Promise<ResponseOf<"registered-models/get-latest-versions">> {
  return store.database.read(() => {
    requireModel(store, name);
    const wanted = new Set<unknown>(stages.map(readStage));
    const versions = latestVersions(store, name).filter(
      (row) => wanted.size === 0 || wanted.has(row["current_stage"]),
    );
    if (versions.length === 0) return {};
    return { model_versions: versions.map((row) => readFullVersion(store, row)) };
  });
}
