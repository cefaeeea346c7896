/** What a param's type and domain allow, and its values as text: the one place that compiler, command line and plan ask. */
import { countSteps } from "./decimal.ts";
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

/** Whether `value` is one of `low + i * by`, in decimals: 0.3 is on the grid of 0.1. Infinite bounds give no grid. */
function onGrid(low: number, by: number, value: number): boolean {
  return Number.isFinite(low) && Number.isFinite(value) && countSteps(low, by, value).exact;
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

/** Shortest text that reads back as the same double, -0 too. */
export function formatNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

export type ParsedParam =
  | { readonly kind: "value"; readonly value: Value }
  /** The text is no value of the param's type; `reason` says what to write instead. */
  | { readonly kind: "mismatch"; readonly reason: string }
  | { readonly kind: "outside"; readonly domain: Domain };

/**
 * Reads the text of `-P name=text` as a value of `param`, bit for bit what `formatParam` wrote. An int is digits only (not
 * `1e5`); a float is any finite decimal (`.5`, `1e-5`, `-0`); a bool is `true` or `false` in any case, since MLflow passes
 * what Python prints. Where the param may be null, `null` is that, and so are Python's `None` and the empty text unless
 * the param is a text. Any text is a string.
 */
export function parseParam(
  param: Pick<Param, "type" | "nullable" | "domain">,
  text: string,
): ParsedParam {
  if (param.nullable && isNullText(param.type, text)) return { kind: "value", value: null };
  const parsed = parseAs(param.type, text);
  if ("reason" in parsed) return { kind: "mismatch", reason: parsed.reason };
  const { domain } = param;
  return domain && !contains(domain, parsed.value)
    ? { kind: "outside", domain }
    : { kind: "value", value: parsed.value };
}

type Parsed = { readonly value: Value } | { readonly reason: string };

function isNullText(type: ParamType, text: string): boolean {
  return text === "null" || (!isTextType(type) && (text === "None" || text === ""));
}

function parseAs(type: ParamType, text: string): Parsed {
  switch (type) {
    case "int":
      return parseInteger(text);
    case "float":
      return parseFloatingPoint(text);
    case "bool":
      if (/^(true|false)$/iu.test(text)) return { value: text.toLowerCase() === "true" };
      return { reason: "write `true` or `false`" };
    case "string":
    case "path":
    case "uri":
      return { value: text };
    default:
      return type satisfies never;
  }
}

function parseInteger(text: string): Parsed {
  const value = Number(text);
  if (/^[+-]?\d+$/u.test(text))
    return isOfNumberType("int", value)
      ? { value: value === 0 ? 0 : value }
      : { reason: "whole numbers end at 9007199254740991 (2^53-1) on both sides of 0" };
  const whole = "value" in parseFloatingPoint(text) && isOfNumberType("int", value);
  return { reason: whole ? `write \`${String(value)}\`` : "write a whole number, such as `3`" };
}

function parseFloatingPoint(text: string): Parsed {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/iu.test(text))
    return {
      reason: /^[+-]?\d+,\d+$/u.test(text)
        ? `write \`${text.replace(",", ".")}\``
        : "write a number, such as `0.05`",
    };
  const value = Number(text);
  return isOfNumberType("float", value)
    ? { value }
    : { reason: "the largest number is about 1.8e308" };
}

/** A float is finite; an int is whole and within ±(2^53-1). */
export function isOfNumberType(type: "int" | "float", value: number): boolean {
  return type === "int" ? Number.isSafeInteger(value) : Number.isFinite(value);
}

/** Null is of no type. */
export function isOfType(type: ParamType, value: Value): boolean {
  if (type === "int" || type === "float")
    return typeof value === "number" && isOfNumberType(type, value);
  return typeof value === (type === "bool" ? "boolean" : "string");
}

export function isTextType(type: ParamType): boolean {
  return type === "string" || type === "path" || type === "uri";
}
