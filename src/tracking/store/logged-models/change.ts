/** Logged models finished, deleted, and given params and tags; as in MLflow a deleted one still takes all of it. */
import { loggedModelStatuses } from "../../entities.ts";
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { missing, type Store } from "../store.ts";
import { putModelParams, putModelTags } from "./create.ts";
import { readModel, requireModel } from "./models.ts";

export function finalizeLoggedModel(
  store: Store,
  { model_id, status }: RequestOf<"logged-models/finalize">,
): Promise<ResponseOf<"logged-models/finalize">> {
  return store.database.write(() => {
    requireModel(store, model_id);
    store.database.run(
      "UPDATE logged_models SET status = ?, last_updated_timestamp_ms = ? WHERE model_id = ?",
      loggedModelStatuses.indexOf(status),
      store.now(),
      model_id,
    );
    return { model: readModel(store, requireModel(store, model_id)) };
  });
}

export function deleteLoggedModel(
  store: Store,
  { model_id }: RequestOf<"logged-models/delete">,
): Promise<ResponseOf<"logged-models/delete">> {
  return store.database.write(() => {
    requireModel(store, model_id);
    store.database.run(
      "UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = ? WHERE model_id = ?",
      store.now(),
      model_id,
    );
    return {};
  });
}

export function logLoggedModelParams(
  store: Store,
  { model_id, params = [] }: RequestOf<"logged-models/log-params">,
): Promise<ResponseOf<"logged-models/log-params">> {
  return store.database.write(() => {
    putModelParams(store, model_id, requireModel(store, model_id), params);
    return {};
  });
}

export function setLoggedModelTags(
  store: Store,
  { model_id, tags = [] }: RequestOf<"logged-models/set-tags">,
): Promise<ResponseOf<"logged-models/set-tags">> {
  return store.database.write(() => {
    putModelTags(store, model_id, requireModel(store, model_id), tags);
    return {};
  });
}

export function deleteLoggedModelTag(
  store: Store,
  { model_id, tag_key }: RequestOf<"logged-models/delete-tag">,
): Promise<ResponseOf<"logged-models/delete-tag">> {
  return store.database.write(() => {
    requireModel(store, model_id);
    const deleted = store.database.run(
      "DELETE FROM logged_model_tags WHERE model_id = ? AND tag_key = ?",
      model_id,
      tag_key,
    );
    if (deleted === 0) throw missing(`the model ${model_id} has no tag ${JSON.stringify(tag_key)}`);
    return {};
  });
}
