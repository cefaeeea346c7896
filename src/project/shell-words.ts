/** The words of a command that needs no shell. */

/** Undefined where a shell would do more with it than take quotes away: expand, combine, redirect, assign. */
export function splitWords(command: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  const piece = /\s+|'([^']*)'|"((?:[^"\\$`]|\\[^])*)"|\\([^])|([^\s'"\\|&;<>()$`*?[\]{}~!#])/gy;
  for (let at = 0; at < command.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const found = piece.exec(command);
    if (!found) return undefined;
    const [whole, single, double, escaped, plain] = found;
    if (/^\s/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      const text = single ?? double?.replaceAll(/\\([\\"$`])/g, "$1") ?? escaped ?? plain ?? "";
      word = (word ?? "") + text;
    }
  }
  if (word !== undefined) words.push(word);
  const isAssignment = /^\w+=/.test(command.trimStart());
  return words.length === 0 || isAssignment || /\n/.test(command.trim()) ? undefined : words;
}
