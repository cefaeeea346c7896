/** Artifacts of the embedded store: plain files in a local folder, each of them whole or not there. */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ArtifactFile } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError } from "../tracking.ts";
import { checkArtifactPath, placeWithin, unfinishedPrefix } from "./artifact-path.ts";
import { localFolder } from "./artifact-place.ts";
import { textOf, type Row } from "./database.ts";
import { requireActiveRun, requireRun } from "./run-row.ts";
import { missing, type Store } from "./store.ts";

interface Roots {
  readonly uri: string;
  readonly folder: string;
}

function rootsOf(store: Store, run: Row): Roots {
  const uri = textOf(run, "artifact_uri");
  return { uri, folder: localFolder(uri, store) };
}

/** Turns what the file system throws into the errors that `Tracking` documents. */
async function withFiles<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TrackingError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TrackingError(
      "FILE_FAILED",
      `${what}: ${reason}`,
      "see that the file and its folder can be used",
      cause,
    );
  }
}

/** Copies `localFile` to `path` below the artifacts of an active run, replacing the file that is there. */
export async function uploadArtifact(
  store: Store,
  runId: string,
  localFile: string,
  path: string,
): Promise<void> {
  checkArtifactPath(path);
  const { folder } = await store.database.read(() =>
    rootsOf(store, requireActiveRun(store, runId)),
  );
  await withFiles(`the artifact ${path} was not stored`, async () => {
    const place = await placeWithin(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await placeWithin(folder, dirname(path));
    await copyWhole(localFile, place);
  });
}

/** Readers see the old file or the whole new one, which is on disk when this resolves. */
async function copyWhole(source: string, target: string): Promise<void> {
  const unfinished = join(dirname(target), unfinishedPrefix + randomBytes(8).toString("hex"));
  try {
    await copyFile(source, unfinished, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await flush(unfinished);
    await rename(unfinished, target);
    await flush(dirname(target));
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Copies the file or folder at `path` to `target`, which must not exist and is there only when all of it is. */
export async function downloadArtifact(
  store: Store,
  runId: string,
  path: string,
  target: string,
): Promise<void> {
  if (path !== "") checkArtifactPath(path);
  const { folder } = await store.database.read(() => rootsOf(store, requireRun(store, runId)));
  await withFiles(`the artifact ${path} was not fetched`, async () => {
    await refuseExisting(target);
    const place = await placeWithin(folder, path);
    if ((await statOf(place)) === undefined) throw missing(`run ${runId} has no artifact ${path}`);
    const unfinished = join(
      dirname(target),
      `.${basename(target)}.${randomBytes(8).toString("hex")}`,
    );
    try {
      await copyTree(folder, path, unfinished);
      await rename(unfinished, target);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  });
}

async function refuseExisting(target: string): Promise<void> {
  if ((await statOf(target)) === undefined) return;
  throw new TrackingError(
    "FILE_FAILED",
    `${target} exists already`,
    "name a file or folder that does not",
  );
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  return stat(path).catch(() => undefined);
}

async function copyTree(root: string, path: string, target: string): Promise<void> {
  const place = await placeWithin(root, path);
  if (!(await stat(place)).isDirectory()) {
    await copyFile(place, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return;
  }
  await mkdir(target);
  for (const entry of await readdir(place, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isSymbolicLink()) await refuseLinkedFolder(await placeWithin(root, below), below);
    if (!entry.name.startsWith(unfinishedPrefix))
      await copyTree(root, below, join(target, entry.name));
  }
}

/** A link to a folder may lead back to where we are, without end. */
async function refuseLinkedFolder(place: string, path: string): Promise<void> {
  if ((await stat(place)).isDirectory()) {
    throw new TrackingError(
      "FILE_FAILED",
      `${path} is a link to a folder`,
      "fetch that folder by its own path",
    );
  }
}

/** Files and folders directly below `path`, by name; none where there is no folder, as in MLflow. Links that leave are left out. */
export async function listArtifacts(
  store: Store,
  { run_id, path = "" }: RequestOf<"artifacts/list">,
): Promise<ResponseOf<"artifacts/list">> {
  if (path !== "") checkArtifactPath(path);
  const { uri, folder } = await store.database.read(() =>
    rootsOf(store, requireRun(store, run_id)),
  );
  const files = await withFiles("the artifacts were not listed", () => listFolder(folder, path));
  return { root_uri: uri, ...(files.length === 0 ? {} : { files }) };
}

async function listFolder(root: string, path: string): Promise<readonly ArtifactFile[]> {
  const place = await placeWithin(root, path);
  if ((await statOf(place))?.isDirectory() !== true) return [];
  const names = (await readdir(place)).filter((name) => !name.startsWith(unfinishedPrefix));
  const described = await Promise.all(
    names.map((name) => describe(root, path === "" ? name : `${path}/${name}`)),
  );
  return described
    .filter((file) => file !== undefined)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function describe(root: string, path: string): Promise<ArtifactFile | undefined> {
  const place = await placeWithin(root, path).catch(() => undefined);
  const found = place === undefined ? undefined : await statOf(place);
  if (found === undefined) return undefined;
  return found.isDirectory()
    ? { path, is_dir: true }
    : { path, is_dir: false, file_size: Number(found.size) };
}
