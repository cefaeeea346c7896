/** Whether a step does what may give something else once in a while, so that few repeats prove little. */
import type { RunPlan } from "../../plan/plan.ts";
import type { StepTrace } from "../trace/read-trace.ts";
import type { Call, Matter } from "../trace/trace-line.ts";

const changing: ReadonlySet<Matter> = new Set([
  "clock",
  "scheduling",
  "parallel",
  "process",
  "memory-order",
]);

/** What it calls does not decide anything: it says how often to look. */
export function isSuspicious({ step, calls, expressions }: StepTrace, plan: RunPlan): boolean {
  const action = plan.actions.find((one) => one.kind === "step" && one.name === step);
  const isSeeded = action?.kind === "step" && action.seed !== undefined;
  const isUnseeded = expressions.some(
    ({ random }) => random.includes("created") && !random.includes("seeded"),
  );
  const isChance = ({ about, name, detail }: Call): boolean =>
    (about === "seed" && detail === "NULL") ||
    (about === "random" && (/crypto/u.test(name) || (/Math/u.test(name) && !isSeeded)));
  return isUnseeded || calls.some((call) => changing.has(call.about) || isChance(call));
}

/** Whether processes, threads or promises may end in one order or another. */
export function runsSideBySide({ calls }: StepTrace): boolean {
  return calls.some(({ about }) => ["scheduling", "parallel", "process"].includes(about));
}
