/** The entries on disk, by the key under which they may hold: `steps/<key>/<digest of the entry>.json`. */
import { readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import { type Digest, digestOf, isDigest } from "./digest.ts";
import { type Entry, digestInName, printEntry, readEntry } from "./entry.ts";
import { ifThere, namesIn } from "./there.ts";
import { writeWhole } from "./write-whole.ts";

export interface Stored {
  readonly key: Digest;
  readonly entry: Entry;
  /** The entry's own file. */
  readonly place: string;
  readonly bytes: number;
  /** When it was made or used last, in milliseconds since 1970. */
  readonly usedAt: number;
}

export interface Found {
  /** The one used last comes first. */
  readonly entries: readonly Stored[];
  /** Entries that could not be read, and are gone now. */
  readonly damaged: number;
}

function placeOfKey(root: string, key: Digest): string {
  return path.join(root, "steps", key);
}

/** Answers how many bytes the entry itself has. */
export function saveEntry(root: string, key: Digest, entry: Entry): number {
  const text = printEntry(entry);
  writeWhole(path.join(placeOfKey(root, key), `${digestOf(text)}.json`), text);
  return Buffer.byteLength(text);
}

/** What lies under a key. An entry whose content does not have the digest in its name was torn: it is taken away. */
export function findEntries(root: string, key: Digest): Found {
  const folder = placeOfKey(root, key);
  const entries: Stored[] = [];
  let damaged = 0;
  for (const name of namesIn(folder)) {
    const digest = digestInName(name);
    if (digest === undefined) continue;
    const stored = readStored(path.join(folder, name), key, digest);
    if (stored === "damaged") damaged++;
    else if (stored) entries.push(stored);
  }
  return { entries: entries.toSorted((a, b) => b.usedAt - a.usedAt), damaged };
}

/** Undefined where it has just gone, or is of another edition, which nobody can read: then it goes too. */
function readStored(place: string, key: Digest, digest: Digest): Stored | "damaged" | undefined {
  const text = ifThere(() => readFileSync(place, "utf8"));
  const stat = ifThere(() => statSync(place));
  if (text === undefined || stat === undefined) return undefined;
  if (digestOf(text) !== digest) {
    removeEntry(place);
    return "damaged";
  }
  const entry = readEntry(text);
  if (entry) return { key, entry, place, bytes: stat.size, usedAt: stat.mtimeMs };
  removeEntry(place);
  return undefined;
}

/** The entry was used now. It may have gone meanwhile. */
export function touchEntry({ place }: Stored): void {
  const now = new Date();
  ifThere(() => utimesSync(place, now, now));
}

export function removeEntry(place: string): void {
  rmSync(place, { force: true });
}

/** Every entry that can be read; those that cannot are taken away. */
export function listEntries(root: string): readonly Stored[] {
  const keys = namesIn(path.join(root, "steps")).filter(isDigest);
  return keys.flatMap((key) => findEntries(root, key).entries);
}
