/** Artifacts of a tracker that takes whole files only, as streams: what {mlflow} sends goes through a file of the run's own folder. */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { type ArtifactStreams, type Tracking, TrackingError } from "../tracking/tracking.ts";

/** Where a run's artifacts are said to lie, so that clients hand them to the gateway. */
export function gatewayRoot(experimentId: string, runId: string): string {
  return `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;
}

/** `folder` holds files on their way. */
export function streamsOf(tracking: Tracking, folder: string): ArtifactStreams {
  const passing = (): string => path.join(folder, `passing-${randomUUID()}`);
  return {
    async list(root, below) {
      const { runId, path: at } = locate(root, below);
      const { files = [] } = await tracking.call("artifacts/list", {
        run_id: runId,
        ...(at === "" ? {} : { path: at }),
      });
      return files;
    },
    async read(root, below) {
      const { runId, path: at } = locate(root, below);
      const file = passing();
      await tracking.download(runId, at, file);
      const { size } = await stat(file);
      const body = createReadStream(file);
      body.once("close", () => void rm(file, { force: true }));
      return { size, body };
    },
    async write(root, below, body) {
      const { runId, path: at } = locate(root, below);
      const file = passing();
      try {
        await pipeline(body, createWriteStream(file, { mode: 0o600 }));
        await tracking.upload(runId, file, at);
      } finally {
        await rm(file, { force: true });
      }
    },
    remove() {
      throw new TrackingError(
        "NOT_IMPLEMENTED",
        "artifacts cannot be removed while mlpipe performs their run",
        "remove them afterwards, at the tracking server itself",
      );
    },
  };
}

/** The run that an address belongs to: `…/RUN_ID/artifacts/path`. */
function locate(root: string, below: string): { readonly runId: string; readonly path: string } {
  const [, runId, rest = ""] =
    /(?:^|\/)([0-9a-f]{32})\/artifacts(?:\/(.*))?$/.exec(`${root}/${below}`) ?? [];
  if (runId !== undefined) return { runId, path: rest.replace(/\/+$/, "") };
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    "the address names no artifact of a run",
    "use runs:/RUN_ID/path",
  );
}
