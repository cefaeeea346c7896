/** Params: written once; the same value again is no error, another one is. */
import type { KeyValue } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { textOf } from "./database.ts";
import { requireActiveRun } from "./run-row.ts";
import { invalid, type Store } from "./store.ts";
import { checkParam } from "./validate.ts";

export function logParameter(
  store: Store,
  { run_id, key, value }: RequestOf<"runs/log-parameter">,
): Promise<ResponseOf<"runs/log-parameter">> {
  checkParam({ key, value });
  return store.database.write(() => {
    requireActiveRun(store, run_id);
    putParam(store, run_id, { key, value });
    return {};
  });
}

/** Writes a valid param of an active run, inside a write. */
export function putParam(store: Store, runId: string, { key, value }: KeyValue): void {
  const inserted = store.database.run(
    "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    key,
    value,
    runId,
  );
  if (inserted > 0) return;
  const known = store.database.first(
    "SELECT value FROM params WHERE key = ? AND run_uuid = ?",
    key,
    runId,
  );
  const old = textOf(known ?? {}, "value");
  if (old !== value) {
    throw invalid(
      `the param ${JSON.stringify(key)} of run ${runId} is ${JSON.stringify(old)} and cannot become ${JSON.stringify(value)}`,
      "a param of a run never changes: start another run",
    );
  }
}
