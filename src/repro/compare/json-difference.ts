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
  compare(before, after, "", found);
  return found.count === 0 ? undefined : { kind: "values", ...found };
}

function compare(a: Json | undefined, b: Json | undefined, path: string, found: Found): void {
  if (a !== undefined && b !== undefined) {
    if (typeof a === "number" && typeof b === "number" && isSameNumber(a, b)) return;
    if (typeof a !== "number" && a === b) return;
    if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b, path, found);
    if (isObject(a) && isObject(b)) {
      for (const key of new Set([...keysOf(a), ...keysOf(b)]))
        compare(valueAt(a, key), valueAt(b, key), `${path}${step(key, path)}`, found);
      return;
    }
  }
  found.count += 1;
  if (found.values.length === mostListed) return;
  found.values.push({ path, before: shown(a), after: shown(b) });
}

/** `toString` and the like are keys as others are. */
function valueAt(value: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isObject(value)) return `an object of ${keysOf(value).length}`;
  return printScalar(value as Exclude<Json, object>);
}

function step(key: string, path: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `[${JSON.stringify(key)}]`;
  return path === "" ? key : `.${key}`;
}

function compareArrays(a: readonly Json[], b: readonly Json[], path: string, found: Found): void {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) compare(a[at], b[at], `${path}[${at}]`, found);
}
