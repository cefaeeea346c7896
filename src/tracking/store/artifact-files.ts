/** Files below one folder: each of them whole or not there, none of them outside. */
import { randomBytes } from "node:crypto";
import { closeSync, fsync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import type { ArtifactFile } from "../entities.ts";
import { receiveFile } from "../receive-file.ts";
import { TrackingError } from "../tracking.ts";
import { placeWithin, unfinishedPrefix } from "./artifact-path.ts";
import { invalid, missing } from "./store.ts";

/** Turns what the file system throws into the errors that `Tracking` documents. */
export async function withFiles<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw explain(what, cause);
  }
}

function explain(what: string, cause: unknown): TrackingError {
  if (cause instanceof TrackingError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (!isFull(cause)) {
    const fix = "see that the file and its folder can be used";
    return new TrackingError("FILE_FAILED", `${what}: ${reason}`, fix, cause);
  }
  const fix = "make room on the disk; what was stored before is kept";
  return new TrackingError("TEMPORARILY_UNAVAILABLE", `${what}: ${reason}`, fix, cause);
}

function isFull(cause: unknown): boolean {
  return hasCode(cause, "ENOSPC", "EDQUOT");
}

function hasCode(cause: unknown, ...codes: readonly string[]): boolean {
  return cause instanceof Error && "code" in cause && codes.includes(String(cause.code));
}

/** What is stored already can keep a name from being used. */
function claim<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const isTaken = hasCode(cause, "ENOTDIR", "EISDIR", "EEXIST", "ENOTEMPTY", "ENAMETOOLONG");
    throw isTaken
      ? invalid(
          `the name ${path} cannot be used: a file or folder is in its way, or it is too long`,
          "give the artifact another name",
        )
      : cause;
  }
}

/** Makes the file at `path` below `root` of what `fill` writes under the name that it is given. Resolves when it is on the disk. */
export async function putFile(
  root: string,
  path: string,
  fill: (unfinished: string) => Promise<void>,
): Promise<void> {
  const place = placeWithin(root, path);
  const made = claim(path, () => mkdirSync(dirname(place), { recursive: true }));
  // A link may have appeared meanwhile.
  if (made !== undefined) placeWithin(root, dirname(path));
  const unfinished = join(dirname(place), unfinishedPrefix + randomBytes(8).toString("hex"));
  try {
    await fill(unfinished);
    // To make a file takes much longer while another is flushed: first all are made that are asked for at once.
    await setImmediate();
    await flush(unfinished);
    claim(path, () => renameSync(unfinished, place));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  await flushFolders(dirname(place), made);
}

/** The folder, and those above it up to the one that holds `made`, the first that was not there: their entries are new too. */
async function flushFolders(folder: string, made: string | undefined): Promise<void> {
  await flushTogether(folder);
  if (made !== undefined && folder !== dirname(made)) await flushFolders(dirname(folder), made);
}

/** Of each folder the flush that has not begun yet, and so will see what is new by now. */
const coming = new Map<string, Promise<void>>();
const underWay = new Map<string, Promise<void>>();

/** One flush of a folder serves all who ask before it begins, and it begins when the one before has ended. */
function flushTogether(folder: string): Promise<void> {
  const known = coming.get(folder);
  if (known) return known;
  const before = underWay.get(folder)?.catch(() => {}) ?? Promise.resolve();
  const flushed = before.then(() => {
    coming.delete(folder);
    underWay.set(folder, flushed);
    return flush(folder);
  });
  const forget = (): void => {
    if (underWay.get(folder) === flushed) underWay.delete(folder);
  };
  coming.set(folder, flushed);
  flushed.then(forget, forget);
  return flushed;
}

/** Opening is quick, the disk is not: only that is waited for. */
async function flush(path: string): Promise<void> {
  const file = openSync(path, "r");
  try {
    await sync(file);
  } finally {
    closeSync(file);
  }
}

const sync = promisify(fsync);

/** As `putFile`, of a stream; one that breaks off leaves nothing behind. */
export async function putStream(root: string, path: string, body: Readable): Promise<void> {
  await putFile(root, path, (unfinished) => receiveFile(body, unfinished));
}

/** The size is that of the moment; what is written behind it later does not come. */
export async function openFile(
  root: string,
  path: string,
): Promise<{ readonly size: number; readonly body: Readable }> {
  const place = placeWithin(root, path);
  const handle = await open(place, "r").catch((cause: unknown) => {
    throw hasCode(cause, "ENOENT", "ENOTDIR") ? missing(`there is no artifact ${path}`) : cause;
  });
  const found = await handle.stat();
  const { size } = found;
  if (found.isFile() && size > 0) return { size, body: handle.createReadStream({ end: size - 1 }) };
  await handle.close();
  if (found.isFile()) return { size, body: Readable.from([]) };
  throw invalid(`the artifact ${path} is no file`, "list it instead");
}

/** A link is removed, not what it leads to. */
export async function removeTree(root: string, path: string): Promise<void> {
  const parent = placeWithin(root, dirname(path));
  await rm(join(parent, basename(path)), { recursive: true, force: true });
}

/** Undefined: nothing is there, or nothing that can be seen. */
export async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  return stat(path).catch(() => undefined);
}

/** Files and folders directly below, by name; none where there is no folder, as in MLflow. Links that leave are left out. */
export async function listFolder(root: string, path: string): Promise<readonly ArtifactFile[]> {
  const place = placeWithin(root, path);
  if ((await statOf(place))?.isDirectory() !== true) return [];
  const names = (await readdir(place)).filter((name) => !name.startsWith(unfinishedPrefix));
  const described = await Promise.all(
    names.map((name) => describe(root, path === "" ? name : `${path}/${name}`)),
  );
  return described
    .filter((file) => file !== undefined)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function placeOrNone(root: string, path: string): string | undefined {
  try {
    return placeWithin(root, path);
  } catch {
    return undefined;
  }
}

async function describe(root: string, path: string): Promise<ArtifactFile | undefined> {
  const place = placeOrNone(root, path);
  const found = place === undefined ? undefined : await statOf(place);
  if (found === undefined) return undefined;
  return found.isDirectory()
    ? { path, is_dir: true }
    : // MLflow has 0 for no size.
      { path, is_dir: false, ...(found.size > 0 && { file_size: Number(found.size) }) };
}
