/** Which runs are copied: all, those of an experiment, or some with those above and below them. */
import type { Experiment, LoggedModel, TrackedRun } from "../entities.ts";
import { TrackingError } from "../tracking.ts";
import { tagOf } from "./marks.ts";
import type { Source } from "./source.ts";

export interface Selection {
  /** Runs of this experiment only. */
  readonly experiment?: string | undefined;
  /** These runs only, with their parents and children, so that links lead somewhere. */
  readonly runs?: readonly string[] | undefined;
}

export interface Selected {
  /** The experiments to walk. */
  readonly experiments: readonly Experiment[];
  readonly selects: (run: TrackedRun) => boolean;
  /** Whether a logged model belongs to what is copied. */
  readonly makes: (model: LoggedModel) => boolean;
  /** Whether everything is copied: then the model registry is too. */
  readonly isAll: boolean;
}

/** Rejects with TrackingError where something is named that is not there. */
export async function select(
  source: Source,
  experiments: readonly Experiment[],
  { experiment: name, runs }: Selection,
): Promise<Selected> {
  const named = experiments.filter((each) => name === undefined || each.name === name);
  if (name !== undefined && named.length === 0)
    throw missing(`${source.uri} has no experiment named ${JSON.stringify(name)}`);
  const within = new Set(named.map(({ experiment_id }) => experiment_id));
  if (runs === undefined)
    return {
      experiments: named,
      selects: ({ info }) => within.has(info.experiment_id),
      makes: () => true,
      isAll: name === undefined,
    };
  const family = await findFamily(source, runs);
  const homes = new Set([...family.values()].map(({ info }) => info.experiment_id));
  return {
    experiments: named.filter(({ experiment_id }) => homes.has(experiment_id)),
    selects: ({ info }) => family.has(info.run_id) && within.has(info.experiment_id),
    makes: ({ info }) => family.has(info.source_run_id ?? ""),
    isAll: false,
  };
}

function missing(message: string): TrackingError {
  return new TrackingError("RESOURCE_DOES_NOT_EXIST", message, "look with `mlpipe runs`");
}

/** The runs, all above them, and all below them in the same experiments; by id. */
async function findFamily(
  source: Source,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TrackedRun>> {
  const family = new Map<string, TrackedRun>();
  for (const id of ids) {
    const run = await source.run(id);
    if (run === undefined) throw missing(`${source.uri} has no run with the id ${id}`);
    family.set(id, run);
  }
  const homes = new Set([...family.values()].map(({ info }) => info.experiment_id));
  const below = new Set(ids);
  for (const home of homes) await addBelow(source, home, below, family);
  for (const id of ids) await addAbove(source, id, family);
  return family;
}

async function addBelow(
  source: Source,
  experimentId: string,
  below: Set<string>,
  family: Map<string, TrackedRun>,
): Promise<void> {
  const waiting = new Map<string, TrackedRun[]>();
  const take = (run: TrackedRun): void => {
    below.add(run.info.run_id);
    family.set(run.info.run_id, run);
    for (const child of waiting.get(run.info.run_id) ?? []) take(child);
  };
  for await (const run of source.runs(experimentId)) {
    const parent = parentOf(run);
    if (parent === undefined || family.has(run.info.run_id)) continue;
    if (below.has(parent)) take(run);
    else waiting.set(parent, [...(waiting.get(parent) ?? []), run]);
  }
}

async function addAbove(
  source: Source,
  id: string,
  family: Map<string, TrackedRun>,
): Promise<void> {
  for (let at = family.get(id); at !== undefined;) {
    const parent = parentOf(at);
    if (parent === undefined || family.has(parent)) return;
    at = await source.run(parent);
    if (at !== undefined) family.set(parent, at);
  }
}

function parentOf({ data }: TrackedRun): string | undefined {
  return tagOf(data.tags, "mlflow.parentRunId");
}
