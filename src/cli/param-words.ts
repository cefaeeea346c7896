/** `-P cp=0.05 maxdepth=3`, as workshops write it: one flag, several values. */

const flags = new Set(["-P", "--param", "--param-list"]);
const pair = /^[\p{L}_][\p{L}\p{N}_.-]*=/u;

/** The words with the flag before each value that follows another one. */
export function spreadParams(words: readonly string[]): readonly string[] {
  const spread: string[] = [];
  let flag: string | undefined;
  for (const [at, word] of words.entries()) {
    const isValue = at > 0 && flags.has(words[at - 1] ?? "");
    if (isValue) flag = words[at - 1];
    else if (!pair.test(word)) flag = undefined;
    else if (flag !== undefined) spread.push(flag);
    spread.push(word);
  }
  return spread;
}
