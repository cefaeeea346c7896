/** Where this command logs: {mlflow} in R names a folder where nothing else is set, and mlpipe keeps a store in it. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailed } from "../exit.ts";

/** MLFLOW_TRACKING_URI; undefined: MLflow's default. */
export function trackingUri(env: NodeJS.ProcessEnv): string | undefined {
  const uri = env.MLFLOW_TRACKING_URI;
  return uri === undefined || uri === "" ? undefined : storeUri(uri);
}

/** `sqlite:` for a folder; anything else as it is. Throws where the folder holds runs of MLflow's own folder store. */
export function storeUri(uri: string): string {
  const folder = folderOf(uri);
  if (folder === undefined) return uri;
  const file = path.join(folder, "mlflow.db");
  if (!existsSync(file) && holdsRuns(folder))
    throw new CommandFailed(
      `${folder} is a folder store of MLflow, which mlpipe does not write to`,
      `bring its runs over: mlpipe import ${folder}; then use sqlite:///mlflow.db`,
      1,
    );
  return `sqlite:///${file}`;
}

function folderOf(uri: string): string | undefined {
  if (/^file:/i.test(uri)) return fileURLToPath(uri);
  return /^[a-z][a-z0-9+.-]+:|^databricks$/i.test(uri) ? undefined : path.resolve(uri);
}

function holdsRuns(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((name) => existsSync(path.join(folder, name, "meta.yaml")));
}
