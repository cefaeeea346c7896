/** A step that has ended well and whose outputs are in the tracker: what going on with its run needs of it. */
import { closeSync, fsync, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { printHexFloat, readHexFloat } from "./hex-float.ts";
import type { StepDraft } from "./manifest/step-draft.ts";
import { type Counted, type Given, type RunState, noteMetric, noteOutput } from "./state.ts";
import type { StepPlaces } from "./step-file.ts";

interface StepRecord {
  readonly version: 2;
  /** Last values, as hexadecimal texts. */
  readonly metrics: Readonly<Record<string, string>>;
  readonly points: Readonly<Record<string, Counted>>;
  readonly produced: readonly string[];
  /** For the manifest of the run. */
  readonly draft: StepDraft | null;
}

function fileOf({ folder }: StepPlaces): string {
  return path.join(folder, "done.json");
}

/**
 * Resolves once it is on the disk; meanwhile other steps go on. Half a record cannot be read, and is none. Rejects with the
 * file system's errors.
 */
export async function keepRecord(
  places: StepPlaces,
  { metrics, produced, points }: Given,
  draft: StepDraft | undefined,
): Promise<void> {
  const values = [...metrics].map(([key, value]) => [key, printHexFloat(value)]);
  const record: StepRecord = {
    version: 2,
    metrics: Object.fromEntries(values),
    points: Object.fromEntries(points),
    produced: [...produced],
    draft: draft ?? null,
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
    noteMetric(state, step, key, readHexFloat(value), record.points[key] ?? { count: 1, step: 0 });
  for (const key of record.produced) noteOutput(state, step, key);
  if (record.draft) state.drafts.set(step, record.draft);
  return true;
}

function readRecord(file: string): StepRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as StepRecord;
    return record.version === 2 ? record : undefined;
  } catch {
    return undefined;
  }
}
