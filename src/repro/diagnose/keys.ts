/** Outputs by the names under which a diagnosis speaks of them. */
import type { Differing } from "./laboratory.ts";

/** One output: its step and its key; the key is empty where the step itself fails. */
export type Key = `${string}/${string}`;

export function keysOf(differing: Differing): readonly Key[] {
  return [...differing].flatMap(([step, rows]) => rows.map(({ key }): Key => `${step}/${key}`));
}

/** Steps are names, which hold no slash. */
export function stepOf(key: Key): string {
  return key.slice(0, key.indexOf("/"));
}

export function outputOf(key: Key): string {
  return key.slice(key.indexOf("/") + 1);
}
