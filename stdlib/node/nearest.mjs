/** Did-you-mean among the variables of the code; the same measure as the compiler's. */

/** @param {string} a @param {string} b @returns {number} insertions, deletions, substitutions, swaps of neighbours */
function distance(a, b) {
  /** @type {number[]} */
  let older = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const least = Math.min(previous[j] + 1, current[j - 1] + 1, change);
      current.push(swap ? Math.min(least, older[j - 2] + 1) : least);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length];
}

/**
 * The word nearest to `word` if at most a third of its letters (at least one) are wrong, but not all of them.
 * @param {string} word @param {Iterable<string>} among @returns {string | undefined}
 */
export function nearest(word, among) {
  let limit = Math.max(1, Math.floor(word.length / 3));
  let found;
  for (const candidate of among) {
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far <= limit && far < Math.max(word.length, candidate.length))
      [found, limit] = [candidate, far - 1];
  }
  return found;
}
