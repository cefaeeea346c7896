/** The steps of a run, several at once where their data and the machine allow it. */
import type { RunPlan, StepAction } from "../plan/plan.ts";
import { shuffle } from "../plan/shuffle.ts";
import { splitBatch } from "../tracking/batch.ts";
import { collectOutputs } from "./collect.ts";
import { withLate } from "./end.ts";
import type { Failure, Outcome } from "./event.ts";
import { explainError, failure } from "./failure.ts";
import { capacityOf, shortages } from "./machine.ts";
import { performStep } from "./perform-step.ts";
import type { Claim } from "./pool.ts";
import { type Task, schedule } from "./schedule.ts";
import {
  type PerformContext,
  type RunState,
  givenBy,
  interrupted,
  requireRunId,
  runFolder,
} from "./state.ts";
import { type StepPlaces, placesOfStep } from "./step-file.ts";
import { keepRecord, restoreRecord } from "./step-record.ts";
import { placeOf } from "./step.ts";

/**
 * Performs every step that can be, and collects what each gives. Undefined when all did well; else how the run ends: as the
 * step did that failed first.
 */
export async function performSteps(
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<Outcome | undefined> {
  const steps = plan.actions.filter((action) => action.kind === "step");
  tellShortages(steps, context);
  let first: Outcome | undefined;
  await schedule(tasksOf(shuffle(steps, plan.seed ?? 0), context), {
    async perform(name) {
      const step = steps.find((each) => each.name === name);
      if (!step) throw new Error(`the plan lacks the step ${name}`);
      const ended = await performOne(step, plan, context, state);
      first ??= ended;
      return ended === undefined;
    },
    cancel(step, because) {
      if (!context.signal.aborted) context.listener({ kind: "step-cancelled", step, because });
    },
  });
  const late = await tagCached(context, state);
  return late ? withLate(first ?? finished, late, context.listener) : first;
}

function tellShortages(steps: readonly StepAction[], { env, listener }: PerformContext): void {
  const machine = capacityOf(1, env);
  for (const { name: step, resources, ...rest } of steps)
    for (const short of shortages(resources, machine)) {
      const told = failure("R0866", { step, ...short }, placeOf(rest));
      listener({ kind: "warning", step, failure: told });
    }
}

const finished: Outcome = { status: "FINISHED", exitCode: 0, failure: undefined };

/** Says of which steps the run did not make what they gave; resolves to why it could not. */
async function tagCached(
  { tracking }: PerformContext,
  state: RunState,
): Promise<Failure | undefined> {
  if (state.cached.size === 0) return undefined;
  const tags = [...state.cached].map(([step, value]) => ({ key: `mlpipe.cached.${step}`, value }));
  try {
    for (const batch of splitBatch({ run_id: requireRunId(state), tags }))
      await tracking.call("runs/log-batch", batch);
    return undefined;
  } catch (error) {
    return explainError(error);
  }
}

function tasksOf(
  steps: readonly StepAction[],
  { keepGoing, givenBefore }: PerformContext,
): readonly Task[] {
  return steps.map(({ name, needs, inputs }) => {
    const givers = inputs
      .flatMap(({ from }) => (from.kind === "step" ? [from.step] : []))
      .filter((step) => givenBefore?.(step) === undefined);
    const required = keepGoing ? needs.filter((need) => givers.includes(need)) : needs;
    return { name, needs: required, after: needs.filter((need) => !required.includes(need)) };
  });
}

async function performOne(
  step: StepAction,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<Outcome | undefined> {
  let giveBack: (() => void) | undefined;
  try {
    const places = placesOfStep(runFolder(context, requireRunId(state)), step.name);
    if (context.resume !== undefined && restoreRecord(step.name, places, state)) {
      const metrics = Object.fromEntries(givenBy(state, step.name).metrics);
      context.listener({ kind: "step-kept", step: step.name, metrics });
      return undefined;
    }
    giveBack = await context.pool.take(claimOf(step), context.signal);
    const ended = await performStep(step, plan, context, state);
    if (ended) return ended;
    await collect(step, places, context, state);
    // What the cache has given it gives again.
    if (!state.cached.has(step.name))
      await keepRecord(places, givenBy(state, step.name), state.drafts.get(step.name));
    return undefined;
  } catch (error) {
    if (!giveBack && context.signal.aborted) return interrupted(context.signal);
    return { status: "FAILED", exitCode: 1, failure: explainError(error) };
  } finally {
    giveBack?.();
  }
}

/** A step that does not say what it needs takes one cpu. */
function claimOf({ resources }: StepAction): Claim {
  const { cpus = 1, memoryBytes = 0, gpus = 0 } = resources;
  return { cpus, memoryBytes, gpus };
}

async function collect(
  step: StepAction,
  { outputs }: StepPlaces,
  { tracking, listener }: PerformContext,
  state: RunState,
): Promise<void> {
  const runId = requireRunId(state);
  await state.batches?.flush();
  const events = state.events.get(step.name) ?? [];
  await collectOutputs(step, events, { tracking, runId, outputs, listener });
}
