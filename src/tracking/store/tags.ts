/** Tags of runs: the last one written stands, and the run's name is one of them. */
import type { KeyValue } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { requireActiveRun } from "./run-row.ts";
import { missing, type Store } from "./store.ts";
import { checkTag } from "./validate.ts";

/** The tag that MLflow keeps equal to the run's name. */
export const runNameTag = "mlflow.runName";

/** Writes a valid tag of an active run, inside a write. An empty run name changes nothing, as in MLflow. */
export function putTag(store: Store, runId: string, { key, value }: KeyValue): void {
  if (key === runNameTag) {
    if (value === "") return;
    store.database.run("UPDATE runs SET name = ? WHERE run_uuid = ?", value, runId);
  }
  store.database.run(
    `INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)
     ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value`,
    key,
    value,
    runId,
  );
}

export function setTag(
  store: Store,
  { run_id, key, value }: RequestOf<"runs/set-tag">,
): Promise<ResponseOf<"runs/set-tag">> {
  checkTag({ key, value });
  return store.database.write(() => {
    requireActiveRun(store, run_id);
    putTag(store, run_id, { key, value });
    return {};
  });
}

export function deleteTag(
  store: Store,
  { run_id, key }: RequestOf<"runs/delete-tag">,
): Promise<ResponseOf<"runs/delete-tag">> {
  return store.database.write(() => {
    requireActiveRun(store, run_id);
    const deleted = store.database.run(
      "DELETE FROM tags WHERE run_uuid = ? AND key = ?",
      run_id,
      key,
    );
    if (deleted === 0) throw missing(`the run ${run_id} has no tag ${JSON.stringify(key)}`);
    return {};
  });
}
