/** The params of a run as its tracker has them. */
import { formatParam } from "../check/domain.ts";
import type { RunPlan } from "../plan/plan.ts";

/** By name; null is not logged. */
export function paramTexts({ params }: RunPlan): Readonly<Record<string, string>> {
  const texts = params.flatMap(({ name, type, value }) =>
    value === null ? [] : [[name, formatParam(value, type)] as const],
  );
  return Object.fromEntries(texts);
}
