/** The end of a run in the tracker, whatever it has come to. */
import { longestValue } from "../check/tags.ts";
import { TrackingError } from "../tracking/tracking.ts";
import type { RunPlan } from "../plan/plan.ts";
import type { Failure, Listener, Outcome } from "./event.ts";
import { explainError, failure } from "./failure.ts";
import { recordRun } from "./record.ts";
import { type PerformContext, type RunState, runIdOf } from "./state.ts";

/**
 * Tags the run with its failure, records what can be recorded, and ends it. Resolves to how it really ended: a finished run
 * that the tracker would not end is a failure.
 */
export async function endRun(
  outcome: Outcome,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<Outcome> {
  const runId = runIdOf(state);
  if (runId === undefined) return outcome;
  if (outcome.failure) await keepFailure(outcome.failure, plan, context, state, runId);
  try {
    const { status } = outcome;
    await context.tracking.call("runs/update", { run_id: runId, status, end_time: Date.now() });
    state.mark?.close();
    return outcome;
  } catch (error) {
    return withLate(outcome, unended(runId, error), context.listener);
  }
}

/** The first failure is what the user must see; of a later one there is only a warning then. */
export function withLate(outcome: Outcome, late: Failure | undefined, listener: Listener): Outcome {
  if (late === undefined) return outcome;
  if (!outcome.failure) return { status: "FAILED", exitCode: 1, failure: late };
  listener({ kind: "warning", step: undefined, failure: late });
  return outcome;
}

export function unended(runId: string, error: unknown): Failure {
  const why = error instanceof Error ? error.message : String(error);
  return failure("R0852", { run: runId, why });
}

/** The first failure is what the user must see; trouble with keeping it is only warned of. */
async function keepFailure(
  reason: Failure,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
  runId: string,
): Promise<void> {
  const attempts = [
    () => state.batches?.flush(),
    () =>
      context.tracking.call("runs/set-tag", {
        run_id: runId,
        key: "mlpipe.error",
        value: errorTag(reason),
      }),
    () => recordRun(plan, context, state),
  ];
  for (const attempt of attempts) {
    try {
      await attempt();
    } catch (error) {
      context.listener({ kind: "warning", step: undefined, failure: explainError(error) });
      if (error instanceof TrackingError) return;
    }
  }
}

/** The text of the tag `mlpipe.error`. */
export function errorTag({ code, message, place }: Failure): string {
  return `${place ? `${place}: ` : ""}${code} ${message}`.slice(0, longestValue);
}
