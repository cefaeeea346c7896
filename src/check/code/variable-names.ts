/** E0204: names of params, inputs and outputs that cannot be variables in the language of the step. */
import type { Place } from "../../source/text.ts";
import { type CheckContext, say } from "../context.ts";
import type { RunDraft } from "../draft.ts";
import type { Language } from "../program.ts";
import type { Outputs } from "../step-parts.ts";
import { substituteFor } from "./reserved.ts";

export function checkVariableNames(
  context: CheckContext,
  { scope, steps, shared }: RunDraft,
): void {
  for (const step of steps.values()) {
    if (!step.code) continue;
    const { language, code } = step.code;
    const check = (name: string | undefined, what: string, place: Place) =>
      checkName(context, { name, what, place }, language);
    for (const name of step.params) {
      const param = scope.params.get(name);
      if (param) check(name, "param", param.place);
    }
    for (const { param } of step.arguments ?? []) check(param.name, "param", param.place);
    for (const { variable, output, place } of step.parts.inputs)
      check(variable, `input ${output.text} as`, place);
    if (code.kind === "script") continue;
    for (const outputs of [step.parts, shared]) checkOutputNames(outputs, check);
  }
}

/** A script may log its outputs by key, and a standard call has no variable. */
function checkOutputNames(
  { metrics, artifacts, models }: Outputs,
  check: (name: string | undefined, what: string, place: Place) => void,
): void {
  for (const { variable, call, place } of metrics) if (!call) check(variable, "metric", place);
  for (const { variable, place } of artifacts) check(variable, "artifact", place);
  for (const { variable, place } of models) check(variable, "model", place);
}

const languageWords: Readonly<Record<Language, string>> = {
  r: "R",
  js: "JavaScript",
  ts: "TypeScript",
};

/** `what` is the item's beginning, which with another name says what to write. */
function checkName(
  context: CheckContext,
  variable: {
    readonly name: string | undefined;
    readonly what: string;
    readonly place: Place;
  },
  code: Language,
): void {
  const { name, what, place } = variable;
  const substitute = name === undefined ? undefined : substituteFor(name, code);
  if (name === undefined || substitute === undefined) return;
  const language = languageWords[code];
  say(context, "E0204", place, { name, language, instead: `${what} ${substitute}` });
}
