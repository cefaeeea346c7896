/** A run's own rules: its params, seed, steps and outputs. What its inputs come from is linked when all runs are drafted. */
import type { RunItem, RunNode, SeedItem, StepNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { type Around, draftImplicitStep, draftStep } from "./draft-step.ts";
import type { RunDraft, RunDrafts, StepDraft } from "./draft.ts";
import { isWhole, ofKind, only, readable } from "./items.ts";
import type { Artifact, Metric, Model, Param } from "./program.ts";
import { readOwnParams } from "./run-params.ts";
import { type ModuleScope, type RunScope, placeOf } from "./scope.ts";
import { sayBesideSteps } from "./step-code.ts";
import { type Outputs, noOutputs, readStepParts } from "./step-parts.ts";
import type { Templates } from "./template.ts";
import { holesOf } from "./texts.ts";
import { sourceOf } from "./values.ts";
import { checkOutputs, checkVariables } from "./variables.ts";

/** R takes seeds of 32 bits, and the lowest of these is its missing value. */
const largestSeed = 2 ** 31 - 1;

export function draftRuns(
  context: CheckContext,
  homes: Iterable<ModuleScope>,
  templates: Templates,
): RunDrafts {
  const drafts = new Map<RunNode, RunDraft>();
  for (const home of homes)
    for (const declared of home.own.values())
      if (declared.kind === "run")
        drafts.set(declared.node, draftRun(context, home, declared.node, templates));
  return drafts;
}

function draftRun(
  context: CheckContext,
  home: ModuleScope,
  node: RunNode,
  templates: Templates,
): RunDraft {
  const items = readable(node.block);
  const around = readAround(context, home, node, items, templates);
  const steps = draftSteps(context, around, ofKind(items, "step"));
  const isNamed = ofKind(items, "step").length > 0;
  const shared = isNamed ? around.parts : noOutputs;
  const seed = readSeed(context, home, items);
  checkOutputs(context, shared, steps.values());
  for (const step of steps.values())
    checkVariables(context, step, { params: around.params, shared, hasSeed: seed !== undefined });
  const complete = around.complete && [...steps.values()].every((it) => it.complete);
  const all = [shared, ...[...steps.values()].map(({ parts }) => parts)];
  const scope = { node, home, complete, params: around.params, seed, ...outputsByKey(all) };
  return { scope, items, steps, shared, holes: around.holes };
}

function readAround(
  context: CheckContext,
  home: ModuleScope,
  node: RunNode,
  items: readonly RunItem[],
  templates: Templates,
): Around {
  const own = readOwnParams(context, home, ofKind(items, "param"));
  const params = own.size === 0 ? home.params : new Map<string, Param>([...home.params, ...own]);
  const complete = isWhole(node.block) && home.complete;
  const hasSeed = items.some(({ kind }) => kind === "seed");
  const holes = holesOf(params.keys(), { hasSeed, isComplete: complete });
  const parts = readStepParts(context, home, items, holes);
  const steps = new Set(ofKind(items, "step").map(({ name }) => name.text));
  return { node, home, params, holes, parts, steps, complete, templates };
}

function draftSteps(
  context: CheckContext,
  around: Around,
  nodes: readonly StepNode[],
): ReadonlyMap<string, StepDraft> {
  const { name } = around.node;
  if (nodes.length === 0) return new Map([[name.text, draftImplicitStep(context, around)]]);
  const [code] = around.parts.codePlaces;
  if (code) sayBesideSteps(context, name, code);
  const steps = new Map<string, StepDraft>();
  for (const node of nodes) {
    const step = draftStep(context, around, node);
    const earlier = steps.get(step.name);
    if (earlier) sayTwice(context, step, earlier);
    else steps.set(step.name, step);
  }
  return steps;
}

function sayTwice(context: CheckContext, step: StepDraft, earlier: StepDraft): void {
  const related = [{ place: earlier.place, note: "it is first declared here" }];
  say(context, "E0202", step.place, { kind: "step", name: step.name }, { related });
}

function readSeed(
  context: CheckContext,
  home: ModuleScope,
  items: readonly RunItem[],
): number | undefined {
  const item: SeedItem | undefined = only(context, home.module, items, "seed");
  if (!item) return undefined;
  const { value } = item.value;
  if (!Number.isInteger(value) || Math.abs(value) > largestSeed)
    say(context, "E0301", placeOf(home, item.value), {
      found: sourceOf(home.module, item.value),
      expected: "a seed",
      fix: `write a whole number within ±${largestSeed}`,
    });
  return value;
}

function outputsByKey(all: readonly Outputs[]): Pick<RunScope, keyof Outputs> {
  const metrics = new Map<string, Metric>();
  const artifacts = new Map<string, Artifact>();
  const models = new Map<string, Model>();
  for (const outputs of all) {
    for (const it of outputs.metrics) metrics.set(it.key, it);
    for (const it of outputs.artifacts) artifacts.set(it.key, it);
    for (const it of outputs.models) models.set(it.key, it);
  }
  return { metrics, artifacts, models };
}
