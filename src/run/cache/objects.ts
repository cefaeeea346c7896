/** The files that steps gave, each kept once under the digest of its content, and never handed out unless that is right. */
import { randomUUID } from "node:crypto";
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { copyFile, rename } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestOf, digestOfFile } from "./digest.ts";
import { ifThere } from "./there.ts";
import { writeWhole } from "./write-whole.ts";

const smallFile = 1 << 20;

/** `objects/ab/abcdef…` below the cache's folder. */
export function placeOfObject(root: string, digest: Digest): string {
  return path.join(root, "objects", digest.slice(0, 2), digest);
}

export interface Kept {
  readonly digest: Digest;
  readonly bytes: number;
}

/** Keeps a copy of a file. The copy is what is measured, whatever happens to the file meanwhile. Throws the file system's errors. */
export async function keepFile(root: string, file: string): Promise<Kept> {
  if (statSync(file).size <= smallFile) {
    const content = readFileSync(file);
    const kept = { digest: digestOf(content), bytes: content.byteLength };
    keepContent(root, content, kept.digest);
    return kept;
  }
  const beside = path.join(root, "tmp", randomUUID());
  mkdirSync(path.dirname(beside), { recursive: true, mode: 0o700 });
  try {
    await copyFile(file, beside, constants.COPYFILE_FICLONE);
    const kept = { digest: await digestOfFile(beside), bytes: statSync(beside).size };
    const place = placeOfObject(root, kept.digest);
    mkdirSync(path.dirname(place), { recursive: true, mode: 0o700 });
    // Also over one that is there, which may be damaged; and gc leaves what is new.
    await rename(beside, place);
    return kept;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Many steps give the same: what is there, and right, is only as new again, since gc leaves what is new. */
function keepContent(root: string, content: Buffer, digest: Digest): void {
  const place = placeOfObject(root, digest);
  const now = new Date();
  const there = ifThere(() => {
    utimesSync(place, now, now);
    return readFileSync(place);
  });
  if (!there?.equals(content)) writeWhole(place, content);
}

/** Why an object is not what it was: `missing`, or `damaged` and then taken away. */
export type Flaw = "missing" | "damaged";

/** Copies an object to `target`, whose folder is made; undefined when that went well and the content is right. */
export function takeFile(root: string, object: Kept, target: string): Promise<Flaw | undefined> {
  return bring(root, object, target, copyObject);
}

/** As `takeFile`, for what is only read from then on: it is the same file, where the file system can do that. */
export function linkFile(root: string, object: Kept, target: string): Promise<Flaw | undefined> {
  return bring(root, object, target, linkObject);
}

type Bring = (place: string, target: string, bytes: number) => Promise<void>;

async function bring(
  root: string,
  { digest, bytes }: Kept,
  target: string,
  how: Bring,
): Promise<Flaw | undefined> {
  const place = placeOfObject(root, digest);
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
  try {
    await how(place, target, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "missing";
    throw error;
  }
  if ((await digestOfFile(target)) === digest) return undefined;
  rmSync(target, { force: true });
  rmSync(place, { force: true });
  return "damaged";
}

/** What is small is faster copied at once than in the background. */
async function copyObject(place: string, target: string, bytes: number): Promise<void> {
  if (bytes <= smallFile) copyFileSync(place, target, constants.COPYFILE_FICLONE);
  else await copyFile(place, target, constants.COPYFILE_FICLONE);
}

/** Not every file system has links, and none has any number of them. */
async function linkObject(place: string, target: string, bytes: number): Promise<void> {
  try {
    linkSync(place, target);
  } catch {
    await copyObject(place, target, bytes);
  }
}
