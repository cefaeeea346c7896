/** The steps of a run: written with a block, made from a template, or the run itself. */
import type { Block, Name, Node, ParamItem, RunNode, StepItem, StepNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import type { StepDraft } from "./draft.ts";
import { isWhole, ofKind, readable } from "./items.ts";
import type { Param } from "./program.ts";
import { type ModuleScope, lookUp, placeOf, sayUnknown } from "./scope.ts";
import { onlyCode } from "./step-code.ts";
import { type StepParts, noOutputs, readStepParts } from "./step-parts.ts";
import { callTemplate } from "./template-call.ts";
import type { Templates } from "./template.ts";
import type { HoleNames } from "./texts.ts";

/** What the steps of a run get from it. */
export interface Around {
  readonly node: RunNode;
  readonly home: ModuleScope;
  readonly params: ReadonlyMap<string, Param>;
  readonly holes: HoleNames;
  /** What the run says for all its steps. */
  readonly parts: StepParts;
  readonly steps: ReadonlySet<string>;
  /** False when part of the run or of its file could not be read. */
  readonly complete: boolean;
  readonly templates: Templates;
}

/** The one step of a run that holds its code directly. */
export function draftImplicitStep(context: CheckContext, around: Around): StepDraft {
  const { node, home, parts, complete } = around;
  return {
    name: node.name.text,
    place: placeOf(home, node.name),
    implicit: true,
    complete,
    home,
    code: onlyCode(context, home, { name: node.name, parts, complete }),
    parts,
    params: paramsSeen(context, around, home, parts),
    arguments: undefined,
    doc: node.doc?.text ?? "",
  };
}

export function draftStep(context: CheckContext, around: Around, step: StepNode): StepDraft {
  const { name, doc, body } = step;
  const made =
    body.kind === "block"
      ? draftBlock(context, around, name, body.block)
      : draftCall(context, around, step, body);
  const place = placeOf(around.home, name);
  return { name: name.text, place, implicit: false, doc: doc?.text ?? "", ...made };
}

type Made = Omit<StepDraft, "name" | "place" | "implicit" | "doc"> & { readonly doc?: string };

function draftBlock(
  context: CheckContext,
  around: Around,
  name: Name,
  block: Block<StepItem | ParamItem>,
): Made {
  const { home, holes } = around;
  const complete = isWhole(block);
  const items = readable(block);
  for (const { key } of ofKind(items, "param")) sayParamInStep(context, home, name, key);
  const own = readStepParts(context, home, items, holes);
  const code = onlyCode(context, home, { name, parts: own, complete });
  const parts = inherit(around.parts, own);
  const params = paramsSeen(context, around, home, parts);
  return { complete, home, code, parts, params, arguments: undefined };
}

function sayParamInStep(context: CheckContext, home: ModuleScope, step: Name, key: Node): void {
  const because = "has a param of its own";
  const fix = "declare the param in the run; `uses` narrows which steps see it";
  say(context, "E0405", placeOf(home, key), { step: step.text, because, fix });
}

function draftCall(
  context: CheckContext,
  around: Around,
  step: StepNode,
  body: Extract<StepNode["body"], { kind: "call" }>,
): Made {
  const { home } = around;
  const declared = lookUp(context, home, body.template, ["template"]);
  const template = declared && around.templates.get(declared.node);
  if (!template) return unknownStep(around);
  const called = callTemplate(context, { ...around, step }, template, body.block);
  const doc = step.doc?.text ?? template.node.doc?.text ?? "";
  return {
    complete: template.complete && isWhole(body.block),
    home: template.home,
    code: template.code,
    parts: inherit(around.parts, called.parts),
    params: called.params,
    arguments: called.arguments,
    doc,
  };
}

/** A step of which nothing is known. */
function unknownStep({ home, parts }: Around): Made {
  const nothing = { code: undefined, params: [], arguments: undefined };
  return { complete: false, home, parts: { ...parts, ...noOutputs }, ...nothing };
}

/** What the run says for all its steps, and what the step says for itself; a step's own word goes before. */
function inherit(run: StepParts, own: StepParts): StepParts {
  return {
    ...own,
    inputs: [...run.inputs, ...own.inputs],
    secrets: [...run.secrets, ...own.secrets],
    env: { ...run.env, ...own.env },
    resources: own.resources ?? run.resources,
    timeoutMs: own.timeoutMs ?? run.timeoutMs,
    cache: run.cache && own.cache,
    after: [...run.after, ...own.after],
    uses: own.uses ?? run.uses,
  };
}

/** Names of the params that a step of the run sees: those of `uses`, else all. */
function paramsSeen(
  context: CheckContext,
  around: Pick<Around, "params" | "complete">,
  home: ModuleScope,
  { uses }: StepParts,
): readonly string[] {
  const { params, complete } = around;
  if (!uses) return [...params.keys()];
  for (const name of uses)
    if (!params.has(name.text) && complete)
      sayUnknown(context, home, name, { kind: "param", among: params.keys() });
  const used = new Set(uses.map(({ text }) => text));
  return [...params.keys()].filter((name) => used.has(name));
}
