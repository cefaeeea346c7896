/** Aliases of versions: a name of a registered model's own that points at one version, and later at another. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { numberOf, textOf, type Row } from "../database.ts";
import { invalid, missing, type Store } from "../store.ts";
import { latestVersions, readFullVersion, requireModel, requireVersion } from "./rows.ts";
import { checkAlias, checkNewAlias } from "./validate.ts";

export function setAlias(
  store: Store,
  { name, alias, version }: RequestOf<"registered-models/set-alias">,
): Promise<ResponseOf<"registered-models/set-alias">> {
  return store.database.write(() => {
    checkNewAlias(alias);
    const row = requireVersion(store, name, version);
    store.database.run(
      `INSERT INTO registered_model_aliases (name, alias, version) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET version = excluded.version`,
      name,
      alias,
      numberOf(row, "version"),
    );
    return {};
  });
}

/** An alias that is not there is no error, as in MLflow. */
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
    checkAlias(alias);
    requireModel(store, name);
    const version =
      alias.toLowerCase() === "latest"
        ? requireLatest(store, name)
        : requireVersion(store, name, requireAlias(store, name, alias));
    return { model_version: readFullVersion(store, version) };
  });
}

function requireLatest(store: Store, name: string): Row {
  const latest = latestVersions(store, name).at(-1);
  if (latest === undefined)
    throw missing(`the registered model ${JSON.stringify(name)} has no version`);
  return latest;
}

/** The version that an alias points at; throws when there is none. Inside a transaction. */
export function requireAlias(store: Store, name: string, alias: string): string {
  const row = store.database.first(
    "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?",
    name,
    alias,
  );
  if (row === undefined)
    throw invalid(`the registered model ${JSON.stringify(name)} has no alias ${alias}`);
  return textOf(row, "version");
}
