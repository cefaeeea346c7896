/** `mlpipe cache`: what is kept of steps, in the project of the current folder. */
import { existsSync, rmSync } from "node:fs";
import { type Stored, listEntries } from "../../run/cache/store.ts";
import { objectsOf } from "../../run/cache/entry.ts";
import { type Sizes, sizesOf } from "../../run/cache/gc.ts";
import { cacheFolder } from "../../run/cache/places.ts";
import { bytesOf, clean } from "../../run/cache/size.ts";
import { harmless } from "../../source/width.ts";
import { cacheLimit, sizeOf } from "../cache-limit.ts";
import { exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { durationText, sizeText, timeText } from "../../source/figures.ts";
import { printTable } from "../table.ts";
import { write } from "../terminal.ts";

/** The one used last comes first. */
export function listCache({ json = false }: { readonly json?: boolean }): number {
  const entries = listEntries(ownCache()).toSorted((a, b) => b.usedAt - a.usedAt);
  if (json) write(jsonText(entries.map(describe)));
  else if (entries.length === 0) write("nothing is in the cache of this folder\n");
  else {
    const rows = entries.map((stored) => {
      const { step, bytes, milliseconds, usedAt, runId } = describe(stored);
      const took = durationText(Math.round(milliseconds));
      return [harmless(step), took, sizeText(bytes), timeText(usedAt), runId];
    });
    write(printTable([["STEP", "TOOK", "SIZE", "USED", "RUN"], ...rows]));
    write(`${shown(sizesOf(entries))}, at most ${sizeText(cacheLimit(process.env))}\n`);
  }
  return exitCodes.done;
}

/** `step` is `houses.mlpipe learn.fit`; `bytes` counts what it shares with others too. */
function describe({ entry, bytes, usedAt }: Stored) {
  const { file, run, step, runId, madeAt, milliseconds } = entry;
  return {
    step: `${file} ${run}.${step}`,
    runId,
    madeAt,
    usedAt: Math.round(usedAt),
    milliseconds,
    bytes: bytes + objectsOf(entry).reduce((sum, object) => sum + object.bytes, 0),
  };
}

function shown({ entries, bytes }: Sizes): string {
  return `${entries} ${entries === 1 ? "entry" : "entries"}, ${sizeText(bytes)}`;
}

export function cleanCache({ maxSize }: { readonly maxSize?: string }): number {
  const limit =
    maxSize === undefined ? cacheLimit(process.env) : sizeOf(maxSize, `--max-size ${maxSize}`);
  const { before, after } = clean(ownCache(), limit, Date.now());
  write(`${shown(before)} before; ${shown(after)} now\n`);
  return exitCodes.done;
}

/** What happened to steps goes too: nothing of them is known then. */
export function clearCache(): number {
  const root = ownCache();
  const sizes = { entries: listEntries(root).length, bytes: bytesOf(root) };
  if (existsSync(root)) rmSync(root, { recursive: true, force: true });
  write(`${shown(sizes)} removed\n`);
  return exitCodes.done;
}

function ownCache(): string {
  return cacheFolder(process.cwd());
}
