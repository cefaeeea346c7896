/** What two models have predicted for the same rows, value by value, and how far apart the numbers are. */
import type { Tolerance } from "../../check/program.ts";
import { type Json, isObject, keysOf } from "../../content/json.ts";
import { type Difference, type PredictedNumbers, mostListed } from "./comparison.ts";
import { isSamePair, valueAt, valueText, visitPairs } from "./json-difference.ts";
import { isWithin } from "./tolerance.ts";

type PredictionsDiffer = Extract<Difference, { kind: "predictions" }>;

/** What a model was asked, and its answers, as `probe.json` has them. */
export interface Probe {
  readonly rows: Json;
  readonly predictions: Json;
}

export interface Disagreement {
  readonly difference: PredictionsDiffer;
  /** How many of the values that differ no tolerance covers. */
  readonly outside: number;
}

/**
 * Undefined exactly where the predictions are the same, bit for bit. A tolerance is about numbers: labels, whatever is missing
 * and the shape of the answer have to be the same. `tolerance` undefined: it covers nothing.
 */
export function predictionsDifference(
  before: Probe,
  after: Probe,
  tolerance: Tolerance | undefined,
): Disagreement | undefined {
  const found: Found = { count: 0, compared: 0, outside: 0, others: [], otherCount: 0 };
  for (const { row, a, b } of answersOf(before, after))
    visitPairs(a, b, "", (column, one, other) => {
      found.compared += 1;
      if (!isSamePair(one, other)) tell({ row, column, a: one, b: other }, found, tolerance);
    });
  const { outside, ...difference } = found;
  return found.count === 0
    ? undefined
    : { difference: { kind: "predictions", ...difference }, outside };
}

type Found = {
  -readonly [Key in keyof Omit<PredictionsDiffer, "kind" | "others">]: PredictionsDiffer[Key];
} & { others: PredictionsDiffer["others"][number][]; outside: number };

interface Answer {
  readonly row: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

/** Row by row; all as one where the answers do not belong to rows. A named vector of R has the names of its rows as keys. */
function answersOf({ rows, predictions: a }: Probe, { predictions: b }: Probe): readonly Answer[] {
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, at) => ({ row: `${at + 1}`, a: a[at], b: b[at] }));
  }
  const asked = Array.isArray(rows) ? rows.length : undefined;
  if (!isObject(a) || !isObject(b) || keysOf(a).length !== asked) return [{ row: "", a, b }];
  const names = [...new Set([...keysOf(a), ...keysOf(b)])];
  return names.map((row) => ({ row, a: valueAt(a, row), b: valueAt(b, row) }));
}

function tell(
  { row, column, a, b }: Answer & { readonly column: string },
  found: Found,
  tolerance: Tolerance | undefined,
): void {
  found.count += 1;
  const [before, after] = [numberIn(a), numberIn(b)];
  const areNumbers = before !== undefined && after !== undefined;
  if (!areNumbers || !tolerance || !isWithin(before, after, tolerance)) found.outside += 1;
  if (areNumbers && Number.isFinite(before) && Number.isFinite(after))
    return measure({ row, column, before, after }, found);
  found.otherCount += 1;
  if (found.others.length < mostListed)
    found.others.push({ row, column, before: valueText(a), after: valueText(b) });
}

/** Languages predict doubles; one that is written without an exponent is the double nearest to its digits. */
function numberIn(value: Json | undefined): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

function measure(pair: Omit<PredictedNumbers, "by">, found: Found): void {
  const distance = Math.abs(pair.before - pair.after);
  const size = Math.max(Math.abs(pair.before), Math.abs(pair.after));
  found.absolute = farther(found.absolute, { ...pair, by: distance });
  found.relative = farther(found.relative, { ...pair, by: size === 0 ? 0 : distance / size });
}

/** The first of those that are as far. */
function farther(one: PredictedNumbers | undefined, other: PredictedNumbers): PredictedNumbers {
  return one && one.by >= other.by ? one : other;
}
