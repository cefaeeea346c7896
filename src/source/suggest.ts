/** Did-you-mean: the nearest word of a closed set. */

/** Damerau–Levenshtein distance (optimal string alignment): insertions, deletions, substitutions, swaps of neighbours. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (older[j - 2] ?? 0) + 1);
      current.push(best);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The word nearest to `word`, if at most a third of its letters (at least one) are wrong; ties go to the earlier one. A word of which every letter is wrong is not near. */
export function suggest(word: string, among: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let nearest: string | undefined;
  let least = limit + 1;
  for (const candidate of among) {
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    const isPartlyRight = far < Math.max(word.length, candidate.length);
    if (far < least && isPartlyRight) [nearest, least] = [candidate, far];
  }
  return nearest;
}
