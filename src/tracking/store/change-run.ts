/** Runs updated, deleted and restored. */
import type { Lifecycle } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { requireActiveRun, requireRun } from "./run-row.ts";
import { toInfo } from "./runs.ts";
import type { Store } from "./store.ts";
import { putTag, runNameTag } from "./tags.ts";
import { checkStatus } from "./validate.ts";

export function updateRun(
  store: Store,
  { run_id, status, end_time, run_name = "" }: RequestOf<"runs/update">,
): Promise<ResponseOf<"runs/update">> {
  return store.database.write(() => {
    requireActiveRun(store, run_id);
    if (status !== undefined) {
      checkStatus(status);
      store.database.run("UPDATE runs SET status = ? WHERE run_uuid = ?", status, run_id);
    }
    if (end_time !== undefined)
      store.database.run("UPDATE runs SET end_time = ? WHERE run_uuid = ?", end_time, run_id);
    putTag(store, run_id, { key: runNameTag, value: run_name });
    return { run_info: toInfo(requireRun(store, run_id)) };
  });
}

export function deleteRun(
  store: Store,
  { run_id }: RequestOf<"runs/delete">,
): Promise<ResponseOf<"runs/delete">> {
  return moveRun(store, run_id, "deleted");
}

export function restoreRun(
  store: Store,
  { run_id }: RequestOf<"runs/restore">,
): Promise<ResponseOf<"runs/restore">> {
  return moveRun(store, run_id, "active");
}

/** A run that is there already stays there. */
function moveRun(store: Store, id: string, to: Lifecycle): Promise<Record<string, never>> {
  return store.database.write(() => {
    requireRun(store, id);
    store.database.run(
      "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_uuid = ?",
      to,
      to === "deleted" ? store.now() : null,
      id,
    );
    return {};
  });
}
