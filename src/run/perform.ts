/** Performs the plan of one run: every action in order, and an end for the run whatever happens. */
import type { Condition } from "../check/program.ts";
import type { Action, CallAction, RegisterAction, RunPlan } from "../plan/plan.ts";
import { beginRun, isBegin } from "./begin-run.ts";
import { type Choices, chooseInputs } from "./choose-inputs.ts";
import { endRun } from "./end.ts";
import type { Outcome } from "./event.ts";
import { unmetExpectation } from "./expectation.ts";
import { RunFailed, explainError, fail } from "./failure.ts";
import { choicesIn } from "./lineage.ts";
import { lookedAt } from "./manifest/score.ts";
import { performCall } from "./perform-call.ts";
import { performSteps } from "./perform-steps.ts";
import { checkStart } from "./preflight.ts";
import { recordRun } from "./record.ts";
import { registerModel } from "./register.ts";
import {
  type PerformContext,
  type RunState,
  interrupted,
  newState,
  requireRunId,
  runIdOf,
} from "./state.ts";

/** Performs `plan` to its end: FINISHED, FAILED or KILLED in the tracker, whatever happens. Never rejects. */
export async function perform(planned: RunPlan, context: PerformContext): Promise<Outcome> {
  const started = performance.now();
  const state = newState(context);
  const { plan, refused } = await prepare(planned, context);
  const tried = refused ?? (await attempt(plan, context, state));
  const outcome = await endRun(tried, plan, context, state);
  const milliseconds = performance.now() - started;
  if (state.lacks && state.lacks.length > 0)
    context.listener({ kind: "replayability", lacks: state.lacks, lookedAt });
  context.listener({ kind: "run-ended", runId: runIdOf(state), outcome, milliseconds });
  return outcome;
}

/** The plan with the runs that its inputs come from; or why it cannot begin, and then nothing has been logged. */
async function prepare(
  plan: RunPlan,
  context: PerformContext,
): Promise<{ readonly plan: RunPlan; readonly refused: Outcome | undefined }> {
  try {
    checkStart(plan, context);
    const choices = context.choices ?? (await earlierChoices(plan, context));
    const { adopt, origin: tracking = context.tracking } = context;
    return {
      plan: await chooseInputs(plan, { adopt, tracking, choices }),
      refused: undefined,
    };
  } catch (error) {
    const failure = explainError(error);
    const refused: Outcome = context.signal.aborted
      ? interrupted(context.signal)
      : { status: "FAILED", exitCode: 1, failure };
    return { plan, refused };
  }
}

/** What a run that is gone on with was given in the attempt before. */
async function earlierChoices(
  plan: RunPlan,
  { resume, tracking }: PerformContext,
): Promise<Choices> {
  if (resume === undefined) return new Map();
  const { run } = await tracking.call("runs/get", { run_id: resume });
  return choicesIn(plan, run.data.tags);
}

async function attempt(plan: RunPlan, context: PerformContext, state: RunState): Promise<Outcome> {
  try {
    let stepsEnded = false;
    for (const action of plan.actions) {
      if (context.signal.aborted) return interrupted(context.signal);
      if (isOfStep(action)) {
        const ended = stepsEnded ? undefined : await performSteps(plan, context, state);
        if (ended) return ended;
        stepsEnded = true;
      } else await performAction(action, plan, context, state);
    }
    return { status: "FINISHED", exitCode: 0, failure: undefined };
  } catch (error) {
    return { status: "FAILED", exitCode: 1, failure: explainError(error) };
  }
}

type OfStep = Extract<Action, { readonly kind: "step" | "collect" }>;

/** All of these are performed together, in the order that their data needs. */
function isOfStep(action: Action): action is OfStep {
  return action.kind === "step" || action.kind === "collect";
}

async function performAction(
  action: Exclude<Action, OfStep>,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<void> {
  switch (action.kind) {
    case "call":
      return call(action, plan, context, state);
    case "record":
      checkShared(plan, state);
      return recordRun(plan, context, state);
    case "expect":
      return expectOf(action.condition, plan, context, state);
    case "register":
      return register(action, context, state);
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
  if (isBegin(action)) return beginRun(action, plan, context, state);
  state.tracked = await performCall(action, state.tracked, context.tracking);
}

async function expectOf(
  condition: Condition,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<void> {
  const asked = { plan, runId: requireRunId(state), metrics: state.metrics, where: "" };
  const unmet = await unmetExpectation(condition, asked, context);
  if (unmet) throw new RunFailed(unmet);
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
