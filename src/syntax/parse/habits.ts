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
  [/^=(?!=)/, "write one `=`"],
  [/^['‘’“”]/, "a text stands between straight double quotes"],
  [/^`/, "code stands between lines of three backticks; a text in double quotes"],
  [/^,/, "items stand on lines of their own, without `,`", ""],
  [/^[\u00a0\u2000-\u200b\u3000\ufeff]/, "this is an unusual blank; write a plain one", " "],
  [/^\0/, "this is not a character of a text; remove it", ""],
];

/** The habit with which `rest` begins, if it is one. */
export function adviseAgainst(rest: string, context: Context): Habit | undefined {
  if (rest.startsWith("}") && context.rule === "File")
    return { length: 1, advice: "no block is open here; remove the `}`", replacement: "" };
  for (const [pattern, advice, replacement] of habits) {
    const found = pattern.exec(rest);
    if (found) return { length: found[0].length, advice, replacement };
  }
  return undefined;
}
