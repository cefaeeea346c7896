/** A step's code as the rules about code see it: its reading, and where its parts are in the file. */
import type { Place } from "../../source/text.ts";
import { lineStarts } from "../../source/text.ts";
import type { CheckContext } from "../context.ts";
import type { StepDraft } from "../draft.ts";
import { placeOf } from "../scope.ts";
import { type Reading, readingOf } from "./reading.ts";

/** Offsets in the code, from its first character. */
export interface CodeSpan {
  readonly start: number;
  readonly end: number;
}

/** `reading` is undefined for code that is not in the file: a script may do what cannot be seen there. */
export interface StepView {
  readonly step: StepDraft;
  readonly reading: Reading | undefined;
  readonly placeAt: (span: CodeSpan) => Place;
}

export function viewStep(step: StepDraft): StepView {
  const { code, home } = step;
  if (code?.code.kind !== "fence") return { step, reading: undefined, placeAt: () => step.place };
  const { text, line, column } = code.code;
  const offset = (lineStarts(home.module.source)[line - 1] ?? 0) + column - 1;
  return {
    step,
    reading: readingOf(text, code.language),
    placeAt: ({ start, end }) =>
      placeOf(home, { span: { start: offset + start, end: offset + end } }),
  };
}

/** The reading of a fence, or of a script's own text; undefined where there is neither. */
export function readingOfAnyCode(context: CheckContext, { step, reading }: StepView) {
  const { code } = step;
  if (reading || code?.code.kind !== "script") return reading;
  const found = context.files.read(code.code.path);
  return found.kind === "text" ? readingOf(found.text, code.language) : undefined;
}
