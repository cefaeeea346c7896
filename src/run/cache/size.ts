/** How large the cache may be, and about how large it is, so that it is measured only when it may be too large. */
import { appendFileSync, existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { type Collected, collectGarbage } from "./gc.ts";
import { ifThere } from "./there.ts";
import { writeWhole } from "./write-whole.ts";

/** 10 GB. */
export const usualLimit = 10e9;

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Bytes of `2GB`, `512 MiB`, `0`; undefined where the text is no size. */
export function readSize(text: string): number | undefined {
  const [, number, unit = "b"] = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)?$/iu.exec(text.trim()) ?? [];
  const factor = units[unit.toLowerCase()];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/** After a cleaning there is room for a while, so that not every step cleans again. */
const share = 0.9;

/** A count of more pieces than this is written as one again. */
const longCount = 2000;

/**
 * Counts what was kept, and cleans where that may be too much. Each piece is a line more: to write the file anew for every
 * step makes the disk wait. Several processes that count at once may count too little.
 */
export function grow(root: string, bytes: number, limit: number, now: number): void {
  const place = placeOfCount(root);
  const count = ifThere(() => readFileSync(place, "utf8")) ?? "";
  const pieces = count.split("\n").map(Number).filter(Number.isFinite);
  const total = pieces.reduce((sum, piece) => sum + piece, bytes);
  if (total > limit) clean(root, limit * share, now);
  else if (count === "" || pieces.length > longCount) writeWhole(place, String(total));
  else appendFileSync(place, `\n${bytes}`);
}

/** Brings the cache to `limit` bytes, and counts anew. */
export function clean(root: string, limit: number, now: number): Collected {
  const collected = collectGarbage(root, limit, now);
  if (existsSync(root)) writeWhole(placeOfCount(root), String(collected.after.bytes));
  return collected;
}

/** Of all files of the cache, also those that only an earlier version could read. */
export function bytesOf(root: string): number {
  const entries = ifThere(() => readdirSync(root, { recursive: true, withFileTypes: true })) ?? [];
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ifThere(() => statSync(path.join(parentPath, name)))?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

function placeOfCount(root: string): string {
  return path.join(root, "bytes");
}
