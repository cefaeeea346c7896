/** Versions of registered models: each points at files of a run or a logged model, and its number is never given again. */
import type { KeyValue } from "../../entities.ts";
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { TrackingError } from "../../tracking.ts";
import { numberOf, textOf } from "../database.ts";
import type { Store } from "../store.ts";
import { deletedStage, readVersion, requireModel, requireVersion } from "./rows.ts";
import { resolveSource } from "./source.ts";
import { checkDescription, checkRegistryTag, readStage, readVersionNumber } from "./validate.ts";

export async function createModelVersion(
  store: Store,
  request: RequestOf<"model-versions/create">,
): Promise<ResponseOf<"model-versions/create">> {
  const { name, tags = [], description = "", run_link = "" } = request;
  checkDescription(description);
  tags.forEach(checkRegistryTag);
  const source = await resolveSource(store, request);
  return store.database.write(() => {
    requireModel(store, name);
    const version = nextVersion(store, name);
    const now = store.now();
    store.database.run(
      `INSERT INTO model_versions (name, version, creation_time, last_updated_time, description,
         user_id, current_stage, source, run_id, status, status_message, run_link, storage_location)
       VALUES (?, ?, ?, ?, ?, NULL, 'None', ?, ?, 'READY', NULL, ?, ?)`,
      name,
      version,
      now,
      now,
      description,
      request.source,
      source.runId,
      run_link,
      source.location,
    );
    for (const tag of tags) putTag(store, name, version, tag);
    touchModel(store, name, now);
    return { model_version: readVersion(store, requireVersion(store, name, version)) };
  });
}

function nextVersion(store: Store, name: string): number {
  const row = store.database.first(
    "SELECT coalesce(max(version), 0) + 1 AS next FROM model_versions WHERE name = ?",
    name,
  );
  return numberOf(row ?? {}, "next");
}

function touchModel(store: Store, name: string, now: number): void {
  store.database.run(
    "UPDATE registered_models SET last_updated_time = ? WHERE name = ?",
    now,
    name,
  );
}

export function getModelVersion(
  store: Store,
  { name, version }: RequestOf<"model-versions/get">,
): Promise<ResponseOf<"model-versions/get">> {
  return store.database.read(() => {
    const row = requireVersion(store, name, readVersionNumber(version));
    return { model_version: readVersion(store, row) };
  });
}

export function updateModelVersion(
  store: Store,
  { name, version, description = "" }: RequestOf<"model-versions/update">,
): Promise<ResponseOf<"model-versions/update">> {
  return store.database.write(() => {
    checkDescription(description);
    const number = readVersionNumber(version);
    requireVersion(store, name, number);
    store.database.run(
      "UPDATE model_versions SET description = ?, last_updated_time = ? WHERE name = ? AND version = ?",
      description,
      store.now(),
      name,
      number,
    );
    return { model_version: readVersion(store, requireVersion(store, name, number)) };
  });
}

export function transitionStage(
  store: Store,
  request: RequestOf<"model-versions/transition-stage">,
): Promise<ResponseOf<"model-versions/transition-stage">> {
  return store.database.write(() => {
    const { name, archive_existing_versions: archives } = request;
    const stage = readStage(request.stage);
    const isActive = stage === "Staging" || stage === "Production";
    if (archives && !isActive)
      throw new TrackingError(
        "INVALID_PARAMETER_VALUE",
        `versions in the stage ${stage} are not archived by another`,
        "leave archive_existing_versions out, or use Staging or Production",
      );
    const number = readVersionNumber(request.version);
    requireVersion(store, name, number);
    const now = store.now();
    if (archives)
      store.database.run(
        `UPDATE model_versions SET current_stage = 'Archived', last_updated_time = ?
         WHERE name = ? AND version <> ? AND current_stage = ?`,
        now,
        name,
        number,
        stage,
      );
    store.database.run(
      "UPDATE model_versions SET current_stage = ?, last_updated_time = ? WHERE name = ? AND version = ?",
      stage,
      now,
      name,
      number,
    );
    touchModel(store, name, now);
    return { model_version: readVersion(store, requireVersion(store, name, number)) };
  });
}

/** The row stays, emptied as MLflow does it, so that the number is never given again. */
export function deleteModelVersion(
  store: Store,
  { name, version }: RequestOf<"model-versions/delete">,
): Promise<ResponseOf<"model-versions/delete">> {
  return store.database.write(() => {
    const number = readVersionNumber(version);
    requireVersion(store, name, number);
    const now = store.now();
    store.database.run(
      `UPDATE model_versions SET current_stage = '${deletedStage}', last_updated_time = ?,
         description = NULL, user_id = NULL, source = 'REDACTED-SOURCE-PATH', run_id = 'REDACTED-RUN-ID',
         run_link = 'REDACTED-RUN-LINK', status_message = NULL
       WHERE name = ? AND version = ?`,
      now,
      name,
      number,
    );
    store.database.run(
      "DELETE FROM registered_model_aliases WHERE name = ? AND version = ?",
      name,
      number,
    );
    touchModel(store, name, now);
    return {};
  });
}

export function getDownloadUri(
  store: Store,
  { name, version }: RequestOf<"model-versions/get-download-uri">,
): Promise<ResponseOf<"model-versions/get-download-uri">> {
  return store.database.read(() => {
    const number = readVersionNumber(version);
    requireVersion(store, name, number);
    const row = store.database.first(
      "SELECT coalesce(storage_location, source) AS uri FROM model_versions WHERE name = ? AND version = ?",
      name,
      number,
    );
    return { artifact_uri: textOf(row ?? {}, "uri") };
  });
}

export function setModelVersionTag(
  store: Store,
  { name, version, key, value }: RequestOf<"model-versions/set-tag">,
): Promise<ResponseOf<"model-versions/set-tag">> {
  return store.database.write(() => {
    checkRegistryTag({ key, value });
    const number = readVersionNumber(version);
    requireVersion(store, name, number);
    putTag(store, name, number, { key, value });
    return {};
  });
}

function putTag(store: Store, name: string, version: number, { key, value }: KeyValue): void {
  const changed = store.database.run(
    "UPDATE model_version_tags SET value = ? WHERE name = ? AND version = ? AND key = ?",
    value,
    name,
    version,
    key,
  );
  if (changed > 0) return;
  store.database.run(
    "INSERT INTO model_version_tags (key, value, name, version) VALUES (?, ?, ?, ?)",
    key,
    value,
    name,
    version,
  );
}

/** A tag that is not there is no error, as in MLflow. */
export function deleteModelVersionTag(
  store: Store,
  { name, version, key }: RequestOf<"model-versions/delete-tag">,
): Promise<ResponseOf<"model-versions/delete-tag">> {
  return store.database.write(() => {
    const number = readVersionNumber(version);
    requireVersion(store, name, number);
    store.database.run(
      "DELETE FROM model_version_tags WHERE name = ? AND version = ? AND key = ?",
      name,
      number,
      key,
    );
    return {};
  });
}
