/** Performs a sweep: a parent run, the trials below it, the best of them, and an end for all whatever happens. */
import type { CallAction, SweepPlan } from "../../plan/plan.ts";
import { makeMarked, reopen } from "../begin-run.ts";
import { splitBatch } from "../../tracking/batch.ts";
import type { KeyValue, MetricPoint } from "../../tracking/entities.ts";
import { errorTag, unended, withLate } from "../end.ts";
import type { Failure, Outcome } from "../event.ts";
import { unmetExpectation } from "../expectation.ts";
import { RunFailed, explainError, fail, failure } from "../failure.ts";
import { type OpenMark, otherAtIt } from "../open-runs.ts";
import { type TrackedState, performCall } from "../perform-call.ts";
import { checkStart } from "../preflight.ts";
import { interrupted, newTracked } from "../state.ts";
import { type Earlier, findEarlier } from "./earlier.ts";
import { performTrials } from "./perform-trials.ts";
import { type SharedInputs, chooseForTrials } from "./shared-inputs.ts";
import {
  type SweepContext,
  type SweepState,
  bestTrial,
  isOver,
  newSweepState,
} from "./sweep-state.ts";
import { trialKey } from "./trial.ts";

interface Parent {
  readonly tracked: TrackedState;
  /** Undefined: it is MLflow's, or it is not opened again. */
  readonly mark: OpenMark | undefined;
  readonly runId: string;
  /** True: an earlier attempt has come to the end of everything, and of this run. */
  readonly isOver: boolean;
  /** Metrics of the best trial that an earlier attempt has shown there. */
  readonly shown: ReadonlyMap<string, number>;
}

/** What the whole sweep has come to. */
interface Sweeping {
  parent: Parent | undefined;
  readonly state: SweepState;
}

/** Performs `plan` to its end: FINISHED, FAILED or KILLED in the tracker, whatever happens. Never rejects. */
export async function performSweep(plan: SweepPlan, context: SweepContext): Promise<Outcome> {
  const began = performance.now();
  const sweeping: Sweeping = { parent: undefined, state: newSweepState() };
  const outcome = await attempt(plan, context, sweeping);
  const ended = await endParent(outcome, plan, context, sweeping);
  context.listener({
    kind: "sweep-ended",
    runId: sweeping.parent?.runId,
    outcome: ended,
    counts: sweeping.state.counts,
    best: bestTrial(plan, sweeping.state, context),
    milliseconds: performance.now() - began,
  });
  return ended;
}

async function attempt(
  plan: SweepPlan,
  context: SweepContext,
  sweeping: Sweeping,
): Promise<Outcome> {
  const { state } = sweeping;
  try {
    const [first] = plan.trials;
    if (first) checkStart(context.child(first), context);
    const { parent, earlier, inputs } = await begin(plan, context, sweeping);
    await tagParent(parent, inputs, context);
    const known = { ...parent.tracked.known, parent_run_id: parent.runId };
    const around = { ...context, choices: inputs.choices };
    await performTrials({ plan, known, earlier, context: around, state });
    if (context.signal.aborted) return interrupted(context.signal);
    return judge(plan, state, await firstUnmet(plan, state, context));
  } catch (error) {
    return { status: "FAILED", exitCode: 1, failure: explainError(error) };
  }
}

/** What the trials are given; a parent that is not opened again has it already. */
async function tagParent(
  { runId, isOver }: Parent,
  { tags }: SharedInputs,
  { tracking }: SweepContext,
): Promise<void> {
  if (tags.length === 0 || isOver) return;
  for (const batch of splitBatch({ run_id: runId, tags }))
    await tracking.call("runs/log-batch", batch);
}

interface Begun {
  readonly parent: Parent;
  readonly earlier: Earlier | undefined;
  readonly inputs: SharedInputs;
}

/** The parent run is made, or that of an earlier attempt is opened again; from then on it is in `sweeping`, to be ended. */
async function begin(plan: SweepPlan, context: SweepContext, sweeping: Sweeping): Promise<Begun> {
  const { tracking } = context;
  let tracked = newTracked(context);
  let begun: Begun | undefined;
  for (const action of plan.calls)
    if (action.purpose === "create-run") {
      const earlier = context.anew ? undefined : await lookForEarlier(plan, tracked, context);
      const other = earlier && otherAtIt(context.folder, earlier.runId, plan.sweep);
      if (other) throw new RunFailed(other);
      const inputs = await chooseForTrials(plan, earlier?.runId, context);
      const parent = await beginParent(action, tracked, earlier, plan, context);
      sweeping.parent = parent;
      tracked = parent.tracked;
      begun = { parent, earlier, inputs };
    } else {
      tracked = await performCall(action, tracked, tracking);
      if (action.purpose === "adopt-run") {
        const runId = String(tracked.known.run_id);
        const parent = { tracked, mark: undefined, runId, isOver: false, shown: new Map() };
        sweeping.parent = parent;
        const inputs = await chooseForTrials(plan, undefined, context);
        begun = { parent, earlier: undefined, inputs };
      }
    }
  if (!begun) throw new Error("the plan of the sweep makes no parent run");
  tellBegin(plan, begun, context);
  return begun;
}

