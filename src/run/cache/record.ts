/** The last execution of each step, as it was and why, so that the next can say what changed: one small file a step. */
import path from "node:path";
import { closeSync, fstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { type Component, type Difference, firstDifference } from "./component.ts";
import { digestOf } from "./digest.ts";
import { ifThere } from "./there.ts";
import type { Watch } from "./watch.ts";
import { writeWhole } from "./write-whole.ts";

/** Why the result of an execution cannot be used again. */
export type Uncached = "off" | "run-id" | "unseeded" | "tracker" | "changed" | "failed";

export interface Reason extends Difference {
  /** Where an input comes from a step that ran for a reason of its own: that, from the first step on. */
  readonly due: { readonly step: string; readonly difference: Difference } | undefined;
}

/** Why a step ran though there was a cache. */
export type Cause =
  | { readonly kind: "first" }
  | { readonly kind: "changed"; readonly reason: Reason }
  /** All is as it was, but the cache does not have it, or no longer. */
  | { readonly kind: "not-kept"; readonly uncached: Uncached | undefined }
  /** `--no-cache`. */
  | { readonly kind: "told" };

export type Happened =
  | { readonly kind: "ran"; readonly cause: Cause; readonly uncached: Uncached | undefined }
  | { readonly kind: "cached"; readonly from: string; readonly savedMilliseconds: number };

export interface StepRecord {
  readonly edition: 2;
  readonly file: string;
  readonly run: string;
  readonly step: string;
  /** The run in which that happened. */
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly happened: Happened;
  readonly components: readonly Component[];
  readonly found: readonly Component[];
  readonly watch: Watch;
}

/** What names a step's record. */
export type StepName = Pick<StepRecord, "file" | "run" | "step">;

function placeOf(root: string, { file, run, step }: StepName): string {
  return path.join(root, "last", `${digestOf(JSON.stringify([file, run, step]))}.json`);
}

export function saveRecord(root: string, record: StepRecord): void {
  const place = placeOf(root, record);
  const content = `${JSON.stringify(record)}\n`;
  if (ifThere(() => writeOver(place, content)) === undefined) writeWhole(place, content);
}

/**
 * In one write, with blanks up to the old length: to put a new file in its place makes the disk wait. What a power cut has
 * torn cannot be read, and only tells less.
 */
function writeOver(place: string, content: string): true {
  const file = openSync(place, "r+");
  try {
    const blanks = Math.max(0, fstatSync(file).size - Buffer.byteLength(content));
    writeSync(file, content + " ".repeat(blanks), 0);
    return true;
  } finally {
    closeSync(file);
  }
}

/** Undefined where the step has never run here, or its record cannot be read: then nothing is known of it. */
export function lastRecord(root: string, name: StepName): StepRecord | undefined {
  const text = ifThere(() => readFileSync(placeOf(root, name), "utf8"));
  try {
    const record = JSON.parse(text ?? "null") as StepRecord | null;
    return record?.edition === 2 ? record : undefined;
  } catch {
    return undefined;
  }
}

/** What to compare with: what is known before a step runs, and after. */
export interface Parts {
  readonly components: readonly Component[];
  readonly found: readonly Component[];
}

/** Why a step must run that is not as in `nearest`; `causeOfStep` says why another step of the same run ran. */
export function causeOf(
  last: StepRecord | undefined,
  nearest: Parts | undefined,
  now: Parts,
  causeOfStep: (input: string) => { readonly step: string; readonly cause: Cause } | undefined,
): Cause {
  if (!nearest) return { kind: "first" };
  const difference = firstDifference(
    [...nearest.components, ...nearest.found],
    [...now.components, ...now.found],
  );
  if (difference)
    return { kind: "changed", reason: { ...difference, due: dueOf(difference, causeOfStep) } };
  const uncached = last?.happened.kind === "ran" ? last.happened.uncached : undefined;
  return { kind: "not-kept", uncached };
}

function dueOf(
  { name }: Difference,
  causeOfStep: (input: string) => { readonly step: string; readonly cause: Cause } | undefined,
): Reason["due"] {
  const its = name.startsWith("input ") ? causeOfStep(name.slice("input ".length)) : undefined;
  if (its?.cause.kind !== "changed") return undefined;
  const { due, ...difference } = its.cause.reason;
  return due ?? { step: its.step, difference };
}
