/** Performs the plan of one run: every action in order, and an end for the run whatever happens. */
import type { Action, CallAction, RegisterAction, RunPlan, StepAction } from "../plan/plan.ts";
import { collectOutputs } from "./collect.ts";
import { endRun } from "./end.ts";
import type { Outcome } from "./event.ts";
import { checkExpectation } from "./expectation.ts";
import { explainError, fail, failure } from "./failure.ts";
import { performCall } from "./perform-call.ts";
import { paramTexts } from "./param-texts.ts";
import { performStep } from "./perform-step.ts";
import { placesOfStep } from "./step-file.ts";
import { checkStart } from "./preflight.ts";
import { recordRun } from "./record.ts";
import { registerModel } from "./register.ts";
import {
  type PerformContext,
  type RunState,
  interruptedBy,
  newState,
  openRun,
  requireRunId,
  runFolder,
  runIdOf,
} from "./state.ts";

/** Performs `plan` to its end: FINISHED, FAILED or KILLED in the tracker, whatever happens. Never rejects. */
export async function perform(plan: RunPlan, context: PerformContext): Promise<Outcome> {
  const started = performance.now();
  const state = newState(context);
  const outcome = await endRun(await attempt(plan, context, state), plan, context, state);
  const milliseconds = performance.now() - started;
  context.listener({ kind: "run-ended", runId: runIdOf(state), outcome, milliseconds });
  return outcome;
}

async function attempt(plan: RunPlan, context: PerformContext, state: RunState): Promise<Outcome> {
  try {
    checkStart(plan, context);
    for (const action of plan.actions) {
      if (context.signal.aborted) return interrupted(context.signal);
      const outcome = await performAction(action, plan, context, state);
      if (outcome) return outcome;
    }
    return { status: "FINISHED", exitCode: 0, failure: undefined };
  } catch (error) {
    return { status: "FAILED", exitCode: 1, failure: explainError(error) };
  }
}

function interrupted(signal: AbortSignal): Outcome {
  return interruptedBy(signal, failure("R0853", { signal: String(signal.reason) }));
}

/** An outcome ends the run; undefined: go on with the next action. */
async function performAction(
  action: Action,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<Outcome | undefined> {
  switch (action.kind) {
    case "call":
      await call(action, plan, context, state);
      return undefined;
    case "step":
      return performStep(action, plan, context, state);
    case "collect":
      await collect(stepOf(plan, action.step), context, state);
      return undefined;
    case "record":
      checkShared(plan, state);
      await recordRun(plan, context, requireRunId(state));
      return undefined;
    case "expect":
      await checkExpectation(action.condition, plan, context, state);
      return undefined;
    case "register":
      await register(action, context, state);
      return undefined;
    case "finish":
      return undefined;
    default:
      return action satisfies never;
  }
}

async function call(
  action: CallAction,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<void> {
  const { tracking, listener } = context;
  state.tracked = await performCall(action, state.tracked, tracking);
  const { runName: name } = state.tracked;
  if (action.purpose === "create-run" || action.purpose === "adopt-run") {
    openRun(state, tracking);
    const runId = requireRunId(state);
    if (action.purpose === "adopt-run")
      listener({ kind: "run-adopted", runId, name, tracking: tracking.uri });
    else
      listener({
        kind: "run-created",
        runId,
        name,
        experiment: plan.experiment,
        tracking: tracking.uri,
      });
    listener({ kind: "params", params: paramTexts(plan) });
  }
}

function stepOf(plan: RunPlan, name: string): StepAction {
  const found = plan.actions.find((action) => action.kind === "step" && action.name === name);
  if (found?.kind !== "step") throw new Error(`the plan lacks the step ${name}`);
  return found;
}

async function collect(step: StepAction, context: PerformContext, state: RunState): Promise<void> {
  const runId = requireRunId(state);
  await state.batches?.flush();
  await collectOutputs(step, state.events.get(step.name) ?? [], {
    tracking: context.tracking,
    runId,
    outputs: placesOfStep(runFolder(context, runId), step.name).outputs,
    listener: context.listener,
  });
}

async function register(
  action: RegisterAction,
  { tracking, listener }: PerformContext,
  state: RunState,
): Promise<void> {
  const version = await registerModel(action, requireRunId(state), tracking);
  const { name, alias, model } = action;
  listener({ kind: "registered", model, name, version, alias });
}

function checkShared(plan: RunPlan, state: RunState): void {
  const missing = plan.shared.find((name) => !state.produced.has(name));
  if (missing !== undefined) fail("R0847", { name: missing, run: plan.run });
}
