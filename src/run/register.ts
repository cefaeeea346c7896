/** Makes a model version of a model that the run has logged, as MLflow's own `register_model` does. */
import type { RegisterAction } from "../plan/plan.ts";
import { type Tracking, TrackingError } from "../tracking/tracking.ts";

/** Resolves to the number of the new version. */
export async function registerModel(
  { name, path, alias }: RegisterAction,
  runId: string,
  tracking: Tracking,
): Promise<string> {
  const { run } = await tracking.call("runs/get", { run_id: runId });
  await ensureModel(name, tracking);
  const source = `${run.info.artifact_uri}/${path}`;
  const { model_version } = await tracking.call("model-versions/create", {
    name,
    source,
    run_id: runId,
  });
  const { version } = model_version;
  if (alias !== undefined)
    await tracking.call("registered-models/set-alias", { name, alias, version });
  return version;
}

async function ensureModel(name: string, tracking: Tracking): Promise<void> {
  try {
    await tracking.call("registered-models/create", { name });
  } catch (error) {
    if (!(error instanceof TrackingError) || error.code !== "RESOURCE_ALREADY_EXISTS") throw error;
  }
}
