/** Names within a run: outputs are unique in it, and each step's variables are different from one another. */
import type { Place } from "../source/text.ts";
import { checkOverlaps } from "./artifact-paths.ts";
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
  const declared = [...declarationsOf(shared, undefined)];
  for (const step of steps)
    declared.push(...declarationsOf(step.parts, step.arguments ? step.place : undefined));
  const first = new Map<string, Declaration>();
  for (const output of declared) {
    const earlier = first.get(output.key);
    if (earlier) sayTwice(context, output, earlier);
    else first.set(output.key, output);
  }
  checkOverlaps(
    context,
    [...first.values()].flatMap(({ key, path, place }) =>
      path === undefined ? [] : [{ name: key, path, place }],
    ),
  );
}

function declarationsOf(outputs: Outputs, at: Place | undefined): readonly Declaration[] {
  const { metrics, artifacts, models } = outputs;
  const declared = [
    ...metrics.map(({ key, place }) => ({ kind: "metric", key, path: undefined, place }) as const),
    ...artifacts.map(({ key, path, place }) => ({ kind: "artifact", key, path, place }) as const),
    ...models.map(({ key, path, place }) => ({ kind: "model", key, path, place }) as const),
  ];
  return at ? declared.map((it) => ({ ...it, place: at })) : declared;
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
  const given = new Set(["params", "run", ...(around.hasSeed ? ["seed"] : [])]);
  const first = new Map<string, Variable>();
  for (const variable of variablesOf(step, around)) {
    const earlier = first.get(variable.name);
    if (given.has(variable.name)) sayGiven(context, variable);
    else if (!earlier) first.set(variable.name, variable);
    else if (!isOutput(earlier) || !isOutput(variable)) sayClash(context, variable, earlier);
  }
}

function variablesOf(
  { parts, params, arguments: given }: StepDraft,
  around: { readonly params: ReadonlyMap<string, Param>; readonly shared: Outputs },
): readonly Variable[] {
  const seen = params.flatMap((name) => around.params.get(name) ?? []);
  return [
    ...seen.map(({ name, place }) => named("param", name, place)),
    ...(given ?? []).map(({ param: { name, place } }) => named("param", name, place)),
    ...parts.inputs.map(({ variable, place }) => named("input", variable, place)),
    ...parts.secrets.map(({ variable, place }) => named("secret", variable, place)),
    ...outputVariables(parts),
    ...outputVariables(around.shared),
  ];
}

function outputVariables({ metrics, artifacts, models }: Outputs): readonly Variable[] {
  return [
    ...metrics.map(({ key, place }) => named("metric", key, place)),
    ...artifacts.map(({ key, place }) => named("artifact", key, place)),
    ...models.map(({ key, place }) => named("model", key, place)),
  ];
}

function named(kind: Variable["kind"], name: string, place: Place): Variable {
  return { kind, name, place };
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
