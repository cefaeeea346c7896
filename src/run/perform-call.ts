/** Performs the tracking calls of a plan: fills in what is known by now, and remembers what the tracker answers. */
import type { CallAction } from "../plan/plan.ts";
import type { KeyValue } from "../tracking/entities.ts";
import { type Tracking, TrackingError } from "../tracking/tracking.ts";
import { type Known, fillLater } from "./later.ts";

/** What a run knows of its place in the tracker; grows call by call. */
export interface TrackedState {
  readonly known: Known;
  readonly runName: string;
  /** Tags that the experiment has already. */
  readonly experimentTags: readonly KeyValue[];
  /** Params that the run has already: under `mlflow run`, MLflow has logged them as text. */
  readonly loggedParams: readonly string[];
  /** Whether the run has a note of whoever started it, which stays. */
  readonly isNoted: boolean;
}

/** The state after `action`. */
export async function performCall(
  action: CallAction,
  state: TrackedState,
  tracking: Tracking,
): Promise<TrackedState> {
  switch (action.purpose) {
    case "find-experiment":
      return findExperiment(action, state, tracking);
    case "create-experiment":
      return createExperiment(action, state, tracking);
    case "tag-experiment":
      return tagExperiment(action, state, tracking);
    case "create-run":
      return createRun(action, state, tracking);
    case "adopt-run":
      return adoptRun(action, state, tracking);
    case "log-params":
      return logParams(action, state, tracking);
    case "set-tags":
      return setTags(action, state, tracking);
    case "rename-run":
      await tracking.call(action.endpoint, fillLater(action.request, state.known));
      return state;
    default:
      return action.purpose satisfies never;
  }
}

type Step = (action: CallAction, state: TrackedState, tracking: Tracking) => Promise<TrackedState>;

const findExperiment: Step = async (action, state, tracking) => {
  try {
    const { experiment } = await tracking.call(
      "experiments/get-by-name",
      fillLater(action.request, state.known),
    );
    if (experiment.lifecycle_stage === "deleted") refuseDeleted(experiment.name);
    return {
      ...state,
      known: { ...state.known, experiment_id: experiment.experiment_id },
      experimentTags: experiment.tags ?? [],
    };
  } catch (error) {
    if (error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST") return state;
    throw error;
  }
};

function refuseDeleted(name: string): never {
  throw new TrackingError(
    "RESOURCE_ALREADY_EXISTS",
    `the experiment ${name} was deleted, and its name is still taken`,
    "restore it in MLflow, or name another experiment",
  );
}

const createExperiment: Step = async (action, state, tracking) => {
  if (state.known.experiment_id !== undefined) return state;
  const request = fillLater<{ name: string; tags: readonly KeyValue[] }>(
    action.request,
    state.known,
  );
  const { experiment_id } = await tracking.call("experiments/create", request);
  return { ...state, known: { ...state.known, experiment_id }, experimentTags: request.tags };
};

const tagExperiment: Step = async (action, state, tracking) => {
  const request = fillLater<{ experiment_id: string } & KeyValue>(action.request, state.known);
  const same = state.experimentTags.some(
    ({ key, value }) => key === request.key && value === request.value,
  );
  if (!same) await tracking.call("experiments/set-experiment-tag", request);
  return state;
};

const createRun: Step = async (action, state, tracking) => {
  const known = { ...state.known, now: Date.now() };
  const { run } = await tracking.call("runs/create", fillLater(action.request, known));
  return { ...state, runName: run.info.run_name, known: { ...known, run_id: run.info.run_id } };
};

const adoptRun: Step = async (action, state, tracking) => {
  const { run } = await tracking.call("runs/get", fillLater(action.request, state.known));
  return {
    ...state,
    runName: run.info.run_name,
    known: { ...state.known, experiment_id: run.info.experiment_id },
    loggedParams: (run.data.params ?? []).map(({ key }) => key),
    isNoted: (run.data.tags ?? []).some(({ key }) => key === noteKey),
  };
};

const noteKey = "mlflow.note.content";

const setTags: Step = async (action, state, tracking) => {
  const request = fillLater<{ run_id: string; tags: readonly KeyValue[] }>(
    action.request,
    state.known,
  );
  const tags = request.tags.filter(({ key }) => !state.isNoted || key !== noteKey);
  if (tags.length > 0) await tracking.call("runs/log-batch", { run_id: request.run_id, tags });
  return state;
};

const logParams: Step = async (action, state, tracking) => {
  const request = fillLater<{ run_id: string; params: readonly KeyValue[] }>(
    action.request,
    state.known,
  );
  const params = request.params.filter(({ key }) => !state.loggedParams.includes(key));
  if (params.length > 0) await tracking.call("runs/log-batch", { run_id: request.run_id, params });
  return state;
};
