/** The row of a run, which every call about a run needs first. */
import { textOf, type Row } from "./database.ts";
import { invalid, missing, type Store } from "./store.ts";

export const runColumns =
  "run_uuid, name, experiment_id, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage";

/** The row of a run, deleted or not; throws when there is none. Inside a transaction. */
export function requireRun(store: Store, id: string): Row {
  const row = store.database.first(`SELECT ${runColumns} FROM runs WHERE run_uuid = ?`, id);
  if (row === undefined) throw missing(`there is no run with the id ${id}`);
  return row;
}

/** As `requireRun`, for what may not touch a deleted one; a run that has ended may still be written. */
export function requireActiveRun(store: Store, id: string): Row {
  const row = requireRun(store, id);
  if (textOf(row, "lifecycle_stage") !== "active") {
    throw invalid(
      `the run ${id} is deleted`,
      `restore it with \`mlflow runs restore --run-id ${id}\``,
    );
  }
  return row;
}
