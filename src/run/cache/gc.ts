/** Keeps the cache within its size: what was not used for longest goes first. */
import { rmSync, rmdirSync, statSync } from "node:fs";
import path from "node:path";
import { isDigest } from "./digest.ts";
import { digestInName, objectsOf } from "./entry.ts";
import { placeOfObject } from "./objects.ts";
import { type Stored, listEntries, removeEntry } from "./store.ts";
import { ifThere, namesIn } from "./there.ts";

export interface Sizes {
  readonly entries: number;
  readonly bytes: number;
}

export interface Collected {
  readonly before: Sizes;
  readonly after: Sizes;
}

/** Objects without an entry, and folders for one, may belong to one that another process is about to write. */
const graceMs = 15 * 60_000;

/** Objects that entries share count once. */
export function sizesOf(entries: readonly Stored[]): Sizes {
  const objects = new Map<string, number>();
  for (const { entry } of entries)
    for (const { digest, bytes } of objectsOf(entry)) objects.set(digest, bytes);
  const bytes = [...objects.values(), ...entries.map((stored) => stored.bytes)];
  return { entries: entries.length, bytes: bytes.reduce((sum, one) => sum + one, 0) };
}

/** Takes away entries until the rest has at most `limit` bytes, then objects that belong to none. `now`: milliseconds since 1970. */
export function collectGarbage(root: string, limit: number, now: number): Collected {
  const all = listEntries(root).toSorted((a, b) => b.usedAt - a.usedAt);
  const before = sizesOf(all);
  const kept = before.bytes <= limit ? all : newestWithin(all, limit);
  for (const stored of all.slice(kept.length)) {
    removeEntry(stored.place);
    removeEmpty(path.dirname(stored.place));
  }
  sweepSteps(path.join(root, "steps"), now - graceMs);
  sweepObjects(root, kept, now - graceMs);
  for (const [folder, age] of oldest) sweepOld(path.join(root, folder), now - age);
  return { before, after: sizesOf(kept) };
}

function newestWithin(entries: readonly Stored[], limit: number): readonly Stored[] {
  const objects = new Set<string>();
  let bytes = 0;
  const end = entries.findIndex((stored) => {
    bytes += stored.bytes;
    for (const object of objectsOf(stored.entry)) {
      if (!objects.has(object.digest)) bytes += object.bytes;
      objects.add(object.digest);
    }
    return bytes > limit;
  });
  return end < 0 ? entries : entries.slice(0, end);
}

/** Takes away what is no entry: folders of earlier layouts, empty ones, and what a killed process left. */
function sweepSteps(steps: string, before: number): void {
  for (const key of namesIn(steps)) {
    const folder = path.join(steps, key);
    if (!isDigest(key)) removeIfOlder(folder, before);
    else if (isOlder(folder, before)) {
      for (const name of namesIn(folder))
        if (digestInName(name) === undefined) removeIfOlder(path.join(folder, name), before);
      removeEmpty(folder);
    }
  }
}

function sweepObjects(root: string, kept: readonly Stored[], before: number): void {
  const needed = new Set<string>(
    kept.flatMap(({ entry }) => objectsOf(entry).map(({ digest }) => placeOfObject(root, digest))),
  );
  const objects = path.join(root, "objects");
  for (const group of namesIn(objects))
    for (const name of namesIn(path.join(objects, group))) {
      const place = path.join(objects, group, name);
      if (!needed.has(place)) removeIfOlder(place, before);
    }
}

const day = 24 * 3_600_000;
/** What a killed process left, forms of code, digests and read files that can be made again, and records of steps that nobody ran for long. */
const oldest = [
  ["tmp", day],
  ["code", 90 * day],
  ["content", 90 * day],
  ["parsed", 90 * day],
  ["last", 365 * day],
] as const;

function sweepOld(folder: string, before: number): void {
  for (const name of namesIn(folder)) removeIfOlder(path.join(folder, name), before);
}

function removeIfOlder(place: string, before: number): void {
  if (isOlder(place, before)) rmSync(place, { recursive: true, force: true });
}

function isOlder(place: string, before: number): boolean {
  const found = ifThere(() => statSync(place));
  return found !== undefined && found.mtimeMs < before;
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // An entry is in it.
  }
}
