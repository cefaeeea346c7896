/** How large the cache may be, and about how large it is, so that it is measured only when it may be too large. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { collectGarbage } from "./gc.ts";
import { ifThere } from "./store.ts";
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
  const file = path.join(root, "bytes");
  const known = Number(ifThere(() => readFileSync(file, "utf8")) ?? "0");
  const total = (Number.isFinite(known) ? known : 0) + bytes;
  writeWhole(file, String(total <= limit ? total : clean(root, limit, now)));
}

function clean(root: string, limit: number, now: number): number {
  return collectGarbage(root, limit * share, now).after.bytes;
}
