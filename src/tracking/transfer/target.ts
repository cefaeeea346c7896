/** Where runs go in a push or an import: calls, and how a copy that is there already is found. */
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import type { KeyValue, Lifecycle, TrackedRun } from "../entities.ts";
import type { Given, StoreTracking } from "../store/open-store.ts";
import { unlessMissing, type Tracking } from "../tracking.ts";
import { originRunTag, originTag, readMark, tagOf, type Mark } from "./marks.ts";
import { askPages } from "../pages.ts";

export interface Target {
  readonly tracking: Tracking;
  /** Whether a copy has the id of what it was made of. */
  readonly keepsIds: boolean;
  /** As a call of `tracking`; a store of this machine takes id and time from what is copied, a server makes its own. */
  make<E extends EndpointName>(
    given: Given,
    endpoint: E,
    request: RequestOf<E>,
  ): Promise<ResponseOf<E>>;
}

export function storeTarget(tracking: StoreTracking): Target {
  return {
    tracking,
    keepsIds: true,
    make: (given, endpoint, request) => tracking.callWith(given, endpoint, request),
  };
}

export function serverTarget(tracking: Tracking): Target {
  return {
    tracking,
    keepsIds: false,
    make: (_, endpoint, request) => tracking.call(endpoint, request),
  };
}

/** A run of the target that is a copy, or the original. */
export interface RunCopy {
  readonly id: string;
  readonly experimentId: string;
  readonly artifactUri: string;
  readonly lifecycle: Lifecycle;
  /** Absent: it is not known to be whole. */
  readonly mark: Mark | undefined;
  /** All of it, where it has just been made. */
  readonly made?: TrackedRun;
}

/** Which run a run is, whatever its id: the first that it is a copy of, or itself. */
export function rootOf({ info, data }: TrackedRun): string {
  return tagOf(data.tags, originRunTag) ?? info.run_id;
}

/** Copies of runs from `origin`, by root. */
export async function listCopies(
  target: Target,
  experimentIds: readonly string[],
  origin: string,
): Promise<Map<string, RunCopy>> {
  const copies = new Map<string, RunCopy>();
  for await (const run of searchRuns(target, experimentIds, { key: originTag, value: origin }))
    copies.set(rootOf(run), toCopy(run));
  return copies;
}

/** The run of the target that is `root`, wherever it came from. */
export async function findCopy(
  target: Target,
  experimentIds: readonly string[],
  root: string,
): Promise<RunCopy | undefined> {
  const itself = await unlessMissing(() => target.tracking.call("runs/get", { run_id: root }));
  if (itself !== undefined) return toCopy(itself.run);
  for await (const run of searchRuns(target, experimentIds, { key: originRunTag, value: root }))
    return toCopy(run);
  return undefined;
}

async function* searchRuns(
  { tracking }: Target,
  experimentIds: readonly string[],
  { key, value }: KeyValue,
): AsyncGenerator<TrackedRun> {
  const ask = {
    experiment_ids: experimentIds,
    filter: `tags.\`${key}\` = '${value}'`,
    run_view_type: "ALL",
    max_results: 1000,
  } as const;
  for await (const { runs } of askPages(tracking, "runs/search", ask)) yield* runs ?? [];
}

export function toCopy({ info, data }: TrackedRun): RunCopy {
  return {
    id: info.run_id,
    experimentId: info.experiment_id,
    artifactUri: info.artifact_uri,
    lifecycle: info.lifecycle_stage,
    mark: readMark(data.tags),
  };
}
