/** How a sweep is shown while it is performed: a line for each trial that ends, and what they came to. */
import type { SweepPlan } from "../plan/plan.ts";
import type { Listener, RunEvent } from "../run/event.ts";
import { paintWith } from "../source/paint.ts";
import { describeEvent } from "./describe-event.ts";
import { describeEnd, describeStart, describeTrial } from "./describe-sweep.ts";
import { type Savings, countSavings } from "./savings.ts";
import { put, usesColor } from "./terminal.ts";
import { countTrial, describeCount, newTrialCount } from "./trial-count.ts";

type ParamsOf = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** A log of more trials is not read line by line. */
const manyTrials = 100;
/** Of so many trials it is told how many have ended so far. */
const milestones = 20;

/**
 * What the steps of trials print is in their logs, and not shown. `isWatched`: somebody sees how far it is; else of a sweep
 * of many trials those are told that fail or are the best so far, and now and then how many have ended.
 */
export function sweepDisplay(plan: SweepPlan, isWatched: boolean): Listener {
  const params = new Map<string, Readonly<Record<string, string>>>();
  const savings = countSavings();
  const tellsAll = isWatched || plan.trials.length <= manyTrials;
  const count = newTrialCount(plan.trials.length, 0);
  let lacking: Lacking | undefined;
  return (event) => {
    const now = Date.now();
    lacking = moreLacking(lacking, event);
    savings.hear(event);
    countTrial(count, event, now);
    if (event.kind === "trial-started") params.set(event.trial, event.params);
    const stream = streamOf(event);
    if (event.kind === "sweep-ended" && lacking)
      put(process.stdout, describeEvent(lacking, { actions: [] }, usesColor(process.stdout)));
    const isTold = tellsAll || event.kind !== "trial-ended" || isRemarkable(event);
    const text = isTold ? describe(event, plan, params, savings, usesColor(stream)) : "";
    if (text !== "") put(stream, `${text}\n`);
    if (event.kind !== "trial-ended") return;
    params.delete(event.trial);
    if (tellsAll || !isMilestone(count.ended, count.total)) return;
    const { done, failed, took, left } = describeCount(count, now);
    put(process.stdout, `${[done, failed, took, left].filter(Boolean).join("  ")}\n`);
  };
}

type Lacking = Extract<RunEvent, { kind: "replayability" }>;

/** What is told of a sweep is what the trial lacks for a replay that lacks most. */
function moreLacking(known: Lacking | undefined, event: RunEvent): Lacking | undefined {
  if (event.kind !== "trial-event" || event.event.kind !== "replayability") return known;
  return event.event.lacks.length > (known?.lacks.length ?? 0) ? event.event : known;
}

function isRemarkable({ outcome, isBest }: Extract<RunEvent, { kind: "trial-ended" }>): boolean {
  return outcome.exitCode !== 0 || isBest;
}

function isMilestone(ended: number, total: number): boolean {
  const passed = (number: number): number => Math.floor((milestones * number) / total);
  return passed(ended) > passed(ended - 1);
}

function streamOf(event: RunEvent): NodeJS.WriteStream {
  const isTrouble =
    event.kind === "warning" ||
    ((event.kind === "sweep-ended" || event.kind === "trial-ended") &&
      event.outcome.exitCode !== 0);
  return isTrouble ? process.stderr : process.stdout;
}

function describe(
  event: RunEvent,
  plan: SweepPlan,
  params: ParamsOf,
  savings: Savings,
  color: boolean,
): string {
  const paint = paintWith(color);
  switch (event.kind) {
    case "sweep-started":
      return describeStart(event, paint);
    case "trial-ended":
      return describeTrial(event, params.get(event.trial) ?? {}, plan, paint);
    case "sweep-ended":
      return describeEnd(event, plan, savings.text(), paint);
    case "trial-event":
      return "";
    default:
      return describeEvent(event, { actions: [] }, color).trimEnd();
  }
}
