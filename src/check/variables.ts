/** Names within a run: outputs are unique in it, and each step's variables are different from one another. */
import type { Place } from "../source/text.ts";
import { type Stored, checkOverlaps } from "./artifact-paths.ts";
import { type CheckContext, say } from "./context.ts";
import type { StepDraft } from "./draft.ts";
import type { Param } from "./program.ts";
import type { Outputs } from "./step-parts.ts";

interface Declaration {
  readonly kind: "metric" | "artifact" | "model";
  readonly key: string;
  readonly path: string | undefined;
  /** Where the run declares it: for an output of a template, the call. */
  readonly place: Place;
}

/** Says E0202 for outputs of one name, and E0505 for outputs at one path. */
export function checkOutputs(
  context: CheckContext,
  shared: Outputs,
  steps: Iterable<StepDraft>,
): void {
  const first = new Map<string, Declaration>();
  declareOutputs(context, first, shared, undefined);
  for (const { parts, place, arguments: given } of steps)
    declareOutputs(context, first, parts, given && place);
  const stored: Stored[] = [];
  for (const { key: name, path, place } of first.values())
    if (path !== undefined) stored.push({ name, path, place });
  if (stored.length > 1) checkOverlaps(context, stored);
}

function declareOutputs(
  context: CheckContext,
  first: Map<string, Declaration>,
  { metrics, artifacts, models }: Outputs,
  at: Place | undefined,
): void {
  const declare = (output: Declaration) => {
    const earlier = first.get(output.key);
    if (earlier) sayTwice(context, output, earlier);
    else first.set(output.key, output);
  };
  for (const { key, place } of metrics)
    declare({ kind: "metric", key, path: undefined, place: at ?? place });
  for (const { key, path, place } of artifacts)
    declare({ kind: "artifact", key, path, place: at ?? place });
  for (const { key, path, place } of models)
    declare({ kind: "model", key, path, place: at ?? place });
}

function sayTwice(context: CheckContext, output: Declaration, earlier: Declaration): void {
  const related = [{ place: earlier.place, note: `the ${earlier.kind} is declared here` }];
  say(context, "E0202", output.place, { kind: output.kind, name: output.key }, { related });
}

interface Variable {
  readonly kind: "param" | "input" | "secret" | "metric" | "artifact" | "model";
  readonly name: string;
  readonly place: Place;
}

/** Says E0203 where two variables of a step have one name, or one has the name of what mlpipe gives to all code. */
export function checkVariables(
  context: CheckContext,
  step: StepDraft,
  around: {
    readonly params: ReadonlyMap<string, Param>;
    readonly shared: Outputs;
    readonly hasSeed: boolean;
  },
): void {
  const first = new Map<string, Variable>();
  for (const variable of variablesOf(step, around)) {
    const earlier = first.get(variable.name);
    if (isGiven(variable.name, around.hasSeed)) sayGiven(context, variable);
    else if (!earlier) first.set(variable.name, variable);
    else if (!isOutput(earlier) || !isOutput(variable)) sayClash(context, variable, earlier);
  }
}

function isGiven(name: string, hasSeed: boolean): boolean {
  return name === "params" || name === "run" || (hasSeed && name === "seed");
}

function variablesOf(
  { parts, params, arguments: given }: StepDraft,
  around: { readonly params: ReadonlyMap<string, Param>; readonly shared: Outputs },
): readonly Variable[] {
  const all: Variable[] = [];
  for (const name of params) {
    const param = around.params.get(name);
    if (param) all.push({ kind: "param", name, place: param.place });
  }
  for (const { param } of given ?? [])
    all.push({ kind: "param", name: param.name, place: param.place });
  for (const { variable: name, place } of parts.inputs) all.push({ kind: "input", name, place });
  for (const { variable: name, place } of parts.secrets) all.push({ kind: "secret", name, place });
  addOutputs(all, parts);
  addOutputs(all, around.shared);
  return all;
}

function addOutputs(all: Variable[], { metrics, artifacts, models }: Outputs): void {
  for (const { key: name, place } of metrics) all.push({ kind: "metric", name, place });
  for (const { key: name, place } of artifacts) all.push({ kind: "artifact", name, place });
  for (const { key: name, place } of models) all.push({ kind: "model", name, place });
}

/** Two outputs of one name are said elsewhere. */
function isOutput({ kind }: Variable): boolean {
  return kind === "metric" || kind === "artifact" || kind === "model";
}

function sayGiven(context: CheckContext, { kind, name, place }: Variable): void {
  say(context, "E0203", place, { kind, name, other: "what mlpipe gives to all code" });
}

function sayClash(context: CheckContext, variable: Variable, earlier: Variable): void {
  const { kind, name, place } = variable;
  const related = [{ place: earlier.place, note: `the ${earlier.kind} is declared here` }];
  if (kind === earlier.kind) say(context, "E0202", place, { kind, name }, { related });
  else say(context, "E0203", place, { kind, name, other: `the ${earlier.kind}` }, { related });
}
