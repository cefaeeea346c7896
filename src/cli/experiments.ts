/** Which experiment a command means: what it says, then what the file says, then what the environment says. */
import type { Program, Run } from "../check/program.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { CommandFailed } from "./exit.ts";

export interface ExperimentOptions {
  readonly experimentName?: string | undefined;
  readonly experimentId?: string | undefined;
}

/** Throws where both are named. */
export function refuseTwoExperiments({ experimentName, experimentId }: ExperimentOptions): void {
  if (experimentName === undefined || experimentId === undefined) return;
  throw new CommandFailed(
    "--experiment-name and --experiment-id exclude each other",
    "give one of them",
  );
}

/** What the options name in place of the file's; undefined: they name none. */
export async function givenExperiment(
  { experimentName, experimentId }: ExperimentOptions,
  tracking: Tracking,
): Promise<string | undefined> {
  return experimentName ?? (await experimentOf(experimentId, tracking));
}

/** For a file that names no experiment: MLFLOW_EXPERIMENT_NAME, then MLFLOW_EXPERIMENT_ID; undefined: MLflow's Default. */
export async function defaultExperiment(
  { experiment }: Program,
  run: Run | undefined,
  tracking: Tracking,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (experiment !== undefined || run?.experiment !== "Default") return undefined;
  if (env.MLFLOW_EXPERIMENT_NAME) return env.MLFLOW_EXPERIMENT_NAME;
  return experimentOf(env.MLFLOW_EXPERIMENT_ID, tracking);
}

async function experimentOf(
  id: string | undefined,
  tracking: Tracking,
): Promise<string | undefined> {
  if (!id) return undefined;
  const { experiment } = await tracking.call("experiments/get", { experiment_id: id });
  return experiment.name;
}
