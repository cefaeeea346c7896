/** What `require` asks of the params: E0307 where the defaults break it, or where no values can satisfy it. */
import type { RequireItem } from "../syntax/ast.ts";
import { evaluate, pathsOf } from "./condition-evaluate.ts";
import { type Bounded, findContradiction } from "./condition-possible.ts";
import { checkCondition } from "./condition.ts";
import { type CheckContext, say } from "./context.ts";
import { describeDomain } from "./domain.ts";
import type { Param, Requirement } from "./program.ts";
import type { RunScope } from "./scope.ts";
import { fixedText } from "./texts.ts";

/** The requirements of a run that could be understood, in order. */
export function checkRequirements(
  context: CheckContext,
  scope: RunScope,
  items: readonly RequireItem[],
): readonly Requirement[] {
  const requirements = items.flatMap((item) => readRequirement(context, scope, item));
  if (!checkPossible(context, scope.params, requirements)) return requirements;
  for (const requirement of requirements) checkDefaults(context, scope.params, requirement);
  return requirements;
}

function readRequirement(
  context: CheckContext,
  scope: RunScope,
  item: RequireItem,
): readonly Requirement[] {
  const { home } = scope;
  const place = { keyword: "require", home, runs: [scope] } as const;
  const condition = checkCondition(context, place, item.condition);
  const note = item.note ? fixedText(context, home.module, item.note) : "";
  return condition ? [{ condition, note }] : [];
}

/** Says E0307 where no values of the domains of `params` satisfy all of `requirements`; true: none was found impossible. */
export function checkPossible(
  context: CheckContext,
  params: ReadonlyMap<string, Bounded>,
  requirements: readonly Requirement[],
  place = (requirement: Requirement) => requirement.condition.place,
): boolean {
  const found = findContradiction(params, requirements);
  if (!found) return true;
  const { condition, note } = found.requirement;
  const names = found.params.map((name) => describeParam(name, params.get(name)));
  const because = `no value of ${names.join(" and ")} can do that`;
  const about = { condition: condition.text, because, note };
  say(context, "E0307", place(found.requirement), about);
  return false;
}

function describeParam(name: string, param: Bounded | undefined): string {
  return param?.domain ? `\`${name}\` (${describeDomain(param.domain)})` : `\`${name}\``;
}

/** Params without a default are given later, so what names one is not asked here. */
function checkDefaults(
  context: CheckContext,
  params: ReadonlyMap<string, Param>,
  { condition, note }: Requirement,
): void {
  const comparisons = condition.comparisons.filter((it) =>
    pathsOf(it).every(([name = ""]) => params.get(name)?.default !== undefined),
  );
  const { holds, actual } = evaluate({ comparisons }, ([name = ""]) => params.get(name)?.default);
  const about = { condition: condition.text, because: `by default ${actual}`, note };
  if (!holds) say(context, "E0307", condition.place, about);
}
