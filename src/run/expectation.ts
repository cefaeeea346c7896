/** Whether a run has become what its file expects. */
import { type Lookup, evaluate, pathsOf } from "../check/condition-evaluate.ts";
import type { Condition } from "../check/program.ts";
import type { RunPlan } from "../plan/plan.ts";
import type { KeyValue } from "../tracking/entities.ts";
import { RunFailed, failure } from "./failure.ts";
import { placeText } from "./place.ts";
import { type PerformContext, type RunState, requireRunId } from "./state.ts";

/** Throws `RunFailed` where the condition does not hold. A metric over steps counts with its last value. */
export async function checkExpectation(
  condition: Condition,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<void> {
  const tags = namesTags(condition) ? await readTags(context, state) : [];
  const { holds, actual } = evaluate(condition, lookupIn(plan, state, tags));
  const { text, place } = condition;
  context.listener({ kind: "expectation", text, held: holds, actual });
  if (!holds) throw new RunFailed(failure("R0846", { condition: text, actual }, placeText(place)));
}

function namesTags({ comparisons }: Condition): boolean {
  return comparisons.flatMap(pathsOf).some(([first]) => first === "tags");
}

/** Tags as the tracker has them, those included that the code has set. */
async function readTags(
  { tracking }: PerformContext,
  state: RunState,
): Promise<readonly KeyValue[]> {
  const { run } = await tracking.call("runs/get", { run_id: requireRunId(state) });
  return run.data.tags ?? [];
}

/** `accuracy`, `metrics.accuracy`, `share`, `params.share`, `tags.status`; metrics come before params. */
function lookupIn(plan: RunPlan, { metrics }: RunState, tags: readonly KeyValue[]): Lookup {
  const paramOf = (name: string) => plan.params.find((param) => param.name === name)?.value;
  return ([first = "", ...rest]) => {
    const name = rest.join(".");
    if (first === "tags") return tags.find(({ key }) => key === name)?.value;
    if (first === "metrics") return metrics.get(name);
    if (first === "params") return paramOf(name);
    const whole = [first, ...rest].join(".");
    return metrics.get(whole) ?? paramOf(whole);
  };
}
