/** Performs what has to be run first, and then what was asked for. */
import type { Plan, RunPlan, SweepPlan } from "../plan/plan.ts";
import type { Listener } from "../run/event.ts";
import { exitCodes } from "./exit.ts";
import { type FileRequest, type Surroundings, performFile } from "./perform-file.ts";
import { keepYoungSmall } from "./young-memory.ts";

export interface Turn {
  readonly request: Omit<FileRequest, "plan">;
  readonly around: Omit<Surroundings, "listener">;
  readonly listenerOf: (plan: RunPlan | SweepPlan) => Listener;
}

/**
 * The last plan is what was asked for: that one alone goes on with an earlier run, or uses one that is there. Resolves to the
 * exit code of the first that does not go well; what comes after it is not begun.
 */
export async function performInTurn(plans: readonly Plan[], turn: Turn): Promise<number> {
  keepYoungSmall();
  for (const [index, plan] of plans.entries()) {
    if (plan.kind !== "run" && plan.kind !== "sweep")
      throw new Error(`a ${plan.kind} is performed elsewhere`);
    const isAsked = index === plans.length - 1;
    const request = isAsked ? turn.request : { ...turn.request, resume: false, failedOnly: false };
    const adopt = isAsked ? turn.around.adopt : undefined;
    const around = { ...turn.around, adopt, listener: turn.listenerOf(plan) };
    const { exitCode } = await performFile({ ...request, plan }, around);
    if (exitCode !== exitCodes.done) return exitCode;
  }
  return exitCodes.done;
}
