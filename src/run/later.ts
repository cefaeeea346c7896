/** Fills what a plan left for run time. */
import type { Later } from "../plan/plan.ts";

/** What is known now; a Later that is absent here does not exist in this run (no git, say). */
export type Known = Readonly<Partial<Record<Later["later"], string | number>>>;

const absent = Symbol("absent");

function isLater(value: object): value is Later {
  return "later" in value;
}

function fillText(parts: readonly (string | Later)[], known: Known): string | typeof absent {
  const texts = parts.map((part) => (typeof part === "string" ? part : known[part.later]));
  return texts.includes(undefined) ? absent : texts.join("");
}

function fillValue(value: unknown, known: Known): unknown {
  if (Array.isArray(value))
    return value.map((item) => fillValue(item, known)).filter((item) => item !== absent);
  if (typeof value !== "object" || value === null) return value;
  if (isLater(value)) return known[value.later] ?? absent;
  if ("parts" in value) return fillText(value.parts as readonly (string | Later)[], known);
  const entries = Object.entries(value).map(
    ([key, item]) => [key, fillValue(item, known)] as const,
  );
  return entries.some(([, item]) => item === absent) ? absent : Object.fromEntries(entries);
}

/** The value with every Later filled. An element of a list that needs what does not exist is left out; nothing else may. */
export function fillLater<T>(value: unknown, known: Known): T {
  const filled = fillValue(value, known);
  if (filled === absent)
    throw new Error(`a planned value is not known yet: ${JSON.stringify(value)}`);
  return filled as T;
}
