/** The points of a metric, by their bits and by what the contract lets them differ. */
import type { Tolerance } from "../../check/program.ts";
import type { Point } from "../results.ts";
import { type PointDifference, mostListed } from "./comparison.ts";
import { type Finding, different, same, undecided } from "./finding.ts";
import { describeTolerance, isWithin } from "./tolerance.ts";
import { isSameNumber } from "./ulp.ts";

/**
 * Points belong together by their step, and by their order where a step has several. NaN is NaN, -0 is not 0: that shows in
 * what is computed from it. `tolerance`: undefined where the contract says nothing, which means exact.
 */
export function compareMetrics(
  before: readonly Point[],
  after: readonly Point[],
  tolerance: Tolerance | undefined,
): Finding {
  const pairs = pairPoints(before, after);
  const unlike = pairs.filter((pair) => !isSamePoint(pair));
  if (unlike.length === 0) return same("bytes");
  const compared = pairs.filter((pair) => pair.before !== undefined && pair.after !== undefined);
  const difference = {
    kind: "points",
    points: unlike.slice(0, mostListed),
    count: unlike.length,
    compared: compared.length,
  } as const;
  if (tolerance?.kind === "distribution")
    return undecided(difference, "two runs say nothing about a distribution");
  const isHeld = tolerance !== undefined && unlike.every((pair) => isTolerated(pair, tolerance));
  if (!isHeld) return different(difference);
  return {
    rung: "tolerance",
    difference,
    isUndecided: false,
    notes: [describeTolerance(tolerance)],
  };
}

function isSamePoint({ before, after }: PointDifference): boolean {
  return before !== undefined && after !== undefined && isSameNumber(before, after);
}

function pairPoints(before: readonly Point[], after: readonly Point[]): readonly PointDifference[] {
  const [points, others] = [byStep(before), byStep(after)];
  const steps = [...new Set([...points.keys(), ...others.keys()])].toSorted((a, b) => a - b);
  return steps.flatMap((step) => {
    const [values, its] = [points.get(step) ?? [], others.get(step) ?? []];
    const length = Math.max(values.length, its.length);
    return Array.from({ length }, (_, at) => ({ step, before: values[at], after: its[at] }));
  });
}

function byStep(points: readonly Point[]): ReadonlyMap<number, readonly number[]> {
  const steps = new Map<number, number[]>();
  for (const { step, value } of points) {
    const values = steps.get(step) ?? [];
    steps.set(step, values);
    values.push(value);
  }
  return steps;
}

function isTolerated({ before, after }: PointDifference, tolerance: Tolerance): boolean {
  return before !== undefined && after !== undefined && isWithin(before, after, tolerance);
}
