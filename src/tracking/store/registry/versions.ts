/** Versions of registered models: read, described, moved from stage to stage, and deleted. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { numberOf, textOf } from "../database.ts";
import { invalid, type Store } from "../store.ts";
import { deletedStage, readFullVersion, requireVersion } from "./rows.ts";
import { readStage, readVersionNumber } from "./validate.ts";

export function touchModel(store: Store, name: string, now: number): void {
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
  return store.database.read(() => ({
    model_version: readFullVersion(store, requireVersion(store, name, version)),
  }));
}

/** Without a description the version has none from then on, as in MLflow. */
export function updateModelVersion(
  store: Store,
  { name, version, description }: RequestOf<"model-versions/update">,
): Promise<ResponseOf<"model-versions/update">> {
  return store.database.write(() => {
    requireVersion(store, name, version);
    store.database.run(
      "UPDATE model_versions SET description = ?, last_updated_time = ? WHERE name = ? AND version = ?",
      description ?? null,
      store.now(),
      name,
      readVersionNumber(version),
    );
    return { model_version: readFullVersion(store, requireVersion(store, name, version)) };
  });
}

export function transitionStage(
  store: Store,
  request: RequestOf<"model-versions/transition-stage">,
): Promise<ResponseOf<"model-versions/transition-stage">> {
  const { name, version, archive_existing_versions: archives } = request;
  return store.database.write(() => {
    const stage = readStage(request.stage);
    if (archives && stage !== "Staging" && stage !== "Production")
      throw invalid(
        `versions in the stage ${stage} are not archived by another`,
        "leave archive_existing_versions out, or use Staging or Production",
      );
    const number = numberOf(requireVersion(store, name, version), "version");
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
    return { model_version: readFullVersion(store, requireVersion(store, name, version)) };
  });
}

/** The row stays, emptied as MLflow does it, so that the number is never given again. */
export function deleteModelVersion(
  store: Store,
  { name, version }: RequestOf<"model-versions/delete">,
): Promise<ResponseOf<"model-versions/delete">> {
  return store.database.write(() => {
    const number = numberOf(requireVersion(store, name, version), "version");
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
    const row = requireVersion(store, name, version);
    return { artifact_uri: textOf(row, "storage_location") || textOf(row, "source") };
  });
}
