/** What hands write that know other languages, and what stands for it here. */
import type { Context } from "./context.ts";

export interface Habit {
  readonly length: number;
  readonly advice: string;
  /** What to put in its place; undefined where that is not sure. */
  readonly replacement: string | undefined;
}

const habits: readonly (readonly [pattern: RegExp, advice: string, replacement?: string])[] = [
  [/^;/, "a new line ends an item; remove the `;`", ""],
  [/^\/\//, "a comment begins with `#`", "#"],
  [/^&&?/, "write `and`", "and"],
  [/^\|\|?/, "a condition knows only `and`"],
  [/^(?:<-|:=)/, "write `=`", "="],
  [/^==/, "write one `=`", "="],
  [/^['‘’“”]/, "a text stands between straight double quotes"],
  [/^`/, "code stands between lines of three backticks; a text in double quotes"],
  [/^,/, "items stand on lines of their own, without `,`", ""],
  [/^[\u00a0\u2000-\u200b\u3000\ufeff]/, "this is an unusual blank; write a plain one", " "],
  [/^\0/, "this is not a character of a text; remove it", ""],
];

const singleQuoted = /^['‘’“”]([^"'‘’“”\\\n]*)['‘’“”]/;

/** The habit that shows at the start of `rest`, which stands after `previous`, if it is one. */
export function adviseAgainst(
  rest: string,
  previous: string | undefined,
  context: Context,
): Habit | undefined {
  if (rest.startsWith("}") && context.rule === "File")
    return { length: 1, advice: "no block is open here; remove the `}`", replacement: "" };
  if (rest.startsWith("=") && previous === "=")
    return { length: 1, advice: "write one `=`", replacement: "" };
  const text = singleQuoted.exec(rest);
  if (text) {
    const advice = "a text stands between straight double quotes";
    return { length: text[0].length, advice, replacement: `"${text[1]}"` };
  }
  for (const [pattern, advice, replacement] of habits) {
    const found = pattern.exec(rest);
    if (found) return { length: found[0].length, advice, replacement };
  }
  return undefined;
}
