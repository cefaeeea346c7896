/** What a sweep needs from outside, and what it has come to so far. */
import type { RunPlan, SweepPlan } from "../../plan/plan.ts";
import type { BestTrial, Failure, SweepCounts } from "../event.ts";
import { paramTexts } from "../param-texts.ts";
import { compareMetrics } from "../ranking/order.ts";
import type { PerformContext } from "../state.ts";
import type { EarlierTrial } from "./earlier.ts";

export interface SweepContext extends PerformContext {
  /** The run of a trial. */
  readonly child: (trial: SweepPlan["trials"][number]) => RunPlan;
  /** How many trials may be under way at once. */
  readonly together: number;
  /** True: what an earlier attempt has done is not looked for. */
  readonly anew: boolean;
  /** True: trials that have failed are performed again, and no others. */
  readonly failedOnly: boolean;
}

/** A trial that has finished. */
export interface FinishedTrial {
  /** Its place in the plan, from 0. */
  readonly at: number;
  readonly runId: string;
  readonly metrics: ReadonlyMap<string, number>;
}

export interface SweepState {
  readonly counts: { -readonly [K in keyof SweepCounts]: SweepCounts[K] };
  best: FinishedTrial | undefined;
  /** Those of which the sweep expects something one by one: none where there is a best one. */
  readonly judged: FinishedTrial[];
  /** Why no further trial is begun: the machine or the tracker has failed. */
  stopped: Failure | undefined;
}

/** Trials that are not performed again: finished, or failed by themselves where that is not asked for. */
export function isOver(
  { status, isBlameless }: Pick<EarlierTrial, "status" | "isBlameless">,
  { failedOnly }: Pick<SweepContext, "failedOnly">,
): boolean {
  return status === "FINISHED" || (status === "FAILED" && !isBlameless && !failedOnly);
}

export function newSweepState(): SweepState {
  return {
    counts: { finished: 0, failed: 0, killed: 0, known: 0, knownFailed: 0 },
    best: undefined,
    judged: [],
    stopped: undefined,
  };
}

/** Whether it is better than all before it; then it is the best from now on. Of equal ones the earlier in the plan wins. */
export function noteFinished(
  trial: FinishedTrial,
  { bestBy, expects }: Pick<SweepPlan, "bestBy" | "expects">,
  state: SweepState,
): boolean {
  const [first] = bestBy;
  if (!first && expects.length > 0) state.judged.push(trial);
  if (!first || Number.isNaN(trial.metrics.get(first.metric) ?? Number.NaN)) return false;
  const { best } = state;
  const order = best ? compareMetrics(bestBy, trial, best) || trial.at - best.at : -1;
  if (order < 0) state.best = trial;
  return order < 0;
}

/** As it is told. */
export function bestTrial(
  plan: SweepPlan,
  { best }: SweepState,
  { child }: Pick<SweepContext, "child">,
): BestTrial | undefined {
  const trial = best && plan.trials[best.at];
  if (!best || !trial) return undefined;
  return {
    trial: trial.name,
    runId: best.runId,
    params: paramTexts(child(trial)),
    metrics: Object.fromEntries(best.metrics),
  };
}
