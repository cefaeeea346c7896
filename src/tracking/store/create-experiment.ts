/** New experiments: names are unique for ever, deleted ones included. */
import type { KeyValue } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError } from "../tracking.ts";
import { checkLocation, defaultLocation } from "./artifact-location.ts";
import { textOf } from "./database.ts";
import { putExperimentTag } from "./experiment-tags.ts";
import { experimentColumns, findExperiment } from "./experiments.ts";
import type { Store } from "./store.ts";
import { checkExperimentName, checkExperimentTag } from "./validate.ts";

/** The experiment 0 that every MLflow expects; inside a write. */
export function createDefaultExperiment(store: Store): void {
  const now = store.now();
  store.database.run(
    `INSERT INTO experiments (${experimentColumns}) VALUES (0, 'Default', ?, 'active', ?, ?)`,
    defaultLocation(store, "0"),
    now,
    now,
  );
}

export function createExperiment(
  store: Store,
  { name, artifact_location = "", tags = [] }: RequestOf<"experiments/create">,
): Promise<ResponseOf<"experiments/create">> {
  return store.database.write(() => {
    const location =
      artifact_location === "" ? undefined : checkLocation(store.folder, artifact_location);
    checkExperimentName(name);
    tags.forEach(checkExperimentTag);
    refuseKnownName(store, name);
    refuseRepeatedTag(tags);
    const id = insertExperiment(store, name);
    store.database.run(
      "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
      location ?? defaultLocation(store, id),
      Number(id),
    );
    for (const tag of tags) putExperimentTag(store, Number(id), tag);
    return { experiment_id: id };
  });
}

function refuseKnownName(store: Store, name: string): void {
  const known = findExperiment(store, name);
  if (known === undefined) return;
  const deleted = textOf(known, "lifecycle_stage") === "deleted";
  throw new TrackingError(
    "RESOURCE_ALREADY_EXISTS",
    `the experiment ${JSON.stringify(name)} already exists${deleted ? ", deleted" : ""}`,
    deleted
      ? `restore it with \`mlflow experiments restore --experiment-id ${textOf(known, "experiment_id")}\`, or take another name`
      : "use it as it is, or take another name",
  );
}

function refuseRepeatedTag(tags: readonly KeyValue[]): void {
  if (new Set(tags.map(({ key }) => key)).size === tags.length) return;
  throw new TrackingError("RESOURCE_ALREADY_EXISTS", "a tag of the new experiment is given twice");
}

function insertExperiment(store: Store, name: string): string {
  const now = store.now();
  const row = store.database.first(
    `INSERT INTO experiments (name, lifecycle_stage, creation_time, last_update_time)
     VALUES (?, 'active', ?, ?) RETURNING experiment_id`,
    name,
    now,
    now,
  );
  return textOf(row ?? {}, "experiment_id");
}
