/** One trial of a sweep: what it is known by, and its run. */
import { createHash } from "node:crypto";
import type { RunPlan } from "../../plan/plan.ts";
import type { Listener, Outcome } from "../event.ts";
import { paramTexts } from "../param-texts.ts";
import { perform } from "../perform.ts";
import type { PerformContext } from "../state.ts";

/** Longer tags cannot be searched for everywhere. */
const longestName = 500;

/** The values of all params, by name: `{"cp":"0.01","maxdepth":"3"}`; where that is long, its SHA-256. */
export function trialKey(plan: RunPlan): string {
  const texts = paramTexts(plan);
  const text = JSON.stringify(Object.fromEntries(Object.entries(texts).toSorted(byName)));
  if (text.length <= longestName) return text;
  return createHash("sha256").update(text).digest("hex");
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

export interface TrialRun {
  readonly runId: string | undefined;
  readonly outcome: Outcome;
  readonly metrics: ReadonlyMap<string, number>;
  readonly milliseconds: number;
}

/** Performs the run of a trial, and passes on what happens in it. Never rejects. */
export async function performTrial(
  trial: string,
  plan: RunPlan,
  context: PerformContext,
): Promise<TrialRun> {
  const began = performance.now();
  const metrics = new Map<string, number>();
  let runId: string | undefined;
  const listener: Listener = (event) => {
    if (event.kind === "metric") metrics.set(event.key, event.value);
    if (event.kind === "run-created" || event.kind === "run-resumed") runId = event.runId;
    if (event.kind === "step-kept")
      for (const [key, value] of Object.entries(event.metrics)) metrics.set(key, value);
    context.listener({ kind: "trial-event", trial, event });
  };
  const outcome = await perform(plan, { ...context, listener });
  return { runId, outcome, metrics, milliseconds: performance.now() - began };
}
