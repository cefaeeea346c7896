/** One step of a run that is performed: its inputs are brought, its process runs, its points flow to the tracker. */
import path from "node:path";
import { contains, describeDomain } from "../check/domain.ts";
import type { LaterText, RunPlan, StepAction } from "../plan/plan.ts";
import type { MetricPoint } from "../tracking/entities.ts";
import { type StepCaching, openStepCaching } from "./cache/step-caching.ts";
import { withoutProfile } from "./child-environment.ts";
import type { Failure, Outcome } from "./event.ts";
import { failure } from "./failure.ts";
import { readHexFloat } from "./hex-float.ts";
import { resolveInputs } from "./inputs.ts";
import { fillLater } from "./later.ts";
import { logLineage } from "./lineage.ts";
import { draftAfter, draftBefore } from "./manifest/step-draft.ts";
import type { StepEvent, StepInput } from "./protocol.ts";
import { type ScriptSession, performWithin } from "./script-session.ts";
import {
  type PerformContext,
  type RunState,
  interruptedBy,
  noteMetric,
  noteOutput,
  requireRunId,
  runFolder,
} from "./state.ts";
import { placesOfStep } from "./step-file.ts";
import { openStepSession } from "./step-session.ts";
import { type StepResult, placeOf, runStep } from "./step.ts";

/** Exit code of a run that took too long, as of the command `timeout`. */
const timeoutExitCode = 124;

/** Undefined when the step did well; else how the run ends. */
export async function performStep(
  step: StepAction,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<Outcome | undefined> {
  const runId = requireRunId(state);
  const folder = runFolder(context, runId);
  const inputs = await resolveInputs(step, {
    tracking: context.origin ?? context.tracking,
    runId,
    folder: context.folder,
    outputsOf: (name) => context.givenBefore?.(name) ?? placesOfStep(folder, name).outputs,
    fetched: path.join(folder, `${step.name}-inputs`),
  });
  await logLineage(step, plan, inputs, context, runId);
  if (context.origins)
    state.drafts.set(step.name, await draftBefore(step, inputs, context, context.origins));
  const caching = await openStepCaching(step, plan, inputs, context, state);
  if (await replay(caching, step, context, state)) return checkMetrics(step, state);
  const session = await openStepSession(step, plan, context, state, (points) =>
    notePoints(points, step, context, state),
  );
  const outcome = await performWithin(session, context.listener, async () => {
    const ended = await runWith(session, inputs, step, context, state, caching);
    return ended ?? { status: "FINISHED", exitCode: 0, failure: undefined };
  });
  return outcome.failure && outcome;
}

/** True where the step need not run, since the cache has what it would give. */
async function replay(
  caching: StepCaching,
  step: StepAction,
  context: PerformContext,
  state: RunState,
): Promise<boolean> {
  const events: StepEvent[] = [];
  const isDone = await caching.replay(
    (event) => void (keepEvent(event, step, context, state) && events.push(event)),
  );
  if (isDone) state.events.set(step.name, events);
  return isDone;
}

async function runWith(
  session: ScriptSession,
  inputs: readonly StepInput[],
  step: StepAction,
  context: PerformContext,
  state: RunState,
  caching: StepCaching,
): Promise<Outcome | undefined> {
  const id = requireRunId(state);
  const library = path.join(context.folder, ".mlpipe", "r-library");
  const events: StepEvent[] = [];
  const result = await runStep(withFinalEnv(step, state), {
    ...context,
    listener: caching.hear,
    run: { id, name: context.calledAs ?? state.tracked.runName },
    runFolder: runFolder(context, id),
    inputs,
    session: {
      ...session,
      env: { ...session.env, ...withoutProfile(context.env), MLPIPE_R_CACHE: library },
    },
    onEvent: (event) => void (keepEvent(event, step, context, state) && events.push(event)),
  });
  state.events.set(step.name, events);
  const outcome = outcomeOf(result, context) ?? checkMetrics(step, state);
  const draft = state.drafts.get(step.name);
  if (draft)
    state.drafts.set(step.name, await draftAfter(draft, step, result, context.folder, context.env));
  await caching.keep(result, session.spoke(), outcome === undefined);
  return outcome;
}

/** The plan's texts with the run's id in them. */
function withFinalEnv(step: StepAction, { tracked }: RunState): StepAction {
  const env = Object.entries(step.env).map(([name, value]: [string, string | LaterText]) => [
    name,
    fillLater<string>(value, tracked.known),
  ]);
  return { ...step, env: Object.fromEntries(env) as Readonly<Record<string, string>> };
}

/** Sends points at once; answers whether the event must be kept for the end of the step. */
function keepEvent(
  event: StepEvent,
  step: StepAction,
  context: PerformContext,
  state: RunState,
): boolean {
  switch (event.kind) {
    case "metric":
      logPoints(event.key, [[event.value, event.step]], event.t, step, context, state);
      return false;
    case "metrics":
      logPoints(
        event.key,
        event.values.map((value, i) => [value, event.steps[i] ?? 0]),
        event.t,
        step,
        context,
        state,
      );
      return false;
    case "artifact":
    case "model":
      noteOutput(state, step.name, event.key);
      return true;
    case "tag":
      state.batches?.tag(event.key, event.value);
      return false;
    case "start":
    case "warning":
    case "error":
    case "swallowed":
    case "end":
      return false;
    default:
      return event satisfies never;
  }
}

function logPoints(
  key: string,
  values: readonly (readonly [hex: string, step: number])[],
  timestamp: number,
  step: StepAction,
  context: PerformContext,
  state: RunState,
): void {
  const points = values.map(([hex, at]): MetricPoint => ({
    key,
    value: readHexFloat(hex),
    timestamp,
    step: at,
  }));
  state.batches?.add(points);
  notePoints(points, step, context, state);
}

/** What the run knows of points that are on their way to the tracker, or there already. */
function notePoints(
  points: readonly MetricPoint[],
  step: StepAction,
  context: PerformContext,
  state: RunState,
): void {
  for (const { key, value, step: at } of points) {
    noteMetric(state, step.name, key, value, { count: 1, step: at });
    context.listener({ kind: "metric", step: step.name, key, value, at });
  }
}

function outcomeOf(
  { failure: found, stopped, claimed = "FAILED" }: StepResult,
  { signal }: PerformContext,
): Outcome | undefined {
  if (found === undefined) return undefined;
  if (stopped === "abort") return interruptedBy(signal, found);
  if (stopped === "timeout") return { status: "KILLED", exitCode: timeoutExitCode, failure: found };
  return { status: claimed, exitCode: 1, failure: found };
}

function failed(found: Failure): Outcome {
  return { status: "FAILED", exitCode: 1, failure: found };
}

/** A declared metric must lie in its domain, every step of it by its last value. */
function checkMetrics(step: StepAction, state: RunState): Outcome | undefined {
  for (const { key, domain } of step.metrics) {
    const value = state.metrics.get(key);
    if (domain && value !== undefined && !contains(domain, value)) {
      const parameters = { metric: key, value: String(value), domain: describeDomain(domain) };
      return failed(failure("R0804", parameters, placeOf(step)));
    }
  }
  return undefined;
}
