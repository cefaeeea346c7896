/** Whether a run, or a trial of a sweep, has become what its file expects. */
import { type Lookup, evaluate, pathsOf } from "../check/condition-evaluate.ts";
import type { Condition } from "../check/program.ts";
import type { RunPlan } from "../plan/plan.ts";
import type { KeyValue } from "../tracking/entities.ts";
import type { Failure } from "./event.ts";
import { failure } from "./failure.ts";
import { placeText } from "./place.ts";
import type { PerformContext } from "./state.ts";

/** What a condition is asked of. */
interface Asked {
  readonly plan: Pick<RunPlan, "params">;
  readonly runId: string;
  /** Last values. */
  readonly metrics: ReadonlyMap<string, number>;
  /** For the message, such as ` in tries/01`; else empty. */
  readonly where: string;
}

/** Why `condition` does not hold; undefined: it does. A metric over steps counts with its last value. */
export async function unmetExpectation(
  condition: Condition,
  asked: Asked,
  { tracking, listener }: Pick<PerformContext, "tracking" | "listener">,
): Promise<Failure | undefined> {
  const tags = namesTags(condition) ? await readTags(asked.runId, tracking) : [];
  const { holds, actual } = evaluate(condition, lookupIn(asked, tags));
  const { text, place } = condition;
  listener({ kind: "expectation", text, held: holds, actual });
  if (holds) return undefined;
  return failure("R0846", { condition: text, actual: actual + asked.where }, placeText(place));
}

function namesTags({ comparisons }: Condition): boolean {
  return comparisons.flatMap(pathsOf).some(([first]) => first === "tags");
}

/** Tags as the tracker has them, those included that the code has set. */
async function readTags(
  run_id: string,
  tracking: PerformContext["tracking"],
): Promise<readonly KeyValue[]> {
  const { run } = await tracking.call("runs/get", { run_id });
  return run.data.tags ?? [];
}

/** `accuracy`, `metrics.accuracy`, `share`, `params.share`, `tags.status`; metrics come before params. */
function lookupIn({ plan, metrics }: Asked, tags: readonly KeyValue[]): Lookup {
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
