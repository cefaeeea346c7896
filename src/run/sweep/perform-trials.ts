/** The trials of a sweep, so many at a time; those that an earlier attempt has brought to their end are not performed. */
import type { SweepPlan } from "../../plan/plan.ts";
import type { Known } from "../later.ts";
import { ownerOf } from "../open-runs.ts";
import { fail, isOfMachine } from "../failure.ts";
import { paramTexts } from "../param-texts.ts";
import type { Earlier, EarlierTrial } from "./earlier.ts";
import { type SweepContext, type SweepState, isOver, noteFinished } from "./sweep-state.ts";
import { performTrial, trialKey } from "./trial.ts";

/** Hears of each trial that has finished, in any order. */
export type OnFinished = (at: number, metrics: ReadonlyMap<string, number>) => void;

/**
 * Performs what is missing. `known` is what the runs of trials have in common. Resolves when no trial is under way; after a
 * signal, or where the machine or the tracker has failed, none is begun.
 */
export async function performTrials(
  plan: SweepPlan,
  known: Known,
  earlier: Earlier | undefined,
  context: SweepContext,
  state: SweepState,
  onFinished: OnFinished,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < plan.trials.length && !context.signal.aborted && !state.stopped) {
      const at = next++;
      await performOne(plan, at, known, earlier, context, state, onFinished);
    }
  };
  const workers = Array.from({ length: Math.min(context.together, plan.trials.length) }, work);
  await Promise.all(workers);
}

async function performOne(
  plan: SweepPlan,
  at: number,
  common: Known,
  earlier: Earlier | undefined,
  context: SweepContext,
  state: SweepState,
  onFinished: OnFinished,
): Promise<void> {
  const trial = plan.trials[at];
  if (!trial) return;
  const child = context.child(trial);
  const key = trialKey(child);
  const before = earlier?.trials.get(key);
  if (before && !isWanted(before, context)) {
    const isBest = await keep(before, trial.name, at, plan, context, state, onFinished);
    const { runId, status } = before;
    const metrics = Object.fromEntries(before.metrics);
    const told = { trial: trial.name, runId, params: paramTexts(child), status, metrics, isBest };
    context.listener({ kind: "trial-kept", ...told });
    return;
  }
  if (!before && context.failedOnly) return;
  const { listener } = context;
  listener({ kind: "trial-started", trial: trial.name, params: paramTexts(child) });
  const { runId, outcome, metrics, milliseconds } = await performTrial(trial.name, child, {
    ...context,
    facts: { ...common, trial: key },
    ...(before && { resume: before.runId }),
  });
  const isFinished = outcome.status === "FINISHED" && runId !== undefined;
  state.counts[isFinished ? "finished" : outcome.status === "KILLED" ? "killed" : "failed"]++;
  if (outcome.failure && isOfMachine(outcome.failure.code)) state.stopped ??= outcome.failure;
  if (isFinished) onFinished(at, metrics);
  const isBest = isFinished && noteFinished({ at, runId, metrics }, plan, state);
  listener({
    kind: "trial-ended",
    trial: trial.name,
    runId,
    outcome,
    metrics: Object.fromEntries(metrics),
    isBest,
    milliseconds,
  });
}

/** What was killed, or never came to an end, is gone on with too, but not where only the failed ones are asked for. */
function isWanted(trial: EarlierTrial, context: SweepContext): boolean {
  return !isOver(trial, context) && (trial.status === "FAILED" || !context.failedOnly);
}

/** A trial whose place in the plan has changed gets the name of its new one. True where it is the best so far. */
async function keep(
  before: EarlierTrial,
  name: string,
  at: number,
  plan: SweepPlan,
  { tracking }: SweepContext,
  state: SweepState,
  onFinished: OnFinished,
): Promise<boolean> {
  const { runId, status, metrics } = before;
  if (before.name !== name) await tracking.call("runs/update", { run_id: runId, run_name: name });
  if (status === "FINISHED") {
    state.counts.known++;
    onFinished(at, metrics);
    return noteFinished({ at, runId, metrics }, plan, state);
  }
  if (status === "FAILED") {
    state.counts.known++;
    state.counts.knownFailed++;
  }
  return false;
}

/** Ends with R0865 where another process is at the run. */
export function refuseOther(runId: string, name: string, { folder }: SweepContext): void {
  const owner = ownerOf(folder, runId);
  if (owner) fail("R0865", { name, run: runId, pid: owner.pid, host: owner.host });
}
