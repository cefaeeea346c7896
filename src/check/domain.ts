/** What a param's type and domain allow, and its values as text: the one place that compiler, command line and plan ask. */
import type { Domain, Param, ParamType, RangeDomain, Value } from "./program.ts";

/** Whether `value` lies in `domain`; null and a value of another type do not. */
export function contains(domain: Domain, value: Value): boolean {
  switch (domain.kind) {
    case "range":
      return typeof value === "number" && inRange(domain, value);
    case "list":
      return domain.values.some((item) => item === value);
    case "pattern":
      return typeof value === "string" && wholePattern(domain.pattern).test(value);
    default:
      return domain satisfies never;
  }
}

function inRange(range: RangeDomain, value: number): boolean {
  const aboveLow = range.lowOpen ? value > range.low : value >= range.low;
  const belowHigh = range.highOpen ? value < range.high : value <= range.high;
  return aboveLow && belowHigh && (range.by === undefined || onGrid(range.low, range.by, value));
}

/** Whether `value` is one of `low + i * by`; a few units of rounding in the last place are forgiven. */
function onGrid(low: number, by: number, value: number): boolean {
  const steps = Math.round((value - low) / by);
  const slack = 8 * Number.EPSILON * Math.max(Math.abs(value), Math.abs(low), by);
  return Math.abs(low + steps * by - value) <= slack;
}

/** The regular expression that a whole text must match; throws where `pattern` is none. */
export function wholePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "u");
}

/** A domain as the language writes it, with its word: `in 0<..1`, `in ["a", "b"]`, `matching "[a-z]+"`. */
export function describeDomain(domain: Domain): string {
  switch (domain.kind) {
    case "range":
      return `in ${describeRange(domain)}`;
    case "list":
      return `in ${describeValue(domain.values)}`;
    case "pattern":
      return `matching ${JSON.stringify(domain.pattern)}`;
    default:
      return domain satisfies never;
  }
}

function describeRange({ low, lowOpen, high, highOpen, by }: RangeDomain): string {
  const from = low === -Infinity ? "" : `${formatNumber(low)}${lowOpen ? "<" : ""}`;
  const to = high === Infinity ? "" : `${highOpen ? "<" : ""}${formatNumber(high)}`;
  return `${from}..${to}${by === undefined ? "" : ` by ${formatNumber(by)}`}`;
}

/** A value as the language writes it. */
export function describeValue(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "boolean") return String(value);
  return `[${value.map(describeValue).join(", ")}]`;
}

/** A param's value as the text that MLflow keeps and that `-P` reads back bit for bit; null is the empty text. */
export function formatParam(value: Value, type: ParamType): string {
  if (value === null) return "";
  if (typeof value === "number" && (type === "int" || type === "float")) return formatNumber(value);
  return typeof value === "object" ? describeValue(value) : String(value);
}

/** Shortest text that reads back as the same number. */
function formatNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

export type ParsedParam =
  | { readonly kind: "value"; readonly value: Value }
  /** The text is no value of the param's type. */
  | { readonly kind: "mismatch" }
  | { readonly kind: "outside"; readonly domain: Domain };

/** Reads the text of `-P name=text` as a value of that param; `null` is null where the param may be that. */
export function parseParam(param: Param, text: string): ParsedParam {
  if (param.nullable && text === "null") return { kind: "value", value: null };
  const value = parseAs(param.type, text);
  if (value === undefined) return { kind: "mismatch" };
  const { domain } = param;
  return domain && !contains(domain, value)
    ? { kind: "outside", domain }
    : { kind: "value", value };
}

function parseAs(type: ParamType, text: string): Value | undefined {
  switch (type) {
    case "int":
    case "float":
      return parseNumber(type, text);
    case "bool":
      return ({ true: true, false: false } as Record<string, boolean>)[text.toLowerCase()];
    case "string":
    case "path":
    case "uri":
      return text;
    default:
      return type satisfies never;
  }
}

function parseNumber(type: "int" | "float", text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/iu.test(text)) return undefined;
  const value = Number(text);
  return isOfNumberType(type, value) ? value : undefined;
}

/** A float is finite; an int is whole and within ±(2^53-1). */
export function isOfNumberType(type: "int" | "float", value: number): boolean {
  return type === "int" ? Number.isSafeInteger(value) : Number.isFinite(value);
}
