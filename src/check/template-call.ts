/** A call of a template: its arguments become typed values, its params and inputs get them, and a step is made. */
import type { Binding, Block, Name, PathValue, SourceNode, StepNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { contains, describeDomain, describeValue, formatParam } from "./domain.ts";
import type { TemplateDraft } from "./draft.ts";
import { readable } from "./items.ts";
import type { Param, StepArgument, Template, Value } from "./program.ts";
import { type ModuleScope, placeOf, sayUnknown } from "./scope.ts";
import type { StepParts, WrittenInput } from "./step-parts.ts";
import { substitute } from "./texts.ts";
import { readValue, sourceOf } from "./values.ts";

/** Where a template is called. */
export interface Caller {
  readonly home: ModuleScope;
  readonly step: StepNode;
  readonly params: ReadonlyMap<string, Param>;
  /** Names of the run's steps. */
  readonly steps: ReadonlySet<string>;
  /** False when part of the run could not be read. */
  readonly complete: boolean;
}

export interface CalledTemplate {
  readonly arguments: readonly StepArgument[];
  readonly parts: StepParts;
  /** Names of params of the run that the step sees: those of the template's own file, where the run has them. */
  readonly params: readonly string[];
}

export function callTemplate(
  context: CheckContext,
  caller: Caller,
  template: TemplateDraft,
  block: Block<Binding>,
): CalledTemplate {
  const bindings = readBindings(context, caller, template, block);
  const given = [...argumentsOf(caller, template).values()].map((param) =>
    readArgument(context, caller, param, bindings.get(param.name)),
  );
  const { parts } = template;
  const inputs = parts.inputs.flatMap((it) => bindInput(context, caller, it, bindings) ?? []);
  const seen = parts.uses && new Set(parts.uses.map(({ text }) => text));
  const shared = template.home === caller.home ? [...caller.home.params.keys()] : [];
  return {
    arguments: given
      .filter((it) => it !== undefined)
      .filter((it) => seen?.has(it.param.name) ?? true),
    parts: { ...fillHoles(parts, given), inputs },
    params: shared.filter((name) => seen?.has(name) ?? true),
  };
}

/** What the template takes as params: its own, and where another file calls it those of its file. */
function argumentsOf(caller: Caller, { home, params }: TemplateDraft): ReadonlyMap<string, Param> {
  return home === caller.home ? params : new Map([...home.params, ...params]);
}

function readBindings(
  context: CheckContext,
  caller: Caller,
  template: TemplateDraft,
  block: Block<Binding>,
): ReadonlyMap<string, Binding> {
  const params = argumentsOf(caller, template);
  const inputs = template.parts.inputs.map(({ variable }) => variable);
  const known = new Set([...params.keys(), ...inputs]);
  const bindings = new Map<string, Binding>();
  for (const binding of readable(block)) {
    const { key } = binding;
    if (!known.has(key.text)) {
      if (template.complete)
        sayUnknown(context, caller.home, key, { kind: argumentKind(template), among: known });
    } else if (bindings.has(key.text))
      say(context, "E0202", placeOf(caller.home, key), { kind: "argument", name: key.text });
    else bindings.set(key.text, binding);
  }
  return bindings;
}

function argumentKind({ node }: TemplateDraft): string {
  return `param or input of the template \`${node.name.text}\`,`;
}

function readArgument(
  context: CheckContext,
  caller: Caller,
  param: Param,
  binding: Binding | undefined,
): StepArgument | undefined {
  if (!binding) return defaultArgument(context, caller, param);
  const { value } = binding;
  if (value.kind === "path") return passParam(context, caller, param, value);
  const read = readValue(context, caller.home.module, value, param.type, param.nullable);
  if (read === undefined) return undefined;
  checkInside(context, caller, param, { node: value, value: read });
  return { param, value: { value: read } };
}

/** Of a param that is passed on, only its default is known here. */
function checkInside(
  context: CheckContext,
  { home }: Caller,
  { name, domain }: Param,
  given: { readonly node: Binding["value"]; readonly value: Value },
): void {
  const { node, value } = given;
  if (value === null || !domain || contains(domain, value)) return;
  const about = { name, value: describeValue(value), domain: describeDomain(domain) };
  say(context, "E0302", placeOf(home, node), about);
}

function defaultArgument(
  context: CheckContext,
  caller: Caller,
  param: Param,
): StepArgument | undefined {
  if (param.default !== undefined) return { param, value: { value: param.default } };
  sayMissing(context, caller, "param", param.name);
  return undefined;
}

function sayMissing(context: CheckContext, caller: Caller, kind: string, name: string): void {
  const { step, home, complete } = caller;
  if (!complete) return;
  const where = `the step \`${step.name.text}\``;
  say(context, "E0306", placeOf(home, step.name), { kind, name, where });
}

/** `cp = share`: a param of the run, of a type that fits. */
function passParam(
  context: CheckContext,
  caller: Caller,
  param: Param,
  value: PathValue,
): StepArgument | undefined {
  const { home } = caller;
  const name = { text: value.names.map(({ text }) => text).join("."), span: value.span };
  const passed = caller.params.get(name.text);
  if (!passed) {
    if (caller.complete && home.complete)
      sayUnknown(context, home, name, { kind: "param", among: caller.params.keys() });
    return undefined;
  }
  if (!isAssignable(passed, param)) {
    const expected = `${param.type}${param.nullable ? "?" : ""}`;
    const found = `${sourceOf(home.module, value)}: ${passed.type}${passed.nullable ? "?" : ""}`;
    const fix = "pass a param of that type, or a value";
    say(context, "E0301", placeOf(home, value), { found, expected: `of type ${expected}`, fix });
  }
  checkInside(context, caller, param, { node: value, value: passed.default ?? null });
  return { param, value: { runParam: passed.name } };
}

function isAssignable(from: Param, to: Param): boolean {
  const isSame = from.type === to.type || (from.type === "int" && to.type === "float");
  return isSame && (to.nullable || !from.nullable);
}

/** The input with what the call says; else with the template's own source, which for a step is one of the calling run. */
function bindInput(
  context: CheckContext,
  caller: Caller,
  input: WrittenInput,
  bindings: ReadonlyMap<string, Binding>,
): WrittenInput | undefined {
  const binding = bindings.get(input.variable);
  if (binding) return bindTo(context, caller, input, binding);
  const { from } = input;
  if (from.kind !== "step" || caller.steps.has(from.step.text)) return input;
  sayMissing(context, caller, "input", input.variable);
  return undefined;
}

/** `train = split`, `train = split.rows` or `train = "data/train.csv"`. */
function bindTo(
  context: CheckContext,
  { home }: Caller,
  input: WrittenInput,
  { value }: Binding,
): WrittenInput | undefined {
  const place = placeOf(home, value);
  const from = sourceIn(value);
  if (from) return { ...input, ...from, home, at: place };
  const found = sourceOf(home.module, value);
  const fix = "write a step, `step.output` or a file's path in quotes";
  say(context, "E0301", place, { found, expected: "a source of an input", fix });
  return undefined;
}

function sourceIn(
  value: Binding["value"],
): { readonly from: SourceNode; readonly output?: Name } | undefined {
  const { span } = value;
  if (value.kind === "text")
    return { from: { kind: "file", span, path: value, format: undefined } };
  if (value.kind !== "path" || value.names.length > 2) return undefined;
  const [step, output] = value.names;
  if (!step) return undefined;
  const from: SourceNode = { kind: "step", span, step };
  return output ? { from, output } : { from };
}

/** Holes that name a template's param say what the call gave it. */
function fillHoles(parts: StepParts, given: readonly (StepArgument | undefined)[]): StepParts {
  const values = new Map<string, Template>();
  for (const argument of given) if (argument) values.set(argument.param.name, asTemplate(argument));
  const env = Object.entries(parts.env).map(([name, it]) => [name, substitute(it, values)]);
  const models = parts.models.map((model) => ({
    ...model,
    tags: model.tags.map(({ key, value }) => ({ key, value: substitute(value, values) })),
  }));
  return { ...parts, models, env: Object.fromEntries(env) as StepParts["env"] };
}

function asTemplate({ param, value }: StepArgument): Template {
  return "runParam" in value
    ? [{ hole: [value.runParam] }]
    : [formatParam(value.value, param.type)];
}
