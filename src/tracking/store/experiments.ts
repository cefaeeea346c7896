/** Experiments as they are read: one or many, with their tags. */
import type { Experiment, KeyValue, Lifecycle } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { numberOf, optionalNumberOf, textOf, type Row } from "./database.ts";
import { invalid, missing, type Store } from "./store.ts";
import { readExperimentId } from "./validate.ts";

export const experimentColumns =
  "experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time";

/** The active one, if there are several: files of newer MLflows have names once per workspace. */
export function findExperiment(store: Store, name: string): Row | undefined {
  return store.database.first(
    `SELECT ${experimentColumns} FROM experiments WHERE name = ? ORDER BY lifecycle_stage LIMIT 1`,
    name,
  );
}

/** The row of an experiment, deleted or not; throws when there is none. Inside a transaction. */
export function requireExperiment(store: Store, id: string): Row {
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
  const tags = readTags(
    store,
    rows.map((row) => numberOf(row, "experiment_id")),
  );
  return rows.map((row) => toExperiment(row, tags.get(numberOf(row, "experiment_id")) ?? []));
}

function readTags(store: Store, ids: readonly number[]): ReadonlyMap<number, readonly KeyValue[]> {
  const tags = new Map<number, KeyValue[]>();
  const found = store.database.tuples(
    `SELECT experiment_id, key, value FROM experiment_tags
     WHERE experiment_id IN (SELECT value FROM json_each(?)) ORDER BY key`,
    JSON.stringify(ids),
  );
  for (const [id, key, value] of found) {
    const own = tags.get(Number(id)) ?? [];
    own.push({ key: String(key), value: String(value ?? "") });
    tags.set(Number(id), own);
  }
  return tags;
}

function toExperiment(row: Row, tags: readonly KeyValue[]): Experiment {
  const created = optionalNumberOf(row, "creation_time");
  const updated = optionalNumberOf(row, "last_update_time");
  return {
    experiment_id: textOf(row, "experiment_id"),
    name: textOf(row, "name"),
    artifact_location: textOf(row, "artifact_location"),
    lifecycle_stage: textOf(row, "lifecycle_stage") as Lifecycle,
    ...(created !== undefined && { creation_time: created }),
    ...(updated !== undefined && { last_update_time: updated }),
    ...(tags.length > 0 && { tags }),
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

/** Clients of MLflow before 1 know a missing one by these very words. */
export function getExperimentByName(
  store: Store,
  { experiment_name }: RequestOf<"experiments/get-by-name">,
): Promise<ResponseOf<"experiments/get-by-name">> {
  return store.database.read(() => {
    const row = findExperiment(store, experiment_name);
    if (row === undefined)
      throw missing(`Could not find experiment with name '${experiment_name}'`);
    return onlyExperiment(store, row);
  });
}
