/** A run with what has to be asked for apart: histories, experiment and artifacts. */
import type { Experiment, MetricPoint, TrackedRun } from "../../tracking/entities.ts";
import { type Tracking, TrackingError } from "../../tracking/tracking.ts";
import { compareByCodePoint } from "../../source/path.ts";
import { type ArtifactList, listArtifacts } from "./artifacts.ts";
import { readHistory } from "../../tracking/pages.ts";

export interface RunDetails {
  readonly run: TrackedRun;
  readonly experiment: Experiment;
  /** By the metric's name; absent for those beyond `mostHistories`. */
  readonly histories: ReadonlyMap<string, readonly MetricPoint[]>;
  readonly artifacts: ArtifactList;
  readonly models: readonly OutputModel[];
  /** Why the artifacts cannot be listed; their store may be another machine than the tracker. */
  readonly artifactTrouble: string | undefined;
}

/** A model of MLflow 3 that the run has made; its files are its own. */
export interface OutputModel {
  readonly id: string;
  /** Undefined where the tracker does not tell. */
  readonly name: string | undefined;
}

/** Each history is a call of its own. */
export const mostHistories = 200;
const mostFolders = 64;
const atATime = 8;
const mostModels = 16;

/** Trackers differ in the order of what they list. */
export function sortByKey<T extends { readonly key: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => compareByCodePoint(a.key, b.key));
}

export async function readDetails(tracking: Tracking, run: TrackedRun): Promise<RunDetails> {
  const [{ experiment }, histories, models, listed] = await Promise.all([
    tracking.call("experiments/get", { experiment_id: run.info.experiment_id }),
    readHistories(tracking, run),
    readModels(tracking, run),
    listQuietly(tracking, run.info.run_id),
  ]);
  return { run, experiment, histories, models, ...listed };
}

async function readHistories(
  tracking: Tracking,
  { info, data }: TrackedRun,
): Promise<RunDetails["histories"]> {
  const keys = sortByKey(data.metrics ?? [])
    .slice(0, mostHistories)
    .map(({ key }) => key);
  const histories = new Map<string, readonly MetricPoint[]>();
  for (let start = 0; start < keys.length; start += atATime) {
    const some = keys.slice(start, start + atATime);
    const read = await Promise.all(some.map((key) => readHistory(tracking, info.run_id, key)));
    for (const [at, key] of some.entries()) histories.set(key, read[at] ?? []);
  }
  return histories;
}

function readModels(tracking: Tracking, { outputs }: TrackedRun): Promise<readonly OutputModel[]> {
  const ids = (outputs?.model_outputs ?? []).map(({ model_id }) => model_id);
  return Promise.all(
    ids.map(async (id, at) => ({
      id,
      name: at < mostModels ? await nameOfModel(tracking, id) : undefined,
    })),
  );
}

/** Undefined where the model is gone. */
async function nameOfModel(tracking: Tracking, model_id: string): Promise<string | undefined> {
  try {
    return (await tracking.call("logged-models/get", { model_id })).model.info.name;
  } catch (error) {
    if (error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST")
      return undefined;
    throw error;
  }
}

async function listQuietly(
  tracking: Tracking,
  runId: string,
): Promise<Pick<RunDetails, "artifacts" | "artifactTrouble">> {
  try {
    const artifacts = await listArtifacts(tracking, runId, "", mostFolders);
    return { artifacts, artifactTrouble: undefined };
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    return { artifacts: { entries: [], unopened: [] }, artifactTrouble: error.message };
  }
}
