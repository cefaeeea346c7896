/** The smallest part of a list that still does what the whole does: delta debugging (Zeller and Hildebrandt 2002). */

/**
 * A part of `all` that is bad and of which nothing can be left out; undefined where `all` is not bad. `isBad` is asked once
 * where `all` is fine, about seven times for one culprit among sixteen, and never twice for the same part.
 */
export async function minimise<T>(
  all: readonly T[],
  isBad: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[] | undefined> {
  const asked = new Map<string, boolean>();
  const ask = async (part: readonly T[]): Promise<boolean> => {
    const key = part.map((one) => all.indexOf(one)).join(" ");
    const known = asked.get(key);
    if (known !== undefined) return known;
    const answer = await isBad(part);
    asked.set(key, answer);
    return answer;
  };
  return (await ask(all)) ? reduce(all, 2, ask) : undefined;
}

async function reduce<T>(
  bad: readonly T[],
  pieces: number,
  ask: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (bad.length < 2) return bad;
  const parts = split(bad, Math.min(pieces, bad.length));
  for (const part of parts) if (await ask(part)) return reduce(part, 2, ask);
  if (parts.length > 2)
    for (const part of parts) {
      const rest = bad.filter((one) => !part.includes(one));
      if (await ask(rest)) return reduce(rest, Math.max(parts.length - 1, 2), ask);
    }
  return parts.length === bad.length ? bad : reduce(bad, parts.length * 2, ask);
}

/** In `count` parts as even as can be. */
function split<T>(all: readonly T[], count: number): readonly (readonly T[])[] {
  const at = (part: number): number => Math.round((part * all.length) / count);
  return Array.from({ length: count }, (_, part) => all.slice(at(part), at(part + 1)));
}
