/** How large the cache may be, and about how large it is, so that it is measured only when it may be too large. */
import { existsSync, readFileSync } from "node:fs";
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

/** Counts what was kept, and cleans where that may be too much. Several processes that count at once may count too little. */
export function grow(root: string, bytes: number, limit: number, now: number): void {
  const known = Number(ifThere(() => readFileSync(placeOfCount(root), "utf8")) ?? "0");
  const total = (Number.isFinite(known) ? known : 0) + bytes;
  if (total > limit) clean(root, limit * share, now);
  else writeWhole(placeOfCount(root), String(total));
}

/** Brings the cache to `limit` bytes, and counts anew. */
export function clean(root: string, limit: number, now: number): Collected {
  const collected = collectGarbage(root, limit, now);
  if (existsSync(root)) writeWhole(placeOfCount(root), String(collected.after.bytes));
  return collected;
}

function placeOfCount(root: string): string {
  return path.join(root, "bytes");
}
