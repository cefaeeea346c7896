/** Runs that need one another in a circle, through `from run` and `from best of`: E0403. */
import type { RunNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import type { RunDraft, RunDrafts } from "./draft.ts";
import { findCircles } from "./order.ts";
import { runsOf } from "./sources.ts";
import type { WrittenInput } from "./step-parts.ts";

export function checkRunCircles(context: CheckContext, drafts: RunDrafts): void {
  const needs = new Map<RunNode, readonly RunNode[]>();
  for (const [node, draft] of drafts) needs.set(node, inputsOf(draft).flatMap(nodesBehind));
  for (const circle of findCircles(drafts.keys(), (node) => needs.get(node) ?? []))
    sayCircle(context, drafts, circle);
}

function inputsOf({ steps }: RunDraft): readonly WrittenInput[] {
  return [...steps.values()].flatMap(({ parts }) => parts.inputs);
}

/** The runs that must have finished before `input` is there. */
function nodesBehind({ from, home }: WrittenInput): readonly RunNode[] {
  if (from.kind !== "run" && from.kind !== "best") return [];
  const declared = home.names.get(from.kind === "run" ? from.run.text : from.of.text);
  return declared ? runsOf(declared).map(({ node }) => node) : [];
}

function sayCircle(context: CheckContext, drafts: RunDrafts, circle: readonly RunNode[]): void {
  const [first, second] = circle;
  const draft = first && drafts.get(first);
  if (!draft || !second) return;
  const input = inputsOf(draft).find((it) => nodesBehind(it).includes(second));
  if (input) say(context, "E0403", input.at, { circle: circle.map(({ name }) => name.text) });
}
