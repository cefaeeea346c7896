/** Artifacts to and from a run, wherever the server keeps them: names are checked both ways, files appear whole or not at all. */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fetchFile, storeFile } from "./client-transfer.ts";
import type { Client } from "./client-http.ts";
import type { Ask } from "./client-once.ts";
import { isModelId, nameOwner } from "./artifact-owner.ts";
import type { ArtifactFile } from "./entities.ts";
import { listFolder } from "./pages.ts";
import type { ArtifactPlace, ReachablePlace } from "./proxy.ts";
import { TrackingError } from "./tracking.ts";

interface Transfers extends Client {
  readonly ask: Ask;
  readonly locate: Locate;
  /** Artifact addresses of runs asked for before: they never change. */
  readonly roots: Map<string, string>;
}

/** From a run's artifact address to the place that it is. */
export type Locate = (artifactUri: string, runId: string) => ArtifactPlace;

const deepestFolder = 100;

export async function uploadArtifact(
  transfers: Transfers,
  runId: string,
  localFile: string,
  path: string,
): Promise<void> {
  if (!isContained(path)) throw invalidPath(path);
  await storeFile(transfers, await placeOf(transfers, runId), localFile, path);
}

export async function downloadArtifact(
  transfers: Transfers,
  runId: string,
  path: string,
  target: string,
): Promise<void> {
  if (path !== "" && !isContained(path)) throw invalidPath(path);
  await refuseExisting(target);
  const place = await placeOf(transfers, runId);
  const found = await findArtifact(transfers, runId, path);
  const unfinished = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.part`);
  try {
    await makeFolder(dirname(target));
    await fetchTree({ transfers, runId, place }, found, unfinished, 0);
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** A path of names, none of which leads anywhere but down. */
function isContained(path: string): boolean {
  return path
    .split("/")
    .every((name) => name !== "" && name !== "." && name !== ".." && !/[\\\0]/.test(name));
}

function invalidPath(path: string): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${JSON.stringify(path)} is no path of an artifact`,
    "Give it as names between forward slashes, such as plots/loss.png.",
  );
}

async function refuseExisting(target: string): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there === undefined) return;
  const message = `${target} is there already, and a download replaces nothing`;
  throw new TrackingError("FILE_FAILED", message, "Remove it, or download to another name.");
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new TrackingError("FILE_FAILED", `The folder ${folder} cannot be made`, "", cause);
  }
}

async function placeOf(transfers: Transfers, runId: string): Promise<ReachablePlace> {
  const root = transfers.roots.get(runId) ?? (await askRoot(transfers, runId));
  transfers.roots.set(runId, root);
  const place = transfers.locate(root, runId);
  if (place.kind !== "elsewhere") return place;
  throw new TrackingError(
    "ARTIFACTS_OUT_OF_REACH",
    `The artifacts of ${nameOwner(runId)} lie at ${place.shown || "no address"}, which mlpipe cannot reach by itself`,
    place.fix,
  );
}

async function askRoot({ ask }: Transfers, runId: string): Promise<string> {
  if (isModelId(runId))
    return (await ask("logged-models/get", { model_id: runId })).model.info.artifact_uri;
  const { run } = await ask("runs/get", { run_id: runId });
  return run.info.artifact_uri;
}

/** Servers list nothing for a file, so what a path is, only the folder above it tells. */
async function findArtifact(
  transfers: Transfers,
  runId: string,
  path: string,
): Promise<ArtifactFile> {
  if (path === "") return { path, is_dir: true };
  const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const found = (await listFolder({ call: transfers.ask }, runId, parent)).find(
    (file) => file.path === path,
  );
  if (found !== undefined) return found;
  throw new TrackingError(
    "RESOURCE_DOES_NOT_EXIST",
    `The ${nameOwner(runId)} has no artifact ${path}`,
  );
}

interface Source {
  readonly transfers: Transfers;
  readonly runId: string;
  readonly place: ReachablePlace;
}

async function fetchTree(
  source: Source,
  entry: ArtifactFile,
  target: string,
  depth: number,
): Promise<void> {
  if (!entry.is_dir) return fetchFile(source.transfers, source.place, entry, target);
  await makeFolder(target);
  for (const child of await listFolder({ call: source.transfers.ask }, source.runId, entry.path))
    await fetchTree(source, child, join(target, childName(entry, child, depth)), depth + 1);
}

/** A server may list what it likes; only a name right below its folder is followed. */
function childName(folder: ArtifactFile, child: ArtifactFile, depth: number): string {
  const prefix = folder.path === "" ? "" : `${folder.path}/`;
  const name = child.path.slice(prefix.length);
  const below = child.path.startsWith(prefix) && isContained(name) && !name.includes("/");
  if (below && depth < deepestFolder) return name;
  throw new TrackingError(
    "NOT_MLFLOW",
    `The server lists ${JSON.stringify(child.path.slice(0, 200))} in the artifact folder ${JSON.stringify(folder.path)}, where it cannot be`,
    "Check that MLFLOW_TRACKING_URI is the address of an MLflow server that you trust.",
  );
}
