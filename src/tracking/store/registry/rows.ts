/** Registered models and their versions as the tables have them. */
import type { KeyValue, ModelVersion, RegisteredModel } from "../../entities.ts";
import { numberOf, optionalTextOf, textOf, type Row } from "../database.ts";
import { requireTables } from "../schema.ts";
import { missing, type Store } from "../store.ts";
import { checkModelName, readVersionNumber } from "./validate.ts";

/** MLflow keeps the row of a version that was deleted, so that its number is never given again. */
export const deletedStage = "Deleted_Internal";
/** Prompts are registered models with this tag; searches for models pass over them. */
export const promptTag = "mlflow.prompt.is_prompt";

export const modelColumns = "name, creation_time, last_updated_time, description";
export const versionColumns =
  "name, version, creation_time, last_updated_time, description, user_id, current_stage, source, run_id, status, status_message, run_link, storage_location";

export function requireRegistry(store: Store): void {
  requireTables(store.database, "registered_models", "model_versions", "registered_model_aliases");
}

/** Undefined when there is none. Inside a transaction. */
export function findModel(store: Store, name: string): Row | undefined {
  requireRegistry(store);
  return store.database.first(`SELECT ${modelColumns} FROM registered_models WHERE name = ?`, name);
}

/** The row of a registered model; throws when there is none. Inside a transaction. */
export function requireModel(store: Store, name: string): Row {
  checkModelName(name);
  const row = findModel(store, name);
  if (row === undefined) throw missing(`there is no registered model ${JSON.stringify(name)}`);
  return row;
}

/** The row of a version that is not deleted; throws when there is none. Inside a transaction. */
export function requireVersion(store: Store, name: string, version: string): Row {
  requireRegistry(store);
  checkModelName(name);
  const row = store.database.first(
    `SELECT ${versionColumns} FROM model_versions
     WHERE name = ? AND version = ? AND current_stage <> '${deletedStage}'`,
    name,
    readVersionNumber(version),
  );
  if (row === undefined)
    throw missing(`the registered model ${JSON.stringify(name)} has no version ${version}`);
  return row;
}

/** Inside a transaction. */
export function isPrompt(store: Store, name: string): boolean {
  const row = store.database.first(
    "SELECT value FROM registered_model_tags WHERE name = ? AND key = ?",
    name,
    promptTag,
  );
  return textOf(row ?? {}, "value").toLowerCase() === "true";
}

/** The versions in it are without their aliases, as in MLflow. */
export function readModel(store: Store, row: Row): RegisteredModel {
  const name = textOf(row, "name");
  const aliases = store.database
    .all("SELECT alias, version FROM registered_model_aliases WHERE name = ? ORDER BY alias", name)
    .map((each) => ({ alias: textOf(each, "alias"), version: textOf(each, "version") }));
  const tags = readTags(store, "registered_model_tags WHERE name = ?", name);
  const latest = latestVersions(store, name).map((version) => readVersion(store, version));
  const description = optionalTextOf(row, "description");
  return {
    name,
    creation_timestamp: numberOf(row, "creation_time"),
    last_updated_timestamp: numberOf(row, "last_updated_time"),
    ...(description !== undefined && { description }),
    ...(latest.length > 0 && { latest_versions: latest }),
    ...(tags.length > 0 && { tags }),
    ...(aliases.length > 0 && { aliases }),
  };
}

/** The highest version of each stage that has one, the lowest of them first. */
export function latestVersions(store: Store, name: string): readonly Row[] {
  return store.database.all(
    `SELECT ${versionColumns} FROM model_versions AS one
     WHERE name = ? AND current_stage <> '${deletedStage}' AND NOT EXISTS (
       SELECT 1 FROM model_versions AS other
       WHERE other.name = one.name AND other.current_stage = one.current_stage AND other.version > one.version)
     ORDER BY version`,
    name,
  );
}

/** As `readVersion`, with the aliases of the version. */
export function readFullVersion(store: Store, row: Row): ModelVersion {
  const aliases = store.database
    .all(
      "SELECT alias FROM registered_model_aliases WHERE name = ? AND version = ? ORDER BY alias",
      textOf(row, "name"),
      numberOf(row, "version"),
    )
    .map((each) => textOf(each, "alias"));
  return { ...readVersion(store, row), ...(aliases.length > 0 && { aliases }) };
}

const optionalColumns = ["user_id", "description", "run_id", "status_message", "run_link"] as const;

export function readVersion(store: Store, row: Row): ModelVersion {
  const name = textOf(row, "name");
  const tags = readTags(
    store,
    "model_version_tags WHERE name = ? AND version = ?",
    name,
    numberOf(row, "version"),
  );
  const given = optionalColumns.filter((column) => row[column] !== null);
  return {
    name,
    version: textOf(row, "version"),
    creation_timestamp: numberOf(row, "creation_time"),
    last_updated_timestamp: numberOf(row, "last_updated_time"),
    current_stage: textOf(row, "current_stage"),
    source: textOf(row, "source"),
    status: textOf(row, "status") as ModelVersion["status"],
    ...Object.fromEntries(given.map((column) => [column, textOf(row, column)])),
    ...(tags.length > 0 && { tags }),
  };
}

function readTags(store: Store, from: string, ...owner: (string | number)[]): readonly KeyValue[] {
  return store.database
    .all(`SELECT key, value FROM ${from} ORDER BY key`, ...owner)
    .map((row) => ({ key: textOf(row, "key"), value: textOf(row, "value") }));
}
