/** The rules about code in fences, which R and Node would notice only when they run it, or never. */
import type { CheckContext } from "../context.ts";
import type { RunDraft, RunDrafts } from "../draft.ts";
import { checkHabits } from "./habits.ts";
import { checkOutputsAssigned } from "./outputs-assigned.ts";
import { checkSeeded } from "./random.ts";
import { type StepView, viewStep } from "./step-view.ts";
import { checkFileParams, checkInputs, checkRunParams } from "./usage.ts";
import { checkVariableNames } from "./variable-names.ts";

/** Checks the code of all runs: E0204, E0604, E0701, E0702, E0703 (inputs), E0704, E0705. */
export function checkCode(context: CheckContext, drafts: RunDrafts): void {
  const views = new Map<RunDraft, readonly StepView[]>();
  for (const draft of drafts.values()) views.set(draft, [...draft.steps.values()].map(viewStep));
  for (const [draft, its] of views) {
    checkVariableNames(context, draft);
    checkSeeded(context, draft, its);
    checkOutputsAssigned(context, draft, its);
    checkRunParams(context, draft, its);
    checkInputs(context, draft, its);
    for (const view of its) checkHabits(context, view);
  }
  checkFileParams(context, drafts, (draft) => views.get(draft) ?? []);
}
