/** Values, ranges, domains and conditions. */
import { diagnose } from "../../source/messages.ts";
import type {
  Argument,
  CallValue,
  CompareOperator,
  Comparison,
  Condition,
  DomainNode,
  DurationValue,
  Key,
  ListValue,
  NumberValue,
  PathValue,
  PercentValue,
  RangeNode,
  SizeValue,
  Value,
} from "../ast.ts";
import type { Cst } from "./match.ts";
import { chosen, optional, part, readName, readNames, spanOf, textOf } from "./node.ts";
import { type Reader, abridge, placeAt, report } from "./reader.ts";
import { readPlainText, readText } from "./text.ts";

export function readKey(node: Cst, reader: Reader): Key {
  const quoted = reader.text.startsWith('"', node.start);
  const text = quoted ? readPlainText(node, reader) : textOf(node, reader);
  return { span: spanOf(node), text, quoted };
}

/** A `Value`. */
export function readValue(node: Cst, reader: Reader): Value {
  const value = chosen(node);
  const span = spanOf(value);
  switch (value.rule) {
    case "Call":
      return readCall(value, reader);
    case "List":
      return readList(value, reader);
    case "Path":
      return readPath(value, reader);
    case "string":
      return readText(value, reader);
    case "boolean":
      return { kind: "boolean", span, value: textOf(value, reader) === "true" };
    case "null":
      return { kind: "null", span };
    case "duration":
      return readDuration(value, reader);
    case "size":
      return readSize(value, reader);
    case "percent":
      return readPercent(value, reader);
    case "number":
      return readNumber(value, reader);
    default:
      throw new Error(`${value.rule} is not a value`);
  }
}

/** A `number` or an `int`. */
export function readNumber(node: Cst, reader: Reader): NumberValue {
  const raw = textOf(node, reader);
  const integer = /^-?\d+$/.test(raw);
  return { kind: "number", span: spanOf(node), raw, value: readAmount(node, reader), integer };
}

export function readPercent(node: Cst, reader: Reader): PercentValue {
  const raw = textOf(node, reader);
  return { kind: "percent", span: spanOf(node), raw, value: readAmount(node, reader) / 100 };
}

const milliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

export function readDuration(node: Cst, reader: Reader): DurationValue {
  const raw = textOf(node, reader);
  const amount = readAmount(node, reader) * (milliseconds[unitOf(raw)] ?? 0);
  return { kind: "duration", span: spanOf(node), raw, milliseconds: Math.round(amount) };
}

const bytes: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

export function readSize(node: Cst, reader: Reader): SizeValue {
  const raw = textOf(node, reader);
  const amount = readAmount(node, reader) * (bytes[unitOf(raw)] ?? 0);
  return { kind: "size", span: spanOf(node), raw, bytes: Math.round(amount) };
}

function unitOf(raw: string): string {
  return raw.replace(/^[\d.]+/, "");
}

/** The number before the unit, if any. */
function readAmount(node: Cst, reader: Reader): number {
  const raw = textOf(node, reader);
  const amount = Number.parseFloat(raw);
  if (Number.isFinite(amount)) return amount;
  const reason = "it is too large for a number";
  report(reader, (placing) =>
    diagnose("E0107", placeAt(placing, node), {
      written: abridge(raw),
      reason,
      suggestion: undefined,
    }),
  );
  return amount;
}

function readList(node: Cst, reader: Reader): ListValue {
  const items = part(node, 1).children.map((item) => readValue(item, reader));
  return { kind: "list", span: spanOf(node), items };
}

function readPath(node: Cst, reader: Reader): PathValue {
  return { kind: "path", span: spanOf(node), names: readNames(node, reader) };
}

export function readCall(node: Cst, reader: Reader): CallValue {
  const parts = part(node, 2).children.map((argument) => readArgument(argument, reader));
  return {
    kind: "call",
    span: spanOf(node),
    callee: readName(part(node, 0), reader),
    arguments: parts,
  };
}

function readArgument(node: Cst, reader: Reader): Argument {
  const argument = chosen(node);
  if (argument.rule !== "NamedArgument")
    return { span: spanOf(node), name: undefined, value: readValue(argument, reader) };
  const name = readName(part(argument, 0), reader);
  return { span: spanOf(node), name, value: readValue(part(argument, 2), reader) };
}

export function readRange(node: Cst, reader: Reader): RangeNode {
  const range = chosen(node);
  const absent = {
    low: undefined,
    lowOpen: false,
    high: undefined,
    highOpen: false,
    by: undefined,
  };
  const found = { kind: "range" as const, span: spanOf(node), ...absent };
  const read = (index: number): NumberValue => readNumber(part(range, index), reader);
  if (range.rule === "Range_from") return { ...found, low: read(0) };
  if (range.rule === "Range_to") return { ...found, high: read(1) };
  const by = optional(range, 5);
  return {
    ...found,
    low: read(0),
    lowOpen: optional(range, 1) !== undefined,
    high: read(4),
    highOpen: optional(range, 3) !== undefined,
    by: by && readNumber(part(by, 1), reader),
  };
}

/** `Range` or `List`. */
export function readRangeOrList(node: Cst, reader: Reader): RangeNode | ListValue {
  return node.rule === "List" ? readList(node, reader) : readRange(node, reader);
}

export function readDomain(node: Cst, reader: Reader): DomainNode {
  const domain = chosen(node);
  const what = part(domain, 1);
  if (domain.rule !== "Matching") return readRangeOrList(what, reader);
  return { kind: "matching", span: spanOf(node), pattern: readText(what, reader) };
}

export function readCondition(node: Cst, reader: Reader): Condition {
  const comparisons = part(node, 0).children.map((one) => readComparison(one, reader));
  return { span: spanOf(node), comparisons };
}

function readComparison(node: Cst, reader: Reader): Comparison {
  return {
    span: spanOf(node),
    left: readPath(part(node, 0), reader),
    operator: textOf(part(node, 1), reader) as CompareOperator,
    right: readValue(part(node, 2), reader),
  };
}
