/** Params: written once; the same value again is no error, another one is. */
import type { KeyValue } from "../entities.ts";
import { textOf } from "./database.ts";
import { invalid, type Store } from "./store.ts";

/** Writes a valid param of an active run, inside a write. */
export function putParam(store: Store, runId: string, { key, value }: KeyValue): void {
  const known = store.database.first(
    "SELECT value FROM params WHERE key = ? AND run_uuid = ?",
    key,
    runId,
  );
  if (known === undefined) {
    store.database.run(
      "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
      key,
      value,
      runId,
    );
  } else if (textOf(known, "value") !== value) {
    throw invalid(
      `the param ${JSON.stringify(key)} of run ${runId} is ${JSON.stringify(textOf(known, "value"))} and cannot become ${JSON.stringify(value)}`,
      "a param of a run never changes: start another run",
    );
  }
}
