/** Experiments renamed, deleted and restored; their runs are deleted and restored with them. */
import type { Lifecycle } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError } from "../tracking.ts";
import { numberOf, textOf } from "./database.ts";
import { findExperiment, requireExperiment } from "./experiments.ts";
import { missing, refused, type Store } from "./store.ts";
import { checkExperimentName } from "./validate.ts";

export function updateExperiment(
  store: Store,
  { experiment_id, new_name }: RequestOf<"experiments/update">,
): Promise<ResponseOf<"experiments/update">> {
  return store.database.write(() => {
    checkExperimentName(new_name);
    const row = requireExperiment(store, experiment_id);
    const id = numberOf(row, "experiment_id");
    if (textOf(row, "lifecycle_stage") !== "active")
      throw new TrackingError("INVALID_STATE", `the experiment ${id} is deleted`, "restore it");
    const known = findExperiment(store, new_name);
    if (known !== undefined && numberOf(known, "experiment_id") !== id)
      throw refused(`there is an experiment named ${JSON.stringify(new_name)} already`);
    store.database.run(
      "UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?",
      new_name,
      store.now(),
      id,
    );
    return {};
  });
}

export function deleteExperiment(
  store: Store,
  { experiment_id }: RequestOf<"experiments/delete">,
): Promise<ResponseOf<"experiments/delete">> {
  return store.database.write(() => {
    moveExperiment(store, experiment_id, "active", "deleted");
    return {};
  });
}

export function restoreExperiment(
  store: Store,
  { experiment_id }: RequestOf<"experiments/restore">,
): Promise<ResponseOf<"experiments/restore">> {
  return store.database.write(() => {
    moveExperiment(store, experiment_id, "deleted", "active");
    return {};
  });
}

/** One that is already there is missing where it is looked for, as in MLflow. */
function moveExperiment(store: Store, id: string, from: Lifecycle, to: Lifecycle): void {
  const row = requireExperiment(store, id);
  const number = numberOf(row, "experiment_id");
  if (textOf(row, "lifecycle_stage") !== from)
    throw missing(`there is no ${from} experiment with the id ${id}`);
  const now = store.now();
  store.database.run(
    "UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ?",
    to,
    now,
    number,
  );
  store.database.run(
    "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE experiment_id = ?",
    to,
    to === "deleted" ? now : null,
    number,
  );
}
