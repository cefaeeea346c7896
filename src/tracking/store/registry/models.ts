/** Registered models: names under which versions of a model are kept. */
import type { KeyValue } from "../../entities.ts";
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { TrackingError } from "../../tracking.ts";
import { invalid, type Store } from "../store.ts";
import { numberOf, textOf } from "../database.ts";
import { latestVersions, readModel, readVersion, requireModel, requireVersion } from "./rows.ts";
import {
  checkAlias,
  checkDescription,
  checkModelName,
  checkRegistryTag,
  readStage,
  readVersionNumber,
} from "./validate.ts";

export function createRegisteredModel(
  store: Store,
  { name, tags = [], description = "" }: RequestOf<"registered-models/create">,
): Promise<ResponseOf<"registered-models/create">> {
  return store.database.write(() => {
    checkModelName(name);
    tags.forEach(checkRegistryTag);
    checkDescription(description);
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
    for (const tag of tags) putTag(store, name, tag);
    return { registered_model: readModel(store, requireModel(store, name)) };
  });
}

function refuseKnown(store: Store, name: string): void {
  const known = store.database.first("SELECT 1 FROM registered_models WHERE name = ?", name);
  if (known === undefined) return;
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
  return store.database.read(() => {
    return { registered_model: readModel(store, requireModel(store, name)) };
  });
}

/** Versions, tags and aliases go along. */
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
    checkDescription(description);
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
    const wanted = new Set<string | undefined>(stages.map(readStage));
    const versions = latestVersions(store, name).filter(
      ({ current_stage }) => wanted.size === 0 || wanted.has(current_stage),
    );
    return versions.length === 0 ? {} : { model_versions: versions };
  });
}

export function setRegisteredModelTag(
  store: Store,
  { name, key, value }: RequestOf<"registered-models/set-tag">,
): Promise<ResponseOf<"registered-models/set-tag">> {
  return store.database.write(() => {
    checkRegistryTag({ key, value });
    requireModel(store, name);
    putTag(store, name, { key, value });
    return {};
  });
}

/** Not by ON CONFLICT: newer MLflows have one more column in the key. */
function putTag(store: Store, name: string, { key, value }: KeyValue): void {
  const changed = store.database.run(
    "UPDATE registered_model_tags SET value = ? WHERE name = ? AND key = ?",
    value,
    name,
    key,
  );
  if (changed > 0) return;
  store.database.run(
    "INSERT INTO registered_model_tags (key, value, name) VALUES (?, ?, ?)",
    key,
    value,
    name,
  );
}

/** A tag that is not there is no error, as in MLflow. */
export function deleteRegisteredModelTag(
  store: Store,
  { name, key }: RequestOf<"registered-models/delete-tag">,
): Promise<ResponseOf<"registered-models/delete-tag">> {
  return store.database.write(() => {
    requireModel(store, name);
    store.database.run("DELETE FROM registered_model_tags WHERE name = ? AND key = ?", name, key);
    return {};
  });
}

export function setAlias(
  store: Store,
  { name, alias, version }: RequestOf<"registered-models/set-alias">,
): Promise<ResponseOf<"registered-models/set-alias">> {
  return store.database.write(() => {
    checkAlias(alias);
    requireVersion(store, name, readVersionNumber(version));
    store.database.run(
      "DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?",
      name,
      alias,
    );
    store.database.run(
      "INSERT INTO registered_model_aliases (name, alias, version) VALUES (?, ?, ?)",
      name,
      alias,
      Number(version),
    );
    return {};
  });
}

export function deleteAlias(
  store: Store,
  { name, alias }: RequestOf<"registered-models/delete-alias">,
): Promise<ResponseOf<"registered-models/delete-alias">> {
  return store.database.write(() => {
    checkAlias(alias);
    requireModel(store, name);
    store.database.run(
      "DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?",
      name,
      alias,
    );
    return {};
  });
}

export function getByAlias(
  store: Store,
  { name, alias }: RequestOf<"registered-models/get-by-alias">,
): Promise<ResponseOf<"registered-models/get-by-alias">> {
  return store.database.read(() => {
    requireModel(store, name);
    const row = store.database.first(
      "SELECT name, version FROM registered_model_aliases WHERE name = ? AND alias = ?",
      name,
      alias,
    );
    if (row === undefined)
      throw invalid(`the registered model ${JSON.stringify(name)} has no alias ${alias}`);
    const version = requireVersion(store, textOf(row, "name"), numberOf(row, "version"));
    return { model_version: readVersion(store, version) };
  });
}
