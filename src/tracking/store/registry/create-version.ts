/** New versions of registered models: each points at files of a run or a logged model, and its number is never given again. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { numberOf, textOf } from "../database.ts";
import { putModelTags } from "../logged-models/create.ts";
import { requireModel as requireLoggedModel } from "../logged-models/models.ts";
import type { Store } from "../store.ts";
import { readFullVersion, requireModel, requireVersion } from "./rows.ts";
import { resolveSource, type ResolvedSource } from "./source.ts";
import { putVersionTag } from "./tags.ts";
import { checkRegistryTag } from "./validate.ts";
import { touchModel } from "./versions.ts";

type Request = RequestOf<"model-versions/create">;

/** Of a tag that is given twice the last one stands. */
export async function createModelVersion(
  store: Store,
  request: Request,
): Promise<ResponseOf<"model-versions/create">> {
  const { name, tags = [] } = request;
  const source = await resolveSource(store, request);
  return store.database.write(() => {
    tags.forEach(checkRegistryTag);
    requireModel(store, name);
    const version = nextVersion(store, name);
    insertVersion(store, version, request, source);
    for (const tag of tags) putVersionTag(store, name, version, tag);
    if (source.modelId !== "") tellModel(store, source.modelId, name, version);
    return { model_version: readFullVersion(store, requireVersion(store, name, String(version))) };
  });
}

function nextVersion(store: Store, name: string): number {
  const row = store.database.first(
    "SELECT coalesce(max(version), 0) + 1 AS next FROM model_versions WHERE name = ?",
    name,
  );
  return numberOf(row ?? {}, "next");
}

function insertVersion(
  store: Store,
  version: number,
  { name, description = "", run_link = "" }: Request,
  { source, runId, location }: ResolvedSource,
): void {
  const now = store.now();
  store.database.run(
    `INSERT INTO model_versions (name, version, creation_time, last_updated_time, description,
       current_stage, source, run_id, status, run_link, storage_location)
     VALUES (?, ?, ?, ?, ?, 'None', ?, ?, 'READY', ?, ?)`,
    name,
    version,
    now,
    now,
    description,
    source,
    runId,
    run_link,
    location,
  );
  touchModel(store, name, now);
}

/** The tag in which a logged model lists the versions that were made of it. */
const versionsTag = "mlflow.modelVersions";

function tellModel(store: Store, modelId: string, name: string, version: number): void {
  const known = store.database.first(
    "SELECT tag_value FROM logged_model_tags WHERE model_id = ? AND tag_key = ?",
    modelId,
    versionsTag,
  );
  const others = textOf(known ?? {}, "tag_value")
    .replace(/^\s*\[/, "")
    .replace(/\]\s*$/, "");
  const own = `{"name": ${JSON.stringify(name)}, "version": ${version}}`;
  const value = `[${others.trim() === "" ? own : `${others}, ${own}`}]`;
  const model = requireLoggedModel(store, modelId);
  putModelTags(store, modelId, model, [{ key: versionsTag, value }]);
}
