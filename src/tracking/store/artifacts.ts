/** Artifacts of the embedded store: plain files in a local folder, each of them whole or not there. */
import { randomBytes } from "node:crypto";
import { constants, copyFileSync, statSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isModelId, nameOwner } from "../artifact-owner.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError, type ArtifactStreams } from "../tracking.ts";
import {
  listFolder,
  openFile,
  putFile,
  putStream,
  removeTree,
  statOf,
  withFiles,
} from "./artifact-files.ts";
import { checkArtifactPath, placeWithin, unfinishedPrefix } from "./artifact-path.ts";
import { localFolder, type ArtifactPlaces } from "./artifact-place.ts";
import { textOf, type Row } from "./database.ts";
import { requireActiveModel } from "./logged-models/models.ts";
import { requireActiveRun, requireRun } from "./run-row.ts";
import { missing, type Store } from "./store.ts";

interface Roots {
  readonly uri: string;
  readonly folder: string;
}

function rootsOf(store: Store, run: Row): Roots {
  return rootsAt(store, textOf(run, "artifact_uri"));
}

function rootsAt(store: Store, uri: string): Roots {
  return { uri, folder: localFolder(uri, store) };
}

function rootsOfModel(store: Store, id: string): Promise<Roots> {
  return store.database.read(() =>
    rootsAt(store, textOf(requireActiveModel(store, id), "artifact_location")),
  );
}

/** What is asked for by several uploads at once is looked for once. */
const asked = new WeakMap<Store, Map<string, Promise<Roots>>>();

function rootsToWrite(store: Store, id: string): Promise<Roots> {
  const its = asked.get(store) ?? new Map<string, Promise<Roots>>();
  asked.set(store, its);
  const known = its.get(id);
  if (known) return known;
  const roots = rootsOfOwner(store, id, requireActiveRun).finally(() => its.delete(id));
  its.set(id, roots);
  return roots;
}

/** Of a run, or of a logged model. */
function rootsOfOwner(
  store: Store,
  id: string,
  findRun: (store: Store, id: string) => Row,
): Promise<Roots> {
  return isModelId(id)
    ? rootsOfModel(store, id)
    : store.database.read(() => rootsOf(store, findRun(store, id)));
}

/** Copies `localFile` to `path` below the artifacts of an active run or of a logged model, replacing the file that is there. */
export async function uploadArtifact(
  store: Store,
  ownerId: string,
  localFile: string,
  path: string,
): Promise<void> {
  checkArtifactPath(path);
  const { folder } = await rootsToWrite(store, ownerId);
  await withFiles(`the artifact ${path} was not stored`, () =>
    putFile(folder, path, (unfinished) => copyNew(localFile, unfinished)),
  );
}

/** What is small is faster copied at once than in the background. */
const smallFile = 1 << 20;

async function copyNew(from: string, to: string): Promise<void> {
  const size = statSync(from, { throwIfNoEntry: false })?.size ?? 0;
  const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
  if (size <= smallFile) copyFileSync(from, to, mode);
  else await copyFile(from, to, mode);
}

/** Copies the file or folder at `path` to `target`, which must not exist and is there only when all of it is. */
export async function downloadArtifact(
  store: Store,
  ownerId: string,
  path: string,
  target: string,
): Promise<void> {
  if (path !== "") checkArtifactPath(path);
  const { folder } = await rootsOfOwner(store, ownerId, requireRun);
  await withFiles(`the artifact ${path} was not fetched`, async () => {
    await refuseExisting(target);
    const place = placeWithin(folder, path);
    if ((await statOf(place)) === undefined)
      throw missing(`${nameOwner(ownerId)} has no artifact ${path}`);
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

async function copyTree(root: string, path: string, target: string): Promise<void> {
  const place = placeWithin(root, path);
  if (!(await stat(place)).isDirectory()) {
    await copyNew(place, target);
    return;
  }
  await mkdir(target);
  for (const entry of await readdir(place, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isSymbolicLink()) await refuseLinkedFolder(placeWithin(root, below), below);
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
  return listBelow(
    () => store.database.read(() => rootsOf(store, requireRun(store, run_id))),
    path,
  );
}

export async function listModelArtifacts(
  store: Store,
  { model_id, artifact_directory_path = "" }: RequestOf<"logged-models/list-artifacts">,
): Promise<ResponseOf<"logged-models/list-artifacts">> {
  return listBelow(() => rootsOfModel(store, model_id), artifact_directory_path);
}

async function listBelow(
  findRoots: () => Promise<Roots>,
  path: string,
): Promise<ResponseOf<"artifacts/list">> {
  if (path !== "") checkArtifactPath(path);
  const { uri, folder } = await findRoots();
  const files = await withFiles("the artifacts were not listed", () => listFolder(folder, path));
  return { root_uri: uri, ...(files.length === 0 ? {} : { files }) };
}

/** Artifacts by their place, without asking whose they are. */
export function streamArtifacts(places: ArtifactPlaces): ArtifactStreams {
  const rooted = (root: string, path: string): string => {
    if (path !== "") checkArtifactPath(path);
    return localFolder(root, places);
  };
  return {
    list: async (root, path) => {
      const folder = rooted(root, path);
      return withFiles("the artifacts were not listed", () => listFolder(folder, path));
    },
    read: async (root, path) => {
      const folder = rooted(root, path);
      return withFiles(`the artifact ${path} was not read`, () => openFile(folder, path));
    },
    write: async (root, path, body) => {
      checkArtifactPath(path);
      const folder = rooted(root, path);
      await withFiles(`the artifact ${path} was not stored`, () => putStream(folder, path, body));
    },
    remove: async (root, path) => {
      checkArtifactPath(path);
      const folder = rooted(root, path);
      await withFiles(`the artifact ${path} was not removed`, () => removeTree(folder, path));
    },
  };
}
