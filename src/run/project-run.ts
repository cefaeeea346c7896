/** The run that a project is performed as: a new one in its experiment, or the one that `mlflow run` has made. */
import type { KeyValue, TrackedRun } from "../tracking/entities.ts";
import { splitBatch } from "../tracking/batch.ts";
import { TrackingError } from "../tracking/tracking.ts";
import { RunFailed, failure } from "./failure.ts";
import { type OpenMark, attemptTag, markOpen } from "./open-runs.ts";
import type { ExperimentChoice, ProjectContext, ProjectJob } from "./project-job.ts";

/** A run that is in the tracker. */
export interface MadeRun {
  readonly id: string;
  readonly name: string;
  readonly experimentId: string;
  readonly artifactUri: string;
  /** Undefined: MLflow ends it. */
  readonly mark: OpenMark | undefined;
}

/** Where the run will be: nothing is made yet, so that what fails until then leaves nothing behind. */
export type FoundRun =
  | { readonly kind: "adopted"; readonly run: TrackedRun }
  | ({ readonly kind: "new" } & FoundExperiment);

export async function findRun(
  { adopt, experiment }: ProjectJob,
  context: ProjectContext,
): Promise<FoundRun> {
  if (adopt === undefined) return { kind: "new", ...(await findExperiment(experiment, context)) };
  const { run } = await context.tracking.call("runs/get", { run_id: adopt });
  return { kind: "adopted", run };
}

interface FoundExperiment {
  readonly name: string;
  /** Undefined: it must be made. */
  readonly id: string | undefined;
}

/** Nothing is made yet, so that what fails until the run is made leaves nothing behind. */
async function findExperiment(
  choice: ExperimentChoice,
  { tracking }: ProjectContext,
): Promise<FoundExperiment> {
  try {
    const { experiment } =
      choice.kind === "id"
        ? await tracking.call("experiments/get", { experiment_id: choice.id })
        : await tracking.call("experiments/get-by-name", { experiment_name: choice.name });
    if (experiment.lifecycle_stage === "deleted") throw refuseDeleted(experiment.name);
    return { name: experiment.name, id: experiment.experiment_id };
  } catch (error) {
    const isNew = error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST";
    if (isNew && choice.kind === "name") return { name: choice.name, id: undefined };
    throw error;
  }
}

function refuseDeleted(name: string): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `the experiment ${name} was deleted`,
    "restore it in MLflow, or name another experiment",
  );
}

export async function openRun(
  job: ProjectJob,
  environmentTags: ProjectJob["tags"],
  found: FoundRun,
  context: ProjectContext,
): Promise<MadeRun> {
  const { signal, tracking, listener } = context;
  if (signal.aborted) throw new RunFailed(failure("R0853", { signal: String(signal.reason) }));
  const tags = Object.entries({ ...job.tags, ...environmentTags }).map(([key, value]) => ({
    key,
    value,
  }));
  if (found.kind === "new") return makeRun(job, tags, found, context);
  const made = madeRun(found.run, undefined);
  for (const batch of splitBatch({ run_id: made.id, tags }))
    await tracking.call("runs/log-batch", batch);
  listener({ kind: "run-adopted", runId: made.id, name: made.name, tracking: tracking.uri });
  return made;
}

async function makeRun(
  { runName }: ProjectJob,
  tags: readonly KeyValue[],
  { name, id }: FoundExperiment,
  { tracking, listener, home }: ProjectContext,
): Promise<MadeRun> {
  const experiment_id = id ?? (await tracking.call("experiments/create", { name })).experiment_id;
  const mark = markOpen(home, tracking, experiment_id);
  const { run } = await tracking.call("runs/create", {
    experiment_id,
    start_time: Date.now(),
    ...(runName !== undefined && { run_name: runName }),
    tags: [...tags, { key: attemptTag, value: mark.attempt }],
  });
  mark.made(run.info.run_id);
  const made = madeRun(run, mark);
  listener({
    kind: "run-created",
    runId: made.id,
    name: made.name,
    experiment: name,
    tracking: tracking.uri,
  });
  return made;
}

function madeRun({ info }: TrackedRun, mark: OpenMark | undefined): MadeRun {
  return {
    mark,
    id: info.run_id,
    name: info.run_name,
    experimentId: info.experiment_id,
    artifactUri: info.artifact_uri,
  };
}
