/** Where artifacts are said to lie while the code of a step runs: at its gateway, so that clients hand them over. */
import type { Tracking } from "../tracking/tracking.ts";

export function gatewayRoot(experimentId: string, runId: string): string {
  return `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;
}

/** Where that is in truth; addresses of other kinds as they are. */
export async function trueAddress(uri: string, tracking: Tracking): Promise<string> {
  const [, runId, below = ""] =
    /^mlflow-artifacts:\/[^/]+\/([0-9a-f]{32})\/artifacts(\/.*)?$/.exec(uri) ?? [];
  if (runId === undefined) return uri;
  const { run } = await tracking.call("runs/get", { run_id: runId });
  return run.info.artifact_uri.replace(/\/+$/, "") + below;
}
