/** Tags of registered models and of their versions: the last one written stands, and one that is not there is deleted without a word. */
import type { KeyValue } from "../../entities.ts";
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import type { Store } from "../store.ts";
import { checkForm } from "../validate.ts";
import { requireModel, requireVersion } from "./rows.ts";
import { checkRegistryTag, readVersionNumber } from "./validate.ts";

/** Without a conflict's columns: newer MLflows have one more in the key. */
export function putModelTag(store: Store, name: string, { key, value }: KeyValue): void {
  store.database.run(
    `INSERT INTO registered_model_tags (key, value, name) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value`,
    key,
    value,
    name,
  );
}

/** As `putModelTag`. */
export function putVersionTag(
  store: Store,
  name: string,
  version: number,
  { key, value }: KeyValue,
): void {
  store.database.run(
    `INSERT INTO model_version_tags (key, value, name, version) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value`,
    key,
    value,
    name,
    version,
  );
}

export function setRegisteredModelTag(
  store: Store,
  { name, key, value }: RequestOf<"registered-models/set-tag">,
): Promise<ResponseOf<"registered-models/set-tag">> {
  return store.database.write(() => {
    checkRegistryTag({ key, value });
    requireModel(store, name);
    putModelTag(store, name, { key, value });
    return {};
  });
}

export function deleteRegisteredModelTag(
  store: Store,
  { name, key }: RequestOf<"registered-models/delete-tag">,
): Promise<ResponseOf<"registered-models/delete-tag">> {
  return store.database.write(() => {
    checkForm("tag", key);
    requireModel(store, name);
    store.database.run("DELETE FROM registered_model_tags WHERE name = ? AND key = ?", name, key);
    return {};
  });
}

export function setModelVersionTag(
  store: Store,
  { name, version, key, value }: RequestOf<"model-versions/set-tag">,
): Promise<ResponseOf<"model-versions/set-tag">> {
  return store.database.write(() => {
    checkRegistryTag({ key, value });
    requireVersion(store, name, version);
    putVersionTag(store, name, readVersionNumber(version), { key, value });
    return {};
  });
}

export function deleteModelVersionTag(
  store: Store,
  { name, version, key }: RequestOf<"model-versions/delete-tag">,
): Promise<ResponseOf<"model-versions/delete-tag">> {
  return store.database.write(() => {
    checkForm("tag", key);
    requireVersion(store, name, version);
    store.database.run(
      "DELETE FROM model_version_tags WHERE name = ? AND version = ? AND key = ?",
      name,
      readVersionNumber(version),
      key,
    );
    return {};
  });
}
