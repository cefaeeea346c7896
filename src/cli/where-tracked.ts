/** What must hold of a file because of where its runs go. */
import type { CheckOptions } from "../check/context.ts";
import { isDatabricks } from "../tracking/tracking-uri.ts";

/** `uri` is what the command line says; without it, the environment does. */
export function checksFor(uri: string | undefined, env: NodeJS.ProcessEnv): CheckOptions {
  const namedElsewhere =
    env.MLFLOW_EXPERIMENT_NAME || env.MLFLOW_EXPERIMENT_ID || env.MLFLOW_RUN_ID;
  const there = isDatabricks(uri ?? env.MLFLOW_TRACKING_URI ?? "");
  return there && !namedElsewhere ? { tracking: "databricks" } : {};
}
