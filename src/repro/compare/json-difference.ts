/** Where two values of JSON differ, by paths as in JavaScript. */
import { type Json, isObject, keysOf, printScalar } from "../../content/json.ts";
import { type Difference, type ValueDifference, mostListed } from "./comparison.ts";
import { isSameNumber } from "./ulp.ts";

interface Found {
  readonly values: ValueDifference[];
  count: number;
}

/** Undefined exactly where the content is the same. */
export function jsonDifference(before: Json, after: Json): Difference | undefined {
  const found: Found = { values: [], count: 0 };
  visitPairs(before, after, "", (path, a, b) => {
    if (isSamePair(a, b)) return;
    found.count += 1;
    if (found.values.length === mostListed) return;
    found.values.push({ path, before: valueText(a), after: valueText(b) });
  });
  return found.count === 0 ? undefined : { kind: "values", ...found };
}

type Visit = (path: string, a: Json | undefined, b: Json | undefined) => void;

/** Tells `visit` of each pair of scalars, and of what is there on one side only, or of another kind on each. */
export function visitPairs(
  a: Json | undefined,
  b: Json | undefined,
  path: string,
  visit: Visit,
): void {
  if (a !== undefined && b !== undefined) {
    if (Array.isArray(a) && Array.isArray(b)) return visitArrays(a, b, path, visit);
    if (isObject(a) && isObject(b)) {
      for (const key of new Set([...keysOf(a), ...keysOf(b)]))
        visitPairs(valueAt(a, key), valueAt(b, key), `${path}${step(key, path)}`, visit);
      return;
    }
  }
  visit(path, a, b);
}

/** Whether a pair that was visited is no difference. */
export function isSamePair(a: Json | undefined, b: Json | undefined): boolean {
  return typeof a === "number" && typeof b === "number" ? isSameNumber(a, b) : a === b;
}

/** `toString` and the like are keys as others are. */
export function valueAt(value: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** On one line. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isObject(value)) return `an object of ${keysOf(value).length}`;
  return printScalar(value as Exclude<Json, object>);
}

function step(key: string, path: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `[${JSON.stringify(key)}]`;
  return path === "" ? key : `.${key}`;
}

function visitArrays(a: readonly Json[], b: readonly Json[], path: string, visit: Visit): void {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) visitPairs(a[at], b[at], `${path}[${at}]`, visit);
}
