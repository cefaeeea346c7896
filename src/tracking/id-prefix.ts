/** Runs by what their ids begin with. */

/** Fewer letters of an id mean nothing. */
export const leastLetters = 6;

/**
 * A comparison of MLflow's search that finds them, and maybe others: an underscore stands for any letter in LIKE, and some
 * databases do not tell A from a. Undefined for what no id begins with, or too many.
 */
export function idBeginsWith(word: string): string | undefined {
  if (word.length < leastLetters || !/^[\w-]+$/.test(word)) return undefined;
  return `attributes.run_id LIKE '${word}%'`;
}
