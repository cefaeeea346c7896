/** Artifacts as the code of a step reaches them: through the gateway, by way of a file, wherever the tracker keeps them. */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { listFolder } from "../tracking/pages.ts";
import { type ArtifactStreams, type Tracking, TrackingError } from "../tracking/tracking.ts";

/** Where a run's artifacts are said to lie, so that clients hand them to the gateway. */
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

export interface ScriptArtifacts {
  readonly tracking: Tracking;
  /** For files on their way; there already. */
  readonly folder: string;
  /** Hears of each file that has arrived. Must not throw. */
  readonly onWritten: (runId: string, path: string) => void;
}

export function streamsFor({ tracking, folder, onWritten }: ScriptArtifacts): ArtifactStreams {
  const onTheWay = (): string => path.join(folder, `mlflow-passing-${randomUUID()}`);
  return {
    list(root, below) {
      const { runId, path: at } = locate(root, below);
      return listFolder(tracking, runId, at);
    },
    read: (root, below) => read(tracking, locate(root, below), onTheWay()),
    async write(root, below, body) {
      const place = locate(root, below);
      await write(tracking, place, body, onTheWay());
      onWritten(place.runId, place.path);
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

interface RunPlace {
  readonly runId: string;
  /** Below the run's artifacts; "" is all of them. */
  readonly path: string;
}

/** What an address belongs to: `…/RUN_ID/artifacts/path`. */
function locate(root: string, below: string): RunPlace {
  const [, runId, rest = ""] =
    /(?:^|\/)([0-9a-f]{32})\/artifacts(?:\/(.*))?$/.exec(`${root}/${below}`) ?? [];
  if (runId !== undefined) return { runId, path: rest.replace(/\/+$/, "") };
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    "the address names no artifact of a run",
    "use runs:/RUN_ID/path",
  );
}

async function write(
  tracking: Tracking,
  place: RunPlace,
  body: Readable,
  file: string,
): Promise<void> {
  try {
    await pipeline(body, createWriteStream(file, { mode: 0o600 }));
    await tracking.upload(place.runId, file, place.path);
  } finally {
    await rm(file, { force: true });
  }
}

/** The file is gone once its body is read, or given up. */
async function read(
  tracking: Tracking,
  place: RunPlace,
  file: string,
): Promise<{ readonly size: number; readonly body: Readable }> {
  try {
    await tracking.download(place.runId, place.path, file);
    const found = await stat(file);
    if (!found.isFile())
      throw new TrackingError("RESOURCE_DOES_NOT_EXIST", `${place.path} is a folder of the run`);
    const body = createReadStream(file);
    // Whatever is left lies in the run's own folder.
    body.once("close", () => void rm(file, { force: true }).catch(() => {}));
    return { size: found.size, body };
  } catch (error) {
    await rm(file, { recursive: true, force: true });
    throw error;
  }
}
