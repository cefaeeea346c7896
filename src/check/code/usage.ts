/** E0701 and E0703: params and inputs that nothing uses, as far as that can be seen. In doubt nothing is said. */
import type { Place } from "../../source/text.ts";
import { type CheckContext, say } from "../context.ts";
import type { RunDraft, RunDrafts } from "../draft.ts";
import type { Param } from "../program.ts";
import type { ModuleScope } from "../scope.ts";
import { mentions } from "./reading.ts";
import { substituteFor } from "./reserved.ts";
import type { StepView } from "./step-view.ts";
import { namesIn } from "./syntax-names.ts";

/** Whether the code uses the variable, or may do so unseen; a name that cannot be a variable is said elsewhere. */
function uses({ step, reading }: StepView, name: string): boolean {
  if (!reading || reading.computed) return true;
  if (step.code && substituteFor(name, step.code.language) !== undefined) return true;
  return reading.read.has(name) || reading.params.has(name) || mentions(reading, name);
}

/** Says E0701 about the run's own params, and about those of templates where their step is made. */
export function checkRunParams(
  context: CheckContext,
  { scope }: RunDraft,
  views: readonly StepView[],
): void {
  if (!scope.complete) return;
  const { home } = scope;
  for (const param of scope.params.values())
    if (!home.params.has(param.name) && !isParamUsed(param, views, home)) sayUnused(context, param);
  for (const view of views)
    for (const { param } of view.step.arguments ?? [])
      if (!uses(view, param.name) && !namesIn(view.step.home.module).has(param.name))
        sayUnused(context, param);
}

/** Says E0701 about params of files that none of the file's runs and templates uses. */
export function checkFileParams(
  context: CheckContext,
  drafts: RunDrafts,
  viewsOf: (draft: RunDraft) => readonly StepView[],
): void {
  const homes = Map.groupBy(drafts.values(), ({ scope }) => scope.home);
  for (const [home, its] of homes) {
    if (!its.every(({ scope }) => scope.complete)) continue;
    const views = its.flatMap(viewsOf);
    for (const param of home.params.values())
      if (!isParamUsed(param, views, home)) sayUnused(context, param);
  }
}

/** By code, by a template's argument, or by a line of the file itself; that is asked last, since it takes longest. */
function isParamUsed({ name }: Param, views: readonly StepView[], home: ModuleScope): boolean {
  const isGiven = ({ step }: StepView) =>
    step.arguments?.some(({ value }) => "runParam" in value && value.runParam === name) ?? false;
  return views.some((view) => uses(view, name) || isGiven(view)) || namesIn(home.module).has(name);
}

function sayUnused(context: CheckContext, { name, place }: Param): void {
  say(context, "E0701", place, { name });
}

/** Says E0703 about inputs that none of the steps that get them uses. */
export function checkInputs(
  context: CheckContext,
  { scope }: RunDraft,
  views: readonly StepView[],
): void {
  if (!scope.complete) return;
  const unused = new Map<Place["span"], { readonly name: string; readonly place: Place }>();
  const used = new Set<Place["span"]>();
  for (const view of views)
    for (const { variable: name, place } of view.step.parts.inputs)
      if (isInputUsed(view, name)) used.add(place.span);
      else unused.set(place.span, { name, place });
  for (const [span, { name, place }] of unused)
    if (!used.has(span)) say(context, "E0703", place, { kind: "input", name });
}

/** By the code, by a standard call, or as the rows of a model's probe. */
function isInputUsed(view: StepView, name: string): boolean {
  const { metrics, models } = view.step.parts;
  const isArgument = metrics.some(({ call }) =>
    call?.arguments.some((it) => "variable" in it && it.variable === name),
  );
  return isArgument || models.some(({ probe }) => probe === name) || uses(view, name);
}
