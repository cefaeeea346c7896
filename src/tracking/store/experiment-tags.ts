/** Tags of experiments: the last one written stands. */
import type { KeyValue } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { requireActiveExperiment } from "./experiments.ts";
import { numberOf } from "./database.ts";
import { missing, type Store } from "./store.ts";
import { checkExperimentTag } from "./validate.ts";

/** Writes a valid tag, inside a write. */
export function putExperimentTag(store: Store, id: number, { key, value }: KeyValue): void {
  store.database.run(
    `INSERT INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)
     ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value`,
    key,
    value,
    id,
  );
}

export function setExperimentTag(
  store: Store,
  { experiment_id, key, value }: RequestOf<"experiments/set-experiment-tag">,
): Promise<ResponseOf<"experiments/set-experiment-tag">> {
  return store.database.write(() => {
    checkExperimentTag({ key, value });
    const experiment = requireActiveExperiment(store, experiment_id);
    putExperimentTag(store, numberOf(experiment, "experiment_id"), { key, value });
    return {};
  });
}

export function deleteExperimentTag(
  store: Store,
  { experiment_id, key }: RequestOf<"experiments/delete-experiment-tag">,
): Promise<ResponseOf<"experiments/delete-experiment-tag">> {
  return store.database.write(() => {
    const experiment = requireActiveExperiment(store, experiment_id);
    const deleted = store.database.run(
      "DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?",
      numberOf(experiment, "experiment_id"),
      key,
    );
    if (deleted === 0)
      throw missing(`the experiment ${experiment_id} has no tag ${JSON.stringify(key)}`);
    return {};
  });
}
