/** Artifacts of trackers that hand on whole files only, such as a remote server: each passes through a file of its own on its way. */
import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import { listFolder } from "../pages.ts";
import { receiveFile } from "../receive-file.ts";
import { TrackingError, type ArtifactStreams, type Tracking } from "../tracking.ts";

interface Served {
  readonly tracking: Tracking;
  readonly artifacts: ArtifactStreams;
}

/** The tracker with its artifacts as streams; where it has none, addresses that only its own client can reach lead through this server. */
export function withStreams(tracking: Tracking): Served {
  if (tracking.artifacts !== undefined) return { tracking, artifacts: tracking.artifacts };
  const readdressed: Tracking = {
    uri: tracking.uri,
    async call<E extends EndpointName>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>> {
      return readdress(await tracking.call(endpoint, request)) as ResponseOf<E>;
    },
    upload: (...words) => tracking.upload(...words),
    download: (...words) => tracking.download(...words),
    close: () => tracking.close(),
  };
  return { tracking: readdressed, artifacts: streamWholeFiles(tracking) };
}

/** Files behind `dbfs:` are for those who sign in at Databricks; whoever asks here does not. */
function readdress(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(readdress);
  if (typeof answer !== "object" || answer === null) return answer;
  const fields = Object.entries(answer).map(([name, value]) => [
    name,
    name === "artifact_uri" || name === "root_uri"
      ? String(value).replace(/^dbfs:\/+/i, "mlflow-artifacts:/")
      : readdress(value),
  ]);
  return Object.fromEntries(fields);
}

interface Passing {
  /** Where files lie on their way; absent: the system's folder for temporary files. */
  readonly folder?: string;
  /** Hears of each file that has arrived. Must not throw. */
  readonly onWritten?: (ownerId: string, path: string) => void;
}

export function streamWholeFiles(
  tracking: Tracking,
  { folder: passing = tmpdir(), onWritten = () => {} }: Passing = {},
): ArtifactStreams {
  return {
    list: async (root, path) => {
      const { owner, below } = findOwner(root, path);
      const prefix = path.slice(0, path.length - below.length);
      const files = await listFolder(tracking, owner, below);
      return files.map((file) => ({ ...file, path: prefix + file.path }));
    },
    read: (root, path) => download(tracking, findOwner(root, path), passing),
    write: async (root, path, body) => {
      const { owner, below } = findOwner(root, path);
      await withFolder(passing, async (folder) => {
        const file = join(folder, "artifact");
        await receiveFile(body, file);
        await tracking.upload(owner, file, below);
      });
      onWritten(owner, below);
    },
    remove: () => {
      throw new TrackingError("NOT_IMPLEMENTED", "artifacts are not removed through this server");
    },
  };
}

interface Owned {
  /** The id of a run or of a logged model. */
  readonly owner: string;
  /** Below the owner's artifacts. */
  readonly below: string;
}

/** Wherever artifacts lie, MLflow puts them below `ID/artifacts`. */
function findOwner(root: string, path: string): Owned {
  const address = path === "" ? root : `${root.replace(/\/+$/, "")}/${path}`;
  const [, owner, below = ""] =
    /^(?:.*?[/:])?((?:m-)?[0-9a-f]{32})\/artifacts(?:\/(.*))?$/s.exec(address) ?? [];
  if (owner !== undefined) return { owner, below };
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    "only the artifacts of one run or logged model are reached through this server",
  );
}

/** Nobody else on this machine may look into it. */
async function makeFolder(below: string): Promise<string> {
  return mkdtemp(join(below, "mlpipe-artifact-"));
}

async function withFolder<T>(passing: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeFolder(passing);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(
  tracking: Tracking,
  { owner, below }: Owned,
  passing: string,
): Promise<{ readonly size: number; readonly body: Readable }> {
  const folder = await makeFolder(passing);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, "artifact");
    await tracking.download(owner, below, file);
    const found = await stat(file);
    if (!found.isFile())
      throw new TrackingError("INVALID_PARAMETER_VALUE", `the artifact ${below} is a folder`);
    const body = createReadStream(file);
    // What cannot be removed is left to whoever clears that folder.
    body.on("close", () => void remove().catch(() => {}));
    return { size: found.size, body };
  } catch (cause) {
    await remove();
    throw cause;
  }
}