async function beginParent(
  action: CallAction,
  tracked: TrackedState,
  earlier: Earlier | undefined,
  plan: SweepPlan,
  context: SweepContext,
): Promise<Parent> {
  const hasEnd = earlier?.status === "FINISHED" || earlier?.status === "FAILED";
  if (hasEnd && countOver(earlier, context) === plan.trials.length) {
    const known = { ...tracked.known, run_id: earlier.runId };
    const { runId } = earlier;
    return {
      tracked: { ...tracked, known },
      mark: undefined,
      runId,
      isOver: true,
      shown: new Map(),
    };
  }
  if (!earlier) {
    const made = await makeMarked(action, tracked, context);
    const runId = String(made.tracked.known.run_id);
    return { ...made, runId, isOver: false, shown: new Map() };
  }
  const { run, ...reopened } = await reopen(action, earlier.runId, tracked, context);
  const shown = new Map((run.data.metrics ?? []).map(({ key, value }) => [key, value]));
  return { ...reopened, runId: earlier.runId, isOver: false, shown };
}

/** Trials that are not performed again. */
function countOver({ trials }: Earlier, context: SweepContext): number {
  return [...trials.values()].filter((trial) => isOver(trial, context)).length;
}

async function lookForEarlier(
  plan: SweepPlan,
  { known }: TrackedState,
  { tracking, child, failedOnly }: SweepContext,
): Promise<Earlier | undefined> {
  const earlier = await findEarlier(
    {
      plan,
      experimentId: String(known.experiment_id),
      meaning: String(known.meaning),
      trials: new Set(plan.trials.map((trial) => trialKey(child(trial)))),
    },
    tracking,
  );
  if (!earlier && failedOnly) fail("R0862", { sweep: plan.sweep, file: plan.file });
  return earlier;
}

function tellBegin(plan: SweepPlan, { parent, earlier }: Begun, context: SweepContext): void {
  context.listener({
    kind: "sweep-started",
    sweep: plan.sweep,
    runId: parent.runId,
    experiment: plan.experiment,
    tracking: context.tracking.uri,
    trials: plan.trials.length,
    known: earlier ? countOver(earlier, context) : 0,
    resumed: earlier !== undefined,
  });
}

/** The first expectation that the best trial does not keep; without `best by`, any that finished, in the order of the plan. */
async function firstUnmet(
  plan: SweepPlan,
  { best, judged }: SweepState,
  context: SweepContext,
): Promise<Failure | undefined> {
  const trials = best ? [best] : judged.toSorted((a, b) => a.at - b.at);
  for (const { at, runId, metrics } of trials)
    for (const condition of plan.expects) {
      const trial = plan.trials[at];
      if (!trial) throw new Error(`the sweep has no trial ${at}`);
      const asked = { plan: context.child(trial), runId, metrics, where: ` in ${trial.name}` };
      const unmet = await unmetExpectation(condition, asked, context);
      if (unmet) return unmet;
    }
  return undefined;
}

/** FAILED if no trial has finished, or an expectation is not kept; a trial that failed shows in the exit code alone. */
function judge(
  plan: SweepPlan,
  { counts, stopped }: SweepState,
  unmet: Failure | undefined,
): Outcome {
  if (stopped) return { status: "FAILED", exitCode: 1, failure: stopped };
  const failed = counts.failed + counts.killed + counts.knownFailed;
  const finished = counts.finished + counts.known - counts.knownFailed;
  if (unmet) return { status: "FAILED", exitCode: 1, failure: unmet };
  if (finished === 0)
    return { status: "FAILED", exitCode: 1, failure: failure("R0863", { sweep: plan.sweep }) };
  return { status: "FINISHED", exitCode: failed > 0 ? 1 : 0, failure: undefined };
}

/** The parent's end, and what it shows of the best trial: the metrics that it is best by, and its run. */
async function endParent(
  outcome: Outcome,
  plan: SweepPlan,
  context: SweepContext,
  { parent, state }: Sweeping,
): Promise<Outcome> {
  if (!parent || parent.isOver) return outcome;
  const { tracking } = context;
  const run_id = parent.runId;
  try {
    await tracking.call("runs/log-batch", {
      run_id,
      metrics: bestMetrics(plan, state, parent.shown),
      tags: endTags(outcome, plan, state),
    });
    const { status } = outcome;
    await tracking.call("runs/update", { run_id, status, end_time: Date.now() });
    parent.mark?.close();
    return outcome;
  } catch (error) {
    return withLate(outcome, unended(run_id, error), context.listener);
  }
}

/** A value that is shown already is not logged once more: an attempt may have been killed between that and its end. */
function bestMetrics(
  { bestBy }: SweepPlan,
  { best }: SweepState,
  shown: Parent["shown"],
): readonly MetricPoint[] {
  const timestamp = Date.now();
  return bestBy.flatMap(({ metric: key }) => {
    const value = best?.metrics.get(key);
    return value === undefined || Object.is(value, shown.get(key))
      ? []
      : [{ key, value, timestamp, step: 0 }];
  });
}

function endTags(
  { failure: reason }: Outcome,
  plan: SweepPlan,
  { best }: SweepState,
): readonly KeyValue[] {
  return [
    ...(best
      ? [
          { key: "mlpipe.best_run", value: best.runId },
          { key: "mlpipe.best_trial", value: plan.trials[best.at]?.name ?? "" },
        ]
      : []),
    ...(reason ? [{ key: "mlpipe.error", value: errorTag(reason) }] : []),
  ];
}
