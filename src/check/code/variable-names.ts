/** E0204: names of params, inputs and outputs that cannot be variables in the language of the step. */
import type { Place } from "../../source/text.ts";
import { type CheckContext, say } from "../context.ts";
import type { RunDraft, StepDraft } from "../draft.ts";
import type { Language } from "../program.ts";
import type { Outputs } from "../step-parts.ts";
import { substituteFor } from "./reserved.ts";

/** `what` is the item's beginning, which with the other name says what to write. */
interface Variable {
  readonly name: string;
  readonly what: string;
  readonly place: Place;
}

export function checkVariableNames(
  context: CheckContext,
  { scope, steps, shared }: RunDraft,
): void {
  for (const step of steps.values()) {
    if (!step.code) continue;
    const seen = step.params.flatMap((name) => scope.params.get(name) ?? []);
    const given = (step.arguments ?? []).map(({ param }) => param);
    const params = [...seen, ...given].map(({ name, place }) => ({ name, what: "param", place }));
    const variables = [...params, ...inputsOf(step), ...outputsOf(step, step.parts)];
    for (const variable of variables) checkName(context, variable, step.code.language);
    for (const variable of outputsOf(step, shared))
      checkName(context, variable, step.code.language);
  }
}

function inputsOf({ parts }: StepDraft): readonly Variable[] {
  return parts.inputs.map(({ variable, output, place }) => ({
    name: variable,
    what: `input ${output.text} as`,
    place,
  }));
}

/** A script may log its outputs by key, and a standard call has no variable. */
function outputsOf({ code }: StepDraft, outputs: Outputs): readonly Variable[] {
  if (code?.code.kind !== "fence") return [];
  const metrics = outputs.metrics.filter(({ call }) => !call);
  return [
    ...named("metric", metrics),
    ...named("artifact", outputs.artifacts),
    ...named("model", outputs.models),
  ];
}

function named(
  what: string,
  outputs: readonly { readonly variable: string | undefined; readonly place: Place }[],
): readonly Variable[] {
  return outputs.flatMap(({ variable, place }) =>
    variable === undefined ? [] : [{ name: variable, what, place }],
  );
}

const languageWords: Readonly<Record<Language, string>> = {
  r: "R",
  js: "JavaScript",
  ts: "TypeScript",
};

function checkName(context: CheckContext, { name, what, place }: Variable, code: Language): void {
  const substitute = substituteFor(name, code);
  if (substitute === undefined) return;
  const language = languageWords[code];
  say(context, "E0204", place, { name, language, instead: `${what} ${substitute}` });
}
