/** Which line of code changes a variable that is there already: where results of work side by side are put together. */

/** From 1; the last such line within `first` to `last` where there is one, else the last one anywhere; undefined: none does. */
export function changingLine(
  lines: readonly string[],
  variables: readonly string[],
  [first, last]: readonly [number, number],
): number | undefined {
  if (variables.length === 0) return undefined;
  const change = changeOf(variables);
  const found = lines.flatMap((line, at) => (change.test(line) ? [at + 1] : []));
  return found.findLast((line) => line >= first && line <= last) ?? found.at(-1);
}

/** `x = `, `x += `, `x[i] = `, `x.name = `, `x.push(`, `x <- `; no declaration. */
function changeOf(variables: readonly string[]): RegExp {
  const names = variables.map(quoteForPattern).join("|");
  const part = String.raw`(?:\[+[^\]]*\]+|\.\w+)*`;
  const assigned = String.raw`\s*(?:(?:[-+*/|&?%]|\*\*|\?\?)?=(?![=>])|<?<-)`;
  const called = String.raw`\.(?:push|unshift|splice|set|add|append)\(`;
  return new RegExp(
    String.raw`(?<!(?:const|let|var)\s+|[\w.$])(?:${names})(?:${part}${assigned}|${called})`,
    "u",
  );
}

/** A text as a part of a regular expression with the flag u. */
export function quoteForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}
