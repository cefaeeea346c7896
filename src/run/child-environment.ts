/** What a project's command finds in its environment on top of what it inherits. */
import type { Failure } from "./event.ts";
import { type ChildSurroundings, openRChild, startsR } from "./r-child.ts";

export interface ChildRun {
  readonly runId: string;
  readonly experimentId: string;
  /** The tracker as any program can reach it from any folder. */
  readonly trackingUri: string;
  /** By name, as the command gets them. */
  readonly params: Readonly<Record<string, string>>;
  /** By name, as the run has them. */
  readonly logged: Readonly<Record<string, string>>;
}

export interface ChildEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Why the command has failed though its exit code is 0; undefined: it has not. Asked once its process has gone. */
  readonly verdict: () => Failure | undefined;
  /** Ends what was opened for the child; called once, after it has ended. */
  readonly close: (ok: boolean) => Promise<void>;
}

/** MLflow's own variables, and the params as JSON; all that a container gets, which reaches nothing else of this machine. */
export function runVariables(run: ChildRun): Readonly<Record<string, string>> {
  return {
    MLFLOW_TRACKING_URI: run.trackingUri,
    MLFLOW_RUN_ID: run.runId,
    MLFLOW_EXPERIMENT_ID: run.experimentId,
    MLPIPE_PARAMS: JSON.stringify(run.params),
  };
}

/** For a command on this machine. R speaks to a gateway of its own; all else reaches the tracker itself, as under MLflow. */
export async function openChildEnvironment(
  command: string,
  run: ChildRun,
  surroundings: ChildSurroundings,
): Promise<ChildEnvironment> {
  if (startsR(command)) return openRChild(run, surroundings);
  return { variables: runVariables(run), verdict: () => undefined, close: async () => {} };
}
