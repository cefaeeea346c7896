/** The order of compared runs, the best first, and what put the first of them there. */
import type { Goal } from "../../check/program.ts";
import type { RankedMetric, Ranking } from "../../plan/plan.ts";
import type { ComparedRun } from "./compared-run.ts";

/** Why the first run is the best one. */
export interface Verdict {
  readonly winner: ComparedRun;
  /** Undefined: there was no other run. */
  readonly second: ComparedRun | undefined;
  /** Metrics in which the two are equal, or which both lack. */
  readonly equal: readonly RankedMetric[];
  /** The metric that decided; undefined: none did, and the winner is the earlier one. */
  readonly decided: RankedMetric | undefined;
  /** Metrics that nobody had to ask. */
  readonly unused: readonly RankedMetric[];
}

/**
 * Best first: by the metrics of `bestBy`, one after the other; a run without the metric, or with NaN, comes behind all
 * that have it. Of equal runs the one whose name stands first in `runs`, then the earlier trial of a sweep, then the one
 * that started first, then the smaller id; so the order is total, and the same on every tracker.
 */
export function orderRuns(
  runs: readonly ComparedRun[],
  { bestBy, candidates }: Pick<Ranking, "bestBy" | "candidates">,
): readonly ComparedRun[] {
  const places = new Map(candidates.map(({ name }, at) => [name, at]));
  const placeOf = (run: ComparedRun): number => places.get(run.of) ?? places.size;
  return runs.toSorted(
    (a, b) =>
      compareMetrics(bestBy, a, b) ||
      placeOf(a) - placeOf(b) ||
      compareNumbers(trialOf(a), trialOf(b)) ||
      compareNumbers(a.started, b.started) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Of runs in the order of `orderRuns`; undefined where no `best by` was asked for or the first run lacks its metric. */
export function judge(
  [winner, second]: readonly ComparedRun[],
  bestBy: readonly RankedMetric[],
): Verdict | undefined {
  const [first] = bestBy;
  if (!winner || !first || Number.isNaN(valueOf(winner, first))) return undefined;
  if (!second) return { winner, second, equal: [], decided: undefined, unused: bestBy };
  const at = bestBy.findIndex((metric) => compareBy(metric, winner, second) !== 0);
  if (at < 0) return { winner, second, equal: bestBy, decided: undefined, unused: [] };
  const [equal, unused] = [bestBy.slice(0, at), bestBy.slice(at + 1)];
  return { winner, second, equal, decided: bestBy[at], unused };
}

/** Negative: `a` is better; 0: the metrics do not tell. */
export function compareMetrics(bestBy: readonly RankedMetric[], a: Measured, b: Measured): number {
  return bestBy.reduce((found, metric) => found || compareBy(metric, a, b), 0);
}

type Measured = Pick<ComparedRun, "metrics">;

function valueOf({ metrics }: Measured, { metric }: RankedMetric): number {
  return metrics.get(metric) ?? Number.NaN;
}

function compareBy(metric: RankedMetric, a: Measured, b: Measured): number {
  return compareValues(metric.goal, valueOf(a, metric), valueOf(b, metric));
}

/** Negative: `a` is better. NaN is behind every number. */
function compareValues(goal: Goal, a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return goal === "maximize" ? compareNumbers(b, a) : compareNumbers(a, b);
}

/** Infinities included, whose difference is no number. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** `tidy_grid/04` is 4; without such a number a run comes behind those that have one. */
function trialOf({ name }: ComparedRun): number {
  const [, digits] = /\/(\d+)$/.exec(name) ?? [];
  return digits === undefined ? Infinity : Number(digits);
}
