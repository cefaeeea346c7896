/** Second pass over runs: inputs are linked to what gives them, steps are put in order, and the run is made. */
import { type CheckContext, say } from "./context.ts";
import type { RunDraft, RunDrafts, StepDraft } from "./draft.ts";
import { findCircles, orderByNeed } from "./order.ts";
import type { Artifact, Input, Language, OutputRef, Step } from "./program.ts";
import { sayUnknown } from "./scope.ts";
import { findSource } from "./sources.ts";
import type { WrittenInput } from "./step-parts.ts";

/** Steps of `run` in dependency order; in order of declaration where they form a circle, which is E0401. */
export function linkSteps(
  context: CheckContext,
  drafts: RunDrafts,
  run: RunDraft,
): readonly Step[] {
  const steps = new Map<string, Step>();
  for (const draft of run.steps.values())
    steps.set(draft.name, linkStep(context, drafts, run, draft));
  const names = [...steps.keys()];
  const needsOf = (name: string) => steps.get(name)?.needs ?? [];
  const ordered = orderByNeed(names, needsOf);
  if (!ordered) for (const circle of findCircles(names, needsOf)) sayCircle(context, run, circle);
  return (ordered ?? names).flatMap((name) => steps.get(name) ?? []);
}

function linkStep(context: CheckContext, drafts: RunDrafts, run: RunDraft, draft: StepDraft): Step {
  const { name, implicit, place, doc, params, parts, code } = draft;
  const inputs = linkInputs(context, drafts, run, draft);
  if (code) for (const it of parts.artifacts) checkWrites(context, it, code.language);
  return {
    name,
    implicit,
    language: code?.language ?? "r",
    code: code?.code ?? { kind: "script", path: "" },
    params,
    ...(draft.arguments ? { arguments: draft.arguments } : {}),
    inputs,
    metrics: parts.metrics,
    artifacts: parts.artifacts,
    models: parts.models,
    secrets: parts.secrets.map(({ variable, from }) => ({ variable, from })),
    env: parts.env,
    resources: parts.resources ?? noResources,
    needs: [...new Set([...stepsIn(inputs), ...readAfter(context, run, draft)])],
    timeoutMs: parts.timeoutMs,
    cache: parts.cache,
    doc,
    place,
  };
}

const noResources = { cpus: undefined, memoryBytes: undefined, gpus: undefined };

function stepsIn(inputs: readonly Input[]): readonly string[] {
  return inputs.flatMap(({ from }) => (from.kind === "step" ? [from.step] : []));
}

function readAfter(
  context: CheckContext,
  run: RunDraft,
  { parts, home }: StepDraft,
): readonly string[] {
  if (parts.after.length === 0) return [];
  const known = [...run.steps.values()].filter((it) => !it.implicit).map((it) => it.name);
  for (const name of parts.after)
    if (!known.includes(name.text) && run.scope.complete)
      sayUnknown(context, home, name, { kind: "step", among: known });
  return parts.after.map(({ text }) => text).filter((name) => known.includes(name));
}

function linkInputs(
  context: CheckContext,
  drafts: RunDrafts,
  run: RunDraft,
  { parts, code }: StepDraft,
): readonly Input[] {
  return parts.inputs.flatMap((input) => {
    const from = findSource(context, drafts, run, input);
    if (!from) return [];
    if (code) checkReads(context, input, formIn(from), code.language);
    return [{ variable: input.variable, from, place: input.place }];
  });
}

function formIn(from: Input["from"]): Pick<OutputRef, "kind"> & Partial<OutputRef> {
  if (from.kind === "file" || from.kind === "data")
    return { kind: "artifact", path: from.path, format: from.format };
  return from.kind === "run-id" ? { kind: "artifact" } : from.output;
}

/** Says E0404 where code of `language` cannot read `output`. */
function checkReads(
  context: CheckContext,
  input: WrittenInput,
  output: Partial<OutputRef>,
  language: Language,
): void {
  const here = platformOf(language);
  const name = input.output.text;
  if (output.kind === "artifact" && output.format === "rds" && here !== "R")
    say(context, "E0404", input.at, { what: "the format `rds`", name, language: here });
  if (output.kind !== "model" || output.flavor !== "crate" || !output.language) return;
  const there = platformOf(output.language);
  if (there !== here) {
    const what = there === "R" ? "an R crate" : "a Node crate";
    say(context, "E0404", input.at, { what, name, language: here });
  }
}

/** Says E0404 where code of `language` cannot write the artifact. */
function checkWrites(
  context: CheckContext,
  { key, format, place }: Artifact,
  language: Language,
): void {
  const here = platformOf(language);
  if (format === "rds" && here !== "R")
    say(context, "E0404", place, { what: "the format `rds`", name: key, language: here });
}

function platformOf(language: Language): "R" | "Node" {
  return language === "r" ? "R" : "Node";
}

function sayCircle(context: CheckContext, run: RunDraft, circle: readonly string[]): void {
  const [first = ""] = circle;
  const place = run.steps.get(first)?.place;
  if (place) say(context, "E0401", place, { circle });
}
