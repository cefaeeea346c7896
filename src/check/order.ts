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

/** One circle among `names` for each that there is apart from the others, its first name again at its end. */
export function findCircles(
  names: readonly string[],
  needsOf: (name: string) => readonly string[],
): readonly (readonly string[])[] {
  const circles: string[][] = [];
  const done = new Set<string>();
  for (const start of names) {
    if (done.has(start)) continue;
    const path = new Map<string, number>();
    const stack = [{ name: start, needs: needsOf(start), next: 0 }];
    path.set(start, 0);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const need = top.needs[top.next++];
      if (need === undefined) {
        done.add(top.name);
        path.delete(top.name);
        stack.pop();
      } else if (path.has(need)) {
        circles.push([...stack.slice(path.get(need)).map((it) => it.name), need]);
      } else if (!done.has(need)) {
        path.set(need, stack.length);
        stack.push({ name: need, needs: needsOf(need), next: 0 });
      }
    }
  }
  return circles;
}
