/** A run of a tracker as a comparison sees it: by name, and with values of the types that its file declares. */
import { parseParam } from "../../check/domain.ts";
import type { Value } from "../../check/program.ts";
import type { Candidates } from "../../plan/plan.ts";
import type { RunStatus, TrackedRun } from "../../tracking/entities.ts";

export interface ComparedRun {
  readonly id: string;
  /** `tidy_grid/04`, or what the run was called. */
  readonly name: string;
  readonly experimentId: string;
  /** The run or sweep under whose name it was found. */
  readonly of: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended: number | undefined;
  readonly artifactUri: string;
  /** As the tracker has them. A null param is not logged. */
  readonly params: ReadonlyMap<string, string>;
  /** Params that the file declares; absent: not logged and never null, or no value of its type. */
  readonly values: ReadonlyMap<string, Value>;
  /** The last value of each; may be NaN or infinite. */
  readonly metrics: ReadonlyMap<string, number>;
  /** The step of the last value, of metrics that have come further than step 0: those have a history. */
  readonly steps: ReadonlyMap<string, number>;
  readonly tags: ReadonlyMap<string, string>;
}

export function comparedRun({ info, data }: TrackedRun, candidates: Candidates): ComparedRun {
  const params = new Map((data.params ?? []).map(({ key, value }) => [key, value]));
  return {
    id: info.run_id,
    name: info.run_name,
    experimentId: info.experiment_id,
    of: candidates.name,
    status: info.status,
    started: info.start_time,
    ended: info.end_time,
    artifactUri: info.artifact_uri,
    params,
    values: readValues(params, candidates),
    metrics: new Map((data.metrics ?? []).map(({ key, value }) => [key, value])),
    steps: new Map(
      (data.metrics ?? []).flatMap(({ key, step }) => (step > 0 ? [[key, step] as const] : [])),
    ),
    tags: new Map((data.tags ?? []).map(({ key, value }) => [key, value])),
  };
}

function readValues(
  texts: ReadonlyMap<string, string>,
  { params }: Candidates,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const { name, type, nullable } of params) {
    const text = texts.get(name);
    const read =
      text === undefined ? undefined : parseParam({ type, nullable, domain: undefined }, text);
    if (read?.kind === "value") values.set(name, read.value);
    if (text === undefined && nullable) values.set(name, null);
  }
  return values;
}
