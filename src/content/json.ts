/** JSON: the order of keys says nothing, numbers count with every bit. */
import { formatNumber } from "../check/domain.ts";
import { type Kind, NotReadable, decodeText } from "./kind.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  /** A whole number that a double cannot hold, by its digits. */
  | bigint
  | readonly Json[]
  | { readonly [key: string]: Json };

export const json = {
  read: (file) => parseJson(decodeText(file)),
  canonical: printSorted,
} satisfies Kind<Json>;

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
  return printScalar(value as Exclude<Json, object>);
}

export function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function keysOf(value: { readonly [key: string]: Json }): readonly string[] {
  return Object.keys(value).toSorted();
}

/** Numbers beyond the doubles are infinite. */
export function printScalar(value: Exclude<Json, object>): string {
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
