/** Where an input comes from: the step, run, winner or file that gives it, and what it is there. */
import { suggest } from "../source/suggest.ts";
import type { Edit } from "../source/diagnostic.ts";
import type { Name, SourceNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import type { RunDraft, RunDrafts, StepDraft } from "./draft.ts";
import { formatOf } from "./outputs.ts";
import { findFile, isStandard, sayMended } from "./paths.ts";
import type { InputSource, Language, OutputRef } from "./program.ts";
import { type Declared, type ModuleScope, lookUp, placeOf, sayUnknown } from "./scope.ts";
import { dataSetAt, dataSets } from "./std/data-sets.ts";
import { type Outputs, type WrittenInput, noOutputs } from "./step-parts.ts";
import { fixedText } from "./texts.ts";

/** The source of `input`, a variable of a step in `run`; undefined after a finding. */
export function findSource(
  context: CheckContext,
  drafts: RunDrafts,
  run: RunDraft,
  input: WrittenInput,
): InputSource | undefined {
  const { from } = input;
  switch (from.kind) {
    case "step":
      return fromStep(context, run, input, from.step);
    case "run":
      return fromRun(context, drafts, input, from.run);
    case "run-id":
      return fromRunId(context, input, from);
    case "best":
      return fromBest(context, drafts, input, from.of);
    case "file":
      return fromFile(context, input, from);
    default:
      return from satisfies never;
  }
}

/** The runs that `declared` makes: a run itself, those a sweep or a compare names. Unknown names are said elsewhere. */
export function runsOf(
  declared: Declared,
  seen: ReadonlySet<Declared> = new Set(),
): readonly Extract<Declared, { kind: "run" }>[] {
  if (seen.has(declared)) return [];
  const others = new Set([...seen, declared]);
  const { home } = declared;
  const named = (name: Name) => {
    const found = home.names.get(name.text);
    return found ? runsOf(found, others) : [];
  };
  switch (declared.kind) {
    case "run":
      return [declared];
    case "sweep":
      return named(declared.node.of);
    case "compare":
      return declared.node.block.items.flatMap((it) =>
        it.kind === "runs" ? it.names.flatMap(named) : [],
      );
    case "launch":
    case "template":
      return [];
    default:
      return declared satisfies never;
  }
}

function fromStep(
  context: CheckContext,
  run: RunDraft,
  input: WrittenInput,
  name: Name,
): InputSource | undefined {
  const step = run.steps.get(name.text);
  if (!step || step.implicit) return sayNoStep(context, run, input, name);
  const output = outputOfStep(step, input.output.text);
  if (output) return { kind: "step", step: step.name, output };
  const source = { what: `the step \`${step.name}\``, steps: [step], shared: noOutputs };
  if (step.complete) sayNoOutput(context, input, source, elsewhereIn(run, input, name));
  return undefined;
}

function sayNoStep(
  context: CheckContext,
  run: RunDraft,
  input: WrittenInput,
  name: Name,
): undefined {
  const among = [...run.steps.values()].filter((it) => !it.implicit).map((it) => it.name);
  const actual = input.home.names.get(name.text)?.kind;
  const about = { kind: "step", among, actual, instead: sourceWords(actual, name) };
  if (run.scope.complete) sayUnknown(context, input.home, name, about);
}

/** What to write after `from` for something that is no step. */
function sourceWords(actual: Declared["kind"] | undefined, { text }: Name): string | undefined {
  if (actual === "run") return `run ${text}`;
  return actual === "sweep" || actual === "compare" ? `best of ${text}` : undefined;
}

/** The step of the run that does give the input, where there is one. */
function elsewhereIn(run: RunDraft, input: WrittenInput, name: Name): Elsewhere {
  const wanted = input.output.text;
  for (const step of run.steps.values())
    if (outputOfStep(step, wanted))
      return {
        hint: `\`${step.name}\` gives it: write \`from ${step.name}\``,
        edits: [{ place: placeOf(input.home, name), replacement: step.name }],
      };
  const hint = run.scope.metrics.has(wanted)
    ? "it is a metric of the run, and no input"
    : undefined;
  return { hint, edits: [] };
}

function fromRun(
  context: CheckContext,
  drafts: RunDrafts,
  input: WrittenInput,
  name: Name,
): InputSource | undefined {
  const declared = lookUp(context, input.home, name, ["run"]);
  const draft = declared && drafts.get(declared.node);
  const output = draft && outputOfRun(context, draft, input);
  return output && { kind: "run", run: name.text, output };
}

function fromBest(
  context: CheckContext,
  drafts: RunDrafts,
  input: WrittenInput,
  name: Name,
): InputSource | undefined {
  const declared = lookUp(context, input.home, name, ["compare", "sweep"]);
  if (!declared) return undefined;
  const runs = new Set(runsOf(declared).map(({ node }) => node));
  const outputs = [...runs].map((node) => {
    const draft = drafts.get(node);
    return draft && outputOfRun(context, draft, input);
  });
  const [output, ...others] = outputs;
  if (!output || others.includes(undefined)) return undefined;
  if (others.some((it) => JSON.stringify(it) !== JSON.stringify(output)))
    sayDifferent(context, input, name);
  return { kind: "best", of: name.text, output };
}

function sayDifferent(context: CheckContext, input: WrittenInput, name: Name): void {
  say(context, "E0402", input.at, {
    source: `\`${name.text}\``,
    name: input.output.text,
    known: [],
    suggestion: undefined,
    hint: "its runs have one of that name in several forms: declare it with the same format and path in each",
  });
}

/** What a run gives under the name of `input`; undefined after a finding. */
function outputOfRun(
  context: CheckContext,
  draft: RunDraft,
  input: WrittenInput,
): OutputRef | undefined {
  const steps = [...draft.steps.values()];
  for (const step of steps) {
    const output = outputOfStep(step, input.output.text);
    if (output) return output;
  }
  const language = steps.find((it) => it.code)?.code?.language ?? "r";
  const output = outputIn(draft.shared, language, input.output.text);
  if (output) return output;
  const { node, complete, metrics } = draft.scope;
  const source = { what: `the run \`${node.name.text}\``, steps, shared: draft.shared };
  const isMetric = metrics.has(input.output.text);
  const hint = isMetric ? "it is a metric of the run, and no input" : undefined;
  if (complete) sayNoOutput(context, input, source, { hint, edits: [] });
  return undefined;
}

function outputOfStep({ parts, code }: StepDraft, name: string): OutputRef | undefined {
  return outputIn(parts, code?.language ?? "r", name);
}

function outputIn(
  { artifacts, models }: Outputs,
  language: Language,
  name: string,
): OutputRef | undefined {
  const artifact = artifacts.find(({ key }) => key === name);
  if (artifact) return { kind: "artifact", path: artifact.path, format: artifact.format };
  const model = models.find(({ key }) => key === name);
  return model && { kind: "model", path: model.path, flavor: model.flavor, language };
}

interface Elsewhere {
  /** What to do where something better than the list of names is known. */
  readonly hint: string | undefined;
  readonly edits: readonly Edit[];
}

function sayNoOutput(
  context: CheckContext,
  input: WrittenInput,
  source: {
    readonly what: string;
    readonly steps: readonly StepDraft[];
    readonly shared: Outputs;
  },
  { hint, edits }: Elsewhere,
): void {
  const name = input.output.text;
  const known = [source.shared, ...source.steps.map(({ parts }) => parts)].flatMap((it) =>
    [...it.artifacts, ...it.models].map(({ key }) => key),
  );
  const suggestion = hint === undefined ? suggest(name, known) : undefined;
  const { at } = input;
  const written = at.source.text.slice(at.span.start, at.span.end);
  const mended =
    suggestion !== undefined && written === name ? [{ place: at, replacement: suggestion }] : edits;
  const about = { source: source.what, name, known, suggestion, hint };
  say(context, "E0402", at, about, { edits: mended });
}

function fromRunId(
  context: CheckContext,
  input: WrittenInput,
  from: Extract<SourceNode, { kind: "run-id" }>,
): InputSource {
  const id = fixedText(context, input.home.module, from.id);
  if (!/^[a-zA-Z0-9][\w-]{0,255}$/u.test(id)) {
    const because = "it is no id of a run";
    say(context, "E0501", placeOf(input.home, from.id), { kind: "run", key: id, because });
  }
  return { kind: "run-id", id, output: input.output.text };
}

function fromFile(
  context: CheckContext,
  { home }: WrittenInput,
  from: Extract<SourceNode, { kind: "file" }>,
): InputSource | undefined {
  const written = from.path.parts.every((it) => typeof it === "string")
    ? from.path.parts.join("")
    : "";
  if (isStandard(written)) return fromData(context, home, from, written);
  const found = findFile(context, home, from.path);
  if (!found) return undefined;
  const { path, kind } = found;
  const format = from.format?.name ?? (kind === "folder" ? "folder" : formatOf(path));
  if ((kind === "folder") !== (format === "folder")) {
    const because = kind === "folder" ? "is a folder" : "is a file, not a folder";
    say(context, "E0406", placeOf(home, from.path), { path, because, suggestion: undefined });
  }
  return { kind: "file", path, format };
}

function fromData(
  context: CheckContext,
  home: ModuleScope,
  from: Extract<SourceNode, { kind: "file" }>,
  path: string,
): InputSource | undefined {
  const found = dataSetAt(path);
  if (found)
    return { kind: "data", path, format: from.format?.name ?? "csv", sha256: found.sha256 };
  const paths = [...dataSets.values()].map((one) => one.path);
  const because = "is no data set of the standard library";
  return sayMended(context, home, from.path, { path, because, suggestion: suggest(path, paths) });
}
