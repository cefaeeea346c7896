/** Experiments: names are unique for ever, deleted ones included. */
import type { Experiment, KeyValue, Lifecycle } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError } from "../tracking.ts";
import { checkLocation, defaultLocation } from "./artifact-place.ts";
import { numberOf, optionalNumberOf, textOf, type Row } from "./database.ts";
import { invalid, missing, type Store } from "./store.ts";
import {
  checkExperimentName,
  checkExperimentTag,
  readExperimentId,
  refuseTwice,
} from "./validate.ts";

const experimentColumns =
  "experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time";

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
  request: RequestOf<"experiments/create">,
): Promise<ResponseOf<"experiments/create">> {
  return store.database.write(() => {
    checkExperimentName(request.name);
    request.tags?.forEach(checkExperimentTag);
    refuseTwice("tag", request.tags ?? []);
    refuseKnownName(store, request.name);
    const id = insertExperiment(store, request.name);
    const location = request.artifact_location ?? "";
    store.database.run(
      "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
      location === "" ? defaultLocation(store, id) : checkLocation(store.folder, location),
      Number(id),
    );
    for (const tag of request.tags ?? []) putExperimentTag(store, Number(id), tag);
    return { experiment_id: id };
  });
}

function refuseKnownName(store: Store, name: string): void {
  const known = findByName(store, name);
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

function putExperimentTag(store: Store, id: number, { key, value }: KeyValue): void {
  store.database.run(
    `INSERT INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)
     ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value`,
    key,
    value,
    id,
  );
}

function findByName(store: Store, name: string): Row | undefined {
  return store.database.first(
    `SELECT ${experimentColumns} FROM experiments WHERE name = ? ORDER BY lifecycle_stage LIMIT 1`,
    name,
  );
}

/** The row of an experiment, deleted or not; throws when there is none. Inside a transaction. */
function requireExperiment(store: Store, id: string): Row {
  const row = store.database.first(
    `SELECT ${experimentColumns} FROM experiments WHERE experiment_id = ?`,
    readExperimentId(id),
  );
  if (row === undefined) throw missing(`there is no experiment with the id ${id}`);
  return row;
}

/** As `requireExperiment`, for what may not touch a deleted one. */
export function requireActiveExperiment(store: Store, id: string): Row {
  const row = requireExperiment(store, id);
  if (textOf(row, "lifecycle_stage") !== "active") {
    throw invalid(
      `the experiment ${id} is deleted`,
      `restore it with \`mlflow experiments restore --experiment-id ${id}\`, or use another`,
    );
  }
  return row;
}

/** The experiments of `rows` with their tags, in the order of the rows. Inside a transaction. */
export function readExperiments(store: Store, rows: readonly Row[]): readonly Experiment[] {
  return rows.map((row) => {
    const tags = store.database.all(
      "SELECT key, value FROM experiment_tags WHERE experiment_id = ? ORDER BY key",
      numberOf(row, "experiment_id"),
    );
    return toExperiment(row, tags);
  });
}

function toExperiment(row: Row, tags: readonly Row[]): Experiment {
  const created = optionalNumberOf(row, "creation_time");
  const updated = optionalNumberOf(row, "last_update_time");
  return {
    experiment_id: textOf(row, "experiment_id"),
    name: textOf(row, "name"),
    artifact_location: textOf(row, "artifact_location"),
    lifecycle_stage: textOf(row, "lifecycle_stage") as Lifecycle,
    ...(created === undefined ? {} : { creation_time: created }),
    ...(updated === undefined ? {} : { last_update_time: updated }),
    ...(tags.length === 0
      ? {}
      : { tags: tags.map((tag) => ({ key: textOf(tag, "key"), value: textOf(tag, "value") })) }),
  };
}

function onlyExperiment(store: Store, row: Row): { experiment: Experiment } {
  const [experiment] = readExperiments(store, [row]);
  if (experiment === undefined) throw new Error("one row makes one experiment");
  return { experiment };
}

export function getExperiment(
  store: Store,
  { experiment_id }: RequestOf<"experiments/get">,
): Promise<ResponseOf<"experiments/get">> {
  return store.database.read(() => onlyExperiment(store, requireExperiment(store, experiment_id)));
}

export function getExperimentByName(
  store: Store,
  { experiment_name }: RequestOf<"experiments/get-by-name">,
): Promise<ResponseOf<"experiments/get-by-name">> {
  return store.database.read(() => {
    const row = findByName(store, experiment_name);
    if (row === undefined) {
      throw missing(`there is no experiment named ${JSON.stringify(experiment_name)}`);
    }
    return onlyExperiment(store, row);
  });
}

export function setExperimentTag(
  store: Store,
  { experiment_id, key, value }: RequestOf<"experiments/set-experiment-tag">,
): Promise<ResponseOf<"experiments/set-experiment-tag">> {
  return store.database.write(() => {
    checkExperimentTag({ key, value });
    requireActiveExperiment(store, experiment_id);
    putExperimentTag(store, Number(experiment_id), { key, value });
    return {};
  });
}
