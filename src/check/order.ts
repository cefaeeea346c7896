/** Order by need: what must come first, and circles in which nothing can. */

/**
 * `names` so that each stands after all that it needs, ties in their own order; undefined where there is a circle. Needs
 * that are none of `names` do not count.
 */
export function orderByNeed(
  names: readonly string[],
  needsOf: (name: string) => readonly string[],
): readonly string[] | undefined {
  const index = new Map(names.map((name, i) => [name, i]));
  const waiting = names.map((name) => new Set(needsOf(name).filter((it) => index.has(it))).size);
  const waiters = groupWaiters(names, needsOf, index);
  const ready = names.flatMap((_, i) => (waiting[i] === 0 ? [i] : [])).toReversed();
  const ordered: string[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    ordered.push(names[next] ?? "");
    for (const waiter of waiters[next] ?? []) {
      waiting[waiter] = (waiting[waiter] ?? 0) - 1;
      if (waiting[waiter] === 0) insertDescending(ready, waiter);
    }
  }
  return ordered.length === names.length ? ordered : undefined;
}

/** For each name the indices of those that need it. */
function groupWaiters(
  names: readonly string[],
  needsOf: (name: string) => readonly string[],
  index: ReadonlyMap<string, number>,
): readonly (readonly number[])[] {
  const waiters: number[][] = names.map(() => []);
  for (const [i, name] of names.entries())
    for (const need of new Set(needsOf(name))) {
      const needed = index.get(need);
      if (needed !== undefined) waiters[needed]?.push(i);
    }
  return waiters;
}

function insertDescending(sorted: number[], value: number): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > value) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, value);
}

/** One circle among `all` for each that there is apart from the others, its first member again at its end. */
export function findCircles<T>(
  all: Iterable<T>,
  needsOf: (one: T) => readonly T[],
): readonly (readonly T[])[] {
  const circles: (readonly T[])[] = [];
  const done = new Set<T>();
  for (const start of all) if (!done.has(start)) circles.push(...circlesFrom(start, needsOf, done));
  return circles;
}

/** A walk in depth without recursion, so that a long chain of needs is no matter; `done` grows by all it has seen. */
function circlesFrom<T>(
  start: T,
  needsOf: (one: T) => readonly T[],
  done: Set<T>,
): readonly (readonly T[])[] {
  const circles: (readonly T[])[] = [];
  const depth = new Map([[start, 0]]);
  const path = [{ one: start, needs: needsOf(start), next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const need = top.needs[top.next++];
    if (need === undefined) {
      done.add(top.one);
      depth.delete(top.one);
      path.pop();
    } else if (depth.has(need)) {
      circles.push([...path.slice(depth.get(need)).map(({ one }) => one), need]);
    } else if (!done.has(need)) {
      depth.set(need, path.length);
      path.push({ one: need, needs: needsOf(need), next: 0 });
    }
  }
  return circles;
}
