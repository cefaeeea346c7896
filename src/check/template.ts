/** Templates: steps at top level, and the steps that runs make of them. */
import type { StepNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import type { TemplateDraft } from "./draft.ts";
import { isWhole, ofKind, readable } from "./items.ts";
import { readOwnParams } from "./run-params.ts";
import { type ModuleScope, placeOf, sayUnknown } from "./scope.ts";
import { onlyCode } from "./step-code.ts";
import { readStepParts } from "./step-parts.ts";
import { holesOf } from "./texts.ts";

export type Templates = ReadonlyMap<StepNode, TemplateDraft>;

export function readTemplates(context: CheckContext, homes: Iterable<ModuleScope>): Templates {
  const templates = new Map<StepNode, TemplateDraft>();
  for (const home of homes)
    for (const declared of home.own.values())
      if (declared.kind === "template") {
        const template = readTemplateStep(context, home, declared.node);
        if (template) templates.set(declared.node, template);
      }
  return templates;
}

function readTemplateStep(
  context: CheckContext,
  home: ModuleScope,
  node: StepNode,
): TemplateDraft | undefined {
  if (node.body.kind === "call") return sayNoBlock(context, home, node);
  const { block } = node.body;
  const items = readable(block);
  const params = readOwnParams(context, home, ofKind(items, "param"));
  const complete = isWhole(block);
  const names = [...home.params.keys(), ...params.keys()];
  const isComplete = complete && home.complete;
  const parts = readStepParts(context, home, items, holesOf(names, { hasSeed: true, isComplete }));
  for (const name of parts.uses ?? [])
    if (isComplete && !names.includes(name.text))
      sayUnknown(context, home, name, { kind: "param", among: names });
  const code = onlyCode(context, home, { name: node.name, parts, complete });
  return { node, home, complete, code, parts, params };
}

function sayNoBlock(context: CheckContext, home: ModuleScope, node: StepNode): undefined {
  say(context, "E0405", placeOf(home, node.name), {
    step: node.name.text,
    because: "calls a template outside a run",
    fix: "move it into a run, or write the step with a block",
  });
}
