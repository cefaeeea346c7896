/** The order in which the formatter writes the items of runs and steps. */
import type { ParamItem, RunItem, StepItem } from "./ast.ts";

type Kind = RunItem["kind"] | StepItem["kind"] | ParamItem["kind"];

/** What a run is called, what goes in, what comes out, how it runs, the code, what must hold. One line is one rank. */
const ranks: readonly (readonly Kind[])[] = [
  ["name"],
  ["run-experiment"],
  ["param", "require"],
  ["tag"],
  ["seed"],
  ["uses"],
  ["secret"],
  ["input"],
  ["after"],
  ["metric"],
  ["model"],
  ["artifact"],
  ["env"],
  ["resources"],
  ["timeout"],
  ["cache-off"],
  ["code", "script", "step"],
  ["expect"],
  ["reproducible"],
];
const rankOf = new Map<string, number>(
  ranks.flatMap((kinds, rank) => kinds.map((kind) => [kind, rank])),
);

/** Sorted by rank; items of one rank keep the order in which they were written. */
export function orderItems<Item extends { readonly kind: string }>(
  items: readonly Item[],
): readonly Item[] {
  return items.toSorted((a, b) => (rankOf.get(a.kind) ?? 0) - (rankOf.get(b.kind) ?? 0));
}
