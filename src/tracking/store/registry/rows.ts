/** Registered models and their versions as the tables have them. */
import type { KeyValue, ModelVersion, RegisteredModel } from "../../entities.ts";
import { numberOf, textOf, type Row } from "../database.ts";
import { missing, type Store } from "../store.ts";

export const stages = ["None", "Staging", "Production", "Archived"] as const;
export type Stage = (typeof stages)[number];
/** MLflow keeps the row of a version that was deleted, so that its number is never given again. */
export const deletedStage = "Deleted_Internal";

export const modelColumns = "name, creation_time, last_updated_time, description";
export const versionColumns =
  "name, version, creation_time, last_updated_time, description, current_stage, source, run_id, status, status_message, run_link";

/** The row of a registered model; throws when there is none. Inside a transaction. */
export function requireModel(store: Store, name: string): Row {
  const row = store.database.first(
    `SELECT ${modelColumns} FROM registered_models WHERE name = ?`,
    name,
  );
  if (row === undefined) throw missing(`there is no registered model ${JSON.stringify(name)}`);
  return row;
}

/** The row of a version that is not deleted; throws when there is none. Inside a transaction. */
export function requireVersion(store: Store, name: string, version: number): Row {
  const row = store.database.first(
    `SELECT ${versionColumns} FROM model_versions
     WHERE name = ? AND version = ? AND current_stage <> '${deletedStage}'`,
    name,
    version,
  );
  if (row === undefined)
    throw missing(`the registered model ${JSON.stringify(name)} has no version ${version}`);
  return row;
}

export function readModel(store: Store, row: Row): RegisteredModel {
  const name = textOf(row, "name");
  const aliases = store.database
    .all("SELECT alias, version FROM registered_model_aliases WHERE name = ? ORDER BY rowid", name)
    .map((each) => ({ alias: textOf(each, "alias"), version: textOf(each, "version") }));
  const tags = pairs(store, "SELECT key, value FROM registered_model_tags WHERE name = ?", name);
  const latest = latestVersions(store, name);
  const description = textOf(row, "description");
  return {
    name,
    creation_timestamp: numberOf(row, "creation_time"),
    last_updated_timestamp: numberOf(row, "last_updated_time"),
    ...(description === "" ? {} : { description }),
    ...(latest.length === 0 ? {} : { latest_versions: latest }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

/** The highest version of each stage that has one, the stage of the lowest version first. */
export function latestVersions(store: Store, name: string): readonly ModelVersion[] {
  const latest = new Map<string, Row>();
  const rows = store.database.all(
    `SELECT ${versionColumns} FROM model_versions
     WHERE name = ? AND current_stage <> '${deletedStage}' ORDER BY version`,
    name,
  );
  for (const row of rows) latest.set(textOf(row, "current_stage"), row);
  return [...latest.values()].map((row) => readVersion(store, row));
}

export function readVersion(store: Store, row: Row): ModelVersion {
  const name = textOf(row, "name");
  const version = numberOf(row, "version");
  const aliases = store.database
    .all(
      "SELECT alias FROM registered_model_aliases WHERE name = ? AND version = ? ORDER BY rowid",
      name,
      version,
    )
    .map((each) => textOf(each, "alias"));
  const tags = pairs(
    store,
    "SELECT key, value FROM model_version_tags WHERE name = ? AND version = ?",
    name,
    version,
  );
  const message = textOf(row, "status_message");
  return {
    name,
    version: String(version),
    creation_timestamp: numberOf(row, "creation_time"),
    last_updated_timestamp: numberOf(row, "last_updated_time"),
    current_stage: textOf(row, "current_stage"),
    description: textOf(row, "description"),
    source: textOf(row, "source"),
    run_id: textOf(row, "run_id"),
    status: "READY",
    run_link: textOf(row, "run_link"),
    ...(message === "" ? {} : { status_message: message }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

function pairs(store: Store, select: string, ...owner: (string | number)[]): readonly KeyValue[] {
  return store.database
    .all(`${select} ORDER BY rowid`, ...owner)
    .map((row) => ({ key: textOf(row, "key"), value: textOf(row, "value") }));
}
