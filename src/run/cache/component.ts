/** What the result of a step depends on, part by part: together the key of the cache, apart the reason for a rerun. */
import { type Digest, digestOf } from "./digest.ts";

/**
 * One part. `name` is a kind and what it is of: `param share`, `input train`, `file data.csv`, `code`. Equal values mean
 * equal parts.
 */
export interface Component {
  readonly name: string;
  readonly value: string;
}

/** One part that is not the same; absent on a side: it was not there. */
export interface Difference {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export function keyOf(components: readonly Component[]): Digest {
  return digestOf(JSON.stringify(components.map(({ name, value }) => [name, value])));
}

export function areEqual(a: readonly Component[], b: readonly Component[]): boolean {
  return keyOf(a) === keyOf(b);
}

/** In the order of `after`, then what is gone; undefined where all parts are the same. */
export function firstDifference(
  before: readonly Component[],
  after: readonly Component[],
): Difference | undefined {
  const old = new Map(before.map(({ name, value }) => [name, value]));
  const now = new Map(after.map(({ name, value }) => [name, value]));
  const changed = after.find(({ name, value }) => old.get(name) !== value);
  if (changed) return { name: changed.name, before: old.get(changed.name), after: changed.value };
  const gone = before.find(({ name }) => !now.has(name));
  return gone && { name: gone.name, before: gone.value, after: undefined };
}
