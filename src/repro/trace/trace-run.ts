/** Executes a run once with its trace, in a copy of its project; nothing is logged, and nothing stays. */
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import type { Failure } from "../../run/event.ts";
import { secretsOf } from "../../run/step.ts";
import { type ExecuteRequest, execute } from "../execute.ts";
import { type StepTrace, readTrace } from "./read-trace.ts";
import { findMeans, traced } from "./traced.ts";

export interface RunTrace {
  readonly run: string;
  readonly file: string;
  readonly seed: number | undefined;
  /** Why the run has failed; the traces then end where it did. */
  readonly failure: Failure | undefined;
  /** In the plan's order; steps that were never started are not among them. */
  readonly steps: readonly TracedStep[];
}

export interface TracedStep extends StepTrace {
  /** The seed of the step, from the run's; undefined: it has none. */
  readonly seed: number | undefined;
}

/** Rejects with the file system's errors. */
export async function traceRun(request: ExecuteRequest): Promise<RunTrace> {
  const { plan, env } = request;
  const world = traced(request.world, await findMeans(env));
  const { results, folderOf } = await execute({ ...request, world });
  const steps = stepsOf(plan).map(async (step) => {
    const trace = await readTrace(folderOf(step.name), secretsOf(step, env));
    return trace ? [{ ...trace, seed: step.seed }] : [];
  });
  const { run, file, seed } = plan;
  return { run, file, seed, failure: results.failure, steps: (await Promise.all(steps)).flat() };
}

function stepsOf({ actions }: RunPlan): readonly StepAction[] {
  return actions.filter((action) => action.kind === "step");
}
