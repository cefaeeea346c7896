/** A run of the program from its draft: linked steps, conditions and contract. */
import type { RunItem } from "../syntax/ast.ts";
import { checkCondition } from "./condition.ts";
import type { CheckContext } from "./context.ts";
import { checkContract } from "./contract.ts";
import type { RunDraft, RunDrafts } from "./draft.ts";
import { type Experiments, experimentOf } from "./experiment.ts";
import { ofKind, only } from "./items.ts";
import { linkSteps } from "./link.ts";
import type { Run } from "./program.ts";
import { checkRequirements } from "./requirement.ts";
import { type CheckedRuns, placeOf } from "./scope.ts";
import { readTags } from "./tags.ts";
import { readTemplate } from "./texts.ts";

export function linkRuns(
  context: CheckContext,
  drafts: RunDrafts,
  experiments: Experiments,
): CheckedRuns {
  return new Map(
    [...drafts].map(([node, draft]) => {
      const run = linkRun(context, drafts, draft, experiments);
      return [node, { scope: draft.scope, run }];
    }),
  );
}

function linkRun(
  context: CheckContext,
  drafts: RunDrafts,
  draft: RunDraft,
  experiments: Experiments,
): Run {
  const { scope, items, shared, holes } = draft;
  const { node, home, params, seed } = scope;
  const { module } = home;
  const name = only(context, module, items, "name")?.value;
  const contract = only(context, module, items, "reproducible");
  const { metrics, artifacts, models } = shared;
  return {
    name: node.name.text,
    displayName: name && readTemplate(context, module, name, holes),
    experiment: experimentOf(context, experiments, scope, items),
    params: [...params.values()],
    tags: readTags(context, module, items, holes),
    seed,
    requires: checkRequirements(context, scope, ofKind(items, "require")),
    steps: linkSteps(context, drafts, draft),
    shared: { metrics, artifacts, models },
    expects: readExpects(context, draft, items),
    contract: contract && checkContract(context, scope, contract),
    doc: node.doc?.text ?? "",
    place: placeOf(home, node.name),
  };
}

function readExpects(context: CheckContext, { scope }: RunDraft, items: readonly RunItem[]) {
  const { home } = scope;
  return ofKind(items, "expect").flatMap(
    ({ condition }) =>
      checkCondition(context, { keyword: "expect", home, runs: [scope] }, condition) ?? [],
  );
}
