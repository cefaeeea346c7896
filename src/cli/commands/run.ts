/** `mlpipe run`: performs one run of a file, shows it, and logs it. */
import type { Program } from "../../check/program.ts";
import { lower } from "../../plan/lower.ts";
import type { RunPlan } from "../../plan/plan.ts";
import { collectFacts } from "../../run/facts.ts";
import { perform } from "../../run/perform.ts";
import { openTracking } from "../../tracking/open.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { adoptedRun, chooseEntry, readParams, refuseUnperformed } from "../entry.ts";
import { requireProgram } from "../open.ts";
import { displayFor } from "../progress.ts";
import { abortOnSignals } from "../signals.ts";
import { checksFor } from "../where-tracked.ts";

interface RunOptions {
  readonly param?: readonly string[];
  readonly experimentName?: string;
  readonly trackingUri?: string;
  readonly r?: string;
  readonly json?: boolean;
}

export async function run(
  file: string,
  name: string | undefined,
  options: RunOptions,
): Promise<number> {
  const checks =
    options.experimentName === undefined ? checksFor(options.trackingUri, process.env) : {};
  const { project, program } = requireProgram(file, checks);
  const entry = chooseEntry(program, name);
  refuseUnperformed(program, entry, file);
  const params = readParams(program, entry, options.param);
  const env = options.r === undefined ? process.env : { ...process.env, MLPIPE_R: options.r };
  const facts = collectFacts(project.folder, program.sources, env);
  const tracking = await openTracking(options.trackingUri ?? env.MLFLOW_TRACKING_URI, {
    environment: env,
  });
  try {
    const adopt = adoptedRun(env);
    const experiment =
      options.experimentName ?? (await defaultExperiment(program, entry, tracking, env));
    const plan = lower(program, entry, {
      params,
      adopt: adopt !== undefined,
      experiment,
    }) as RunPlan;
    const outcome = await perform(plan, {
      tracking,
      folder: project.folder,
      env,
      signal: abortOnSignals(),
      listener: displayFor(plan, options),
      facts: await facts,
      adopt,
    });
    return outcome.exitCode;
  } finally {
    await tracking.close();
  }
}

/** For a file that names no experiment: MLFLOW_EXPERIMENT_NAME, then MLFLOW_EXPERIMENT_ID; undefined: MLflow's Default. */
async function defaultExperiment(
  program: Program,
  entry: string,
  tracking: Tracking,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const named =
    program.experiment !== undefined || program.runs.get(entry)?.experiment !== "Default";
  if (named) return undefined;
  if (env.MLFLOW_EXPERIMENT_NAME) return env.MLFLOW_EXPERIMENT_NAME;
  const id = env.MLFLOW_EXPERIMENT_ID;
  if (!id) return undefined;
  const { experiment } = await tracking.call("experiments/get", { experiment_id: id });
  return experiment.name;
}
