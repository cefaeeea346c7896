/** Runs as they are read: one or many, with their latest metrics, params, tags, inputs and outputs. */
import type { KeyValue, Lifecycle, RunData, RunInfo, RunStatus, TrackedRun } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { numberOf, optionalNumberOf, textOf, type Row, type Tuple } from "./database.ts";
import { readInputs, readOutputs } from "./run-inputs.ts";
import { toPoint } from "./metrics.ts";
import { requireRun } from "./run-row.ts";
import type { Store } from "./store.ts";

export function getRun(
  store: Store,
  { run_id }: RequestOf<"runs/get">,
): Promise<ResponseOf<"runs/get">> {
  return store.database.read(() => ({ run: readRun(store, requireRun(store, run_id)) }));
}

export function readRun(store: Store, row: Row): TrackedRun {
  const [run] = readRuns(store, [row]);
  if (run === undefined) throw new Error("one row makes one run");
  return run;
}

/** The runs of `rows` with all they have, in the order of the rows. Inside a transaction. */
export function readRuns(store: Store, rows: readonly Row[]): readonly TrackedRun[] {
  const ids = rows.map((row) => textOf(row, "run_uuid"));
  const metrics = ownedBy(store, ids, "latest_metrics", "own.value, timestamp, step, is_nan");
  const params = ownedBy(store, ids, "params", "own.value");
  const tags = ownedBy(store, ids, "tags", "own.value");
  const inputs = readInputs(store, ids);
  const outputs = readOutputs(store, ids);
  return rows.map((row, at) => {
    const id = ids[at] ?? "";
    return {
      info: toInfo(row),
      data: toData(metrics.get(at), params.get(at), tags.get(at)),
      inputs: inputs.get(id) ?? {},
      outputs: outputs.get(id) ?? {},
    };
  });
}

/** Rows by the place of their run among the ids, by key; the place and the key come before `columns`. */
function ownedBy(
  store: Store,
  ids: readonly string[],
  table: "latest_metrics" | "params" | "tags",
  columns: string,
): ReadonlyMap<number, readonly Tuple[]> {
  const found = store.database.tuples(
    `SELECT run.key, own.key, ${columns} FROM json_each(?) AS run CROSS JOIN ${table} AS own
     ON own.run_uuid = run.value ORDER BY own.key`,
    JSON.stringify(ids),
  );
  return Map.groupBy(found, ([at]) => Number(at));
}

/** MLflow leaves empty lists out of its answers. */
function toData(
  metrics: readonly Tuple[] = [],
  params: readonly Tuple[] = [],
  tags: readonly Tuple[] = [],
): RunData {
  return {
    ...(metrics.length > 0 && { metrics: metrics.map(([, ...point]) => toPoint(point)) }),
    ...(params.length > 0 && { params: params.map(toPair) }),
    ...(tags.length > 0 && { tags: tags.map(toPair) }),
  };
}

function toPair([, key, value]: Tuple): KeyValue {
  return { key: String(key), value: String(value ?? "") };
}

export function toInfo(row: Row): RunInfo {
  const ended = optionalNumberOf(row, "end_time");
  const id = textOf(row, "run_uuid");
  return {
    run_id: id,
    run_uuid: id,
    run_name: textOf(row, "name"),
    experiment_id: textOf(row, "experiment_id"),
    user_id: textOf(row, "user_id"),
    status: textOf(row, "status") as RunStatus,
    start_time: numberOf(row, "start_time"),
    // MLflow has 0 for no end.
    ...(ended !== undefined && ended !== 0 && { end_time: ended }),
    artifact_uri: textOf(row, "artifact_uri"),
    lifecycle_stage: textOf(row, "lifecycle_stage") as Lifecycle,
  };
}
