/** Runs: made, changed, and read back with their latest metrics, params and tags. */
import type {
  KeyValue,
  Lifecycle,
  MetricPoint,
  RunInfo,
  RunStatus,
  TrackedRun,
} from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { locateRun } from "./artifact-place.ts";
import { numberOf, optionalNumberOf, textOf, type Row } from "./database.ts";
import { requireActiveExperiment } from "./experiments.ts";
import { toPoint } from "./metrics.ts";
import { makeRunName } from "./run-name.ts";
import { requireActiveRun, requireRun } from "./run-row.ts";
import { invalid, type Store } from "./store.ts";
import { putTag, runNameTag } from "./tags.ts";
import { checkStatus, checkTag, refuseTwice } from "./validate.ts";

export function createRun(
  store: Store,
  request: RequestOf<"runs/create">,
): Promise<ResponseOf<"runs/create">> {
  return store.database.write(() => {
    const given = request.tags ?? [];
    const experiment = requireActiveExperiment(store, request.experiment_id);
    const { name, tags } = nameRun(request.run_name, given);
    refuseTwice("tag", tags);
    const id = store.newId();
    insertRun(store, {
      id,
      name,
      request,
      artifactUri: locateRun(textOf(experiment, "artifact_location"), id),
    });
    for (const tag of tags) putTag(store, id, tag);
    return { run: readRun(store, requireRun(store, id)) };
  });
}

/** The name of a run, and its tags with the one that says it. */
function nameRun(
  given: string | undefined,
  tags: readonly KeyValue[],
): { readonly name: string; readonly tags: readonly KeyValue[] } {
  const tagged = tags.find(({ key }) => key === runNameTag)?.value;
  if (isText(given) && isText(tagged) && given !== tagged) {
    throw invalid(
      `the run is named ${JSON.stringify(given)}, but its tag ${runNameTag} says ${JSON.stringify(tagged)}`,
      "give one of them",
    );
  }
  const name = [given, tagged].find(isText) ?? makeRunName();
  return { name, tags: isText(tagged) ? tags : [...tags, { key: runNameTag, value: name }] };
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}

interface NewRun {
  readonly id: string;
  readonly name: string;
  readonly request: RequestOf<"runs/create">;
  readonly artifactUri: string;
}

function insertRun(store: Store, { id, name, request, artifactUri }: NewRun): void {
  store.database.run(
    `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,
       start_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
     VALUES (?, ?, 'UNKNOWN', '', '', ?, 'RUNNING', ?, '', 'active', ?, ?)`,
    id,
    name,
    request.user_id ?? "",
    request.start_time,
    artifactUri,
    Number(request.experiment_id),
  );
}

export function updateRun(
  store: Store,
  { run_id, status, end_time, run_name }: RequestOf<"runs/update">,
): Promise<ResponseOf<"runs/update">> {
  return store.database.write(() => {
    requireActiveRun(store, run_id);
    if (status !== undefined) setStatus(store, run_id, status);
    if (end_time !== undefined) {
      store.database.run("UPDATE runs SET end_time = ? WHERE run_uuid = ?", end_time, run_id);
    }
    if (isText(run_name)) setName(store, run_id, run_name);
    return { run_info: toInfo(requireRun(store, run_id)) };
  });
}

function setName(store: Store, id: string, name: string): void {
  const tag = { key: runNameTag, value: name };
  checkTag(tag);
  putTag(store, id, tag);
}

function setStatus(store: Store, id: string, status: RunStatus): void {
  checkStatus(status);
  store.database.run("UPDATE runs SET status = ? WHERE run_uuid = ?", status, id);
}

export function getRun(
  store: Store,
  { run_id }: RequestOf<"runs/get">,
): Promise<ResponseOf<"runs/get">> {
  return store.database.read(() => ({ run: readRun(store, requireRun(store, run_id)) }));
}

/** The run of `row` with its data. Inside a transaction. */
export function readRun(store: Store, row: Row): TrackedRun {
  const id = textOf(row, "run_uuid");
  const metrics = store.database
    .all(
      "SELECT key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid = ? ORDER BY key",
      id,
    )
    .map(toPoint);
  const params = readPairs(store, "params", id);
  const tags = readPairs(store, "tags", id);
  return {
    info: toInfo(row),
    data: { ...filled("metrics", metrics), ...filled("params", params), ...filled("tags", tags) },
    inputs: {},
  };
}

/** MLflow leaves empty lists out of its answers. */
function filled<Name extends string, Item extends KeyValue | MetricPoint>(
  name: Name,
  items: readonly Item[],
): Partial<Record<Name, readonly Item[]>> {
  return items.length === 0 ? {} : ({ [name]: items } as Record<Name, readonly Item[]>);
}

function readPairs(store: Store, table: "params" | "tags", id: string): readonly KeyValue[] {
  return store.database
    .all(`SELECT key, value FROM ${table} WHERE run_uuid = ? ORDER BY key`, id)
    .map((row) => ({ key: textOf(row, "key"), value: textOf(row, "value") }));
}

function toInfo(row: Row): RunInfo {
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
    ...(ended === undefined ? {} : { end_time: ended }),
    artifact_uri: textOf(row, "artifact_uri"),
    lifecycle_stage: textOf(row, "lifecycle_stage") as Lifecycle,
  };
}
