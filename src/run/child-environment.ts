/** What a project's command finds in its environment on top of what it inherits. */

export interface ChildRun {
  readonly runId: string;
  readonly experimentId: string;
  /** The tracker as any program can reach it from any folder. */
  readonly trackingUri: string;
  /** By name, as the command gets them. */
  readonly params: Readonly<Record<string, string>>;
}

export interface ChildEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Ends what was opened for the child; called once, after it has ended. */
  readonly close: () => Promise<void>;
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

/** For a command on this machine. The one place where what accompanies it is opened and ended. */
export async function openChildEnvironment(run: ChildRun): Promise<ChildEnvironment> {
  return { variables: runVariables(run), close: async () => {} };
}
