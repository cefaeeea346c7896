/** A step that has ended well and whose outputs are in the tracker: what going on with its run needs of it. */
import { closeSync, fsync, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { printHexFloat, readHexFloat } from "./hex-float.ts";
import { type Given, type RunState, noteMetric, noteOutput } from "./state.ts";
import type { StepPlaces } from "./step-file.ts";

interface StepRecord {
  readonly version: 1;
  /** Last values, as hexadecimal texts. */
  readonly metrics: Readonly<Record<string, string>>;
  readonly produced: readonly string[];
}

function fileOf({ folder }: StepPlaces): string {
  return path.join(folder, "done.json");
}

/**
 * Resolves once it is on the disk; meanwhile other steps go on. Half a record cannot be read, and is none. Rejects with the
 * file system's errors.
 */
export async function keepRecord(places: StepPlaces, { metrics, produced }: Given): Promise<void> {
  const values = [...metrics].map(([key, value]) => [key, printHexFloat(value)]);
  const record: StepRecord = {
    version: 1,
    metrics: Object.fromEntries(values),
    produced: [...produced],
  };
  const file = openSync(fileOf(places), "w", 0o600);
  try {
    writeFileSync(file, JSON.stringify(record));
    await sync(file);
  } finally {
    closeSync(file);
  }
}

const sync = promisify(fsync);

/** Puts it back; false where the step has to be performed. */
export function restoreRecord(step: string, places: StepPlaces, state: RunState): boolean {
  const record = readRecord(fileOf(places));
  if (!record) return false;
  for (const [key, value] of Object.entries(record.metrics))
    noteMetric(state, step, key, readHexFloat(value));
  for (const key of record.produced) noteOutput(state, step, key);
  return true;
}

function readRecord(file: string): StepRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as StepRecord;
  } catch {
    return undefined;
  }
}
