/** The rule that a step has one piece of code: E0405 where it has none, or more. */
import type { Place } from "../source/text.ts";
import type { Name } from "../syntax/ast.ts";
import type { WrittenCode } from "./code-item.ts";
import { type CheckContext, say } from "./context.ts";
import { type ModuleScope, placeOf } from "./scope.ts";
import type { StepParts } from "./step-parts.ts";

/** The code of a step; undefined where it has not exactly one piece, or that could not be read. */
export function onlyCode(
  context: CheckContext,
  home: ModuleScope,
  step: { readonly name: Name; readonly parts: StepParts; readonly complete: boolean },
): WrittenCode | undefined {
  const { name, parts, complete } = step;
  const [first, second] = parts.codePlaces;
  if (first && second) sayTwo(context, name.text, first, second);
  else if (!first && complete) sayNone(context, home, name);
  return parts.code[0];
}

function sayTwo(context: CheckContext, step: string, first: Place, second: Place): void {
  const because = "has two pieces of code";
  const fix = "keep one of them, or make two steps of it";
  const related = [{ place: first, note: "the first one is here" }];
  say(context, "E0405", second, { step, because, fix }, { related });
}

function sayNone(context: CheckContext, home: ModuleScope, name: Name): void {
  const because = "has no code";
  const fix = 'write a block of code, ```r … ```, or `script "file.R"`';
  say(context, "E0405", placeOf(home, name), { step: name.text, because, fix });
}

/** Says E0405 about code of a run that has named steps. */
export function sayBesideSteps(context: CheckContext, run: Name, code: Place): void {
  const because = "has code beside its named steps";
  const fix = "move the code into a step of its own";
  say(context, "E0405", code, { step: run.text, because, fix });
}
