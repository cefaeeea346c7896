/** JSON: the order of keys says nothing, numbers count with every bit. */
import { type Difference, type ValueDifference, mostListed } from "../comparison.ts";
import { isSameNumber } from "../ulp.ts";
import { type Kind, NotReadable, decodeUtf8 } from "./kind.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  /** A whole number that a double cannot hold, by its digits. */
  | bigint
  | readonly Json[]
  | { readonly [key: string]: Json };

export const json: Kind<Json> = {
  read: (file) => parseJson(decodeUtf8(file)),
  canonical: printSorted,
  difference: jsonDifference,
};

function parseJson(content: string): Json {
  // The parser gives the text of a number; the types of the language do not know that yet.
  const revive = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value)
      ? exactNumber(value, context?.source ?? "")
      : value;
  try {
    return JSON.parse(content, revive) as Json;
  } catch {
    throw new NotReadable("is no JSON");
  }
}

function exactNumber(value: number, source: string): number | bigint {
  return /^-?\d{16,}$/.test(source) ? BigInt(source) : value;
}

function printSorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(printSorted).join(",")}]`;
  if (isObject(value)) {
    const entries = keysOf(value).map(
      (key) => `${JSON.stringify(key)}:${printSorted(value[key] ?? null)}`,
    );
    return `{${entries.join(",")}}`;
  }
  return show(value);
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keysOf(value: { readonly [key: string]: Json }): readonly string[] {
  return Object.keys(value).toSorted();
}

/** Numbers beyond the doubles are infinite. */
function show(value: Json): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return isObject(value) ? `an object of ${keysOf(value).length}` : JSON.stringify(value);
}

interface Found {
  readonly values: ValueDifference[];
  count: number;
}

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
        compare(a[key], b[key], `${path}${step(key, path)}`, found);
      return;
    }
  }
  found.count += 1;
  if (found.values.length === mostListed) return;
  found.values.push({ path, before: shown(a), after: shown(b) });
}

function shown(value: Json | undefined): string {
  return value === undefined ? "nothing" : show(value);
}

function step(key: string, path: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `[${JSON.stringify(key)}]`;
  return path === "" ? key : `.${key}`;
}

function compareArrays(a: readonly Json[], b: readonly Json[], path: string, found: Found): void {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) compare(a[at], b[at], `${path}[${at}]`, found);
}
