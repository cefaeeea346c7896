/** The trials of a sweep, so many at a time; those that an earlier attempt has brought to their end are not performed. */
import type { SweepPlan } from "../../plan/plan.ts";
import type { Known } from "../later.ts";
import { explainError, isOfMachine } from "../failure.ts";
import { paramTexts } from "../param-texts.ts";
import type { Earlier, EarlierTrial } from "./earlier.ts";
import { type SweepContext, type SweepState, isOver, noteFinished } from "./sweep-state.ts";
import { performTrial, trialKey } from "./trial.ts";

/** The trials that are performed together. */
export interface Round {
  readonly plan: SweepPlan;
  /** What their runs have in common. */
  readonly known: Known;
  readonly earlier: Earlier | undefined;
  readonly context: SweepContext;
  readonly state: SweepState;
}

/**
 * Performs what is missing. Resolves when no trial is under way; after a signal, or where the machine or the tracker has
 * failed, none is begun. Never rejects.
 */
export async function performTrials(round: Round): Promise<void> {
  const { plan, context, state } = round;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < plan.trials.length && !context.signal.aborted && !state.stopped) {
      const at = next++;
      try {
        await performOne(at, round);
      } catch (error) {
        state.stopped ??= explainError(error);
      }
    }
  };
  const workers = Array.from({ length: Math.min(context.together, plan.trials.length) }, work);
  await Promise.all(workers);
}

async function performOne(at: number, round: Round): Promise<void> {
  const { plan, known, earlier, context, state } = round;
  const trial = plan.trials[at];
  if (!trial) return;
  const child = context.child(trial);
  const key = trialKey(child);
  const before = earlier?.trials.get(key);
  if (before && !isWanted(before, context)) {
    const isBest = await keep(before, trial.name, at, round);
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
    facts: { ...known, trial: key },
    ...(before && { resume: before.runId }),
  });
  const isFinished = outcome.status === "FINISHED" && runId !== undefined;
  state.counts[isFinished ? "finished" : outcome.status === "KILLED" ? "killed" : "failed"]++;
  if (outcome.failure && isOfMachine(outcome.failure.code)) state.stopped ??= outcome.failure;
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
  { plan, context, state }: Round,
): Promise<boolean> {
  const { runId, status, metrics } = before;
  if (before.name !== name)
    await context.tracking.call("runs/update", { run_id: runId, run_name: name });
  if (status === "FINISHED") {
    state.counts.known++;
    return noteFinished({ at, runId, metrics }, plan, state);
  }
  if (status === "FAILED") {
    state.counts.known++;
    state.counts.knownFailed++;
  }
  return false;
}
