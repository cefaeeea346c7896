/** Values, domains and conditions as the formatter writes them: texts and numbers as the user wrote them. */
import type {
  Argument,
  Condition,
  DomainNode,
  Key,
  Name,
  Node,
  RangeNode,
  TextValue,
  TypeNode,
  Value,
} from "./ast.ts";

/** The source text that the spans of a module point into. */
export type Written = string;

/** A text in quotes, with the escapes that the user chose. */
export function printText(text: TextValue, written: Written): string {
  return slice(text, written);
}

export function printKey(key: Key, written: Written): string {
  return key.quoted ? slice(key, written) : key.text;
}

export function printNames(names: readonly Name[], between = ", "): string {
  return names.map((name) => name.text).join(between);
}

export function printType(type: TypeNode): string {
  return `${type.name}${type.nullable ? "?" : ""}`;
}

export function printValue(value: Value, written: Written): string {
  switch (value.kind) {
    case "text":
      return printText(value, written);
    case "number":
    case "percent":
    case "duration":
    case "size":
      return value.raw;
    case "boolean":
      return String(value.value);
    case "null":
      return "null";
    case "list":
      return `[${value.items.map((item) => printValue(item, written)).join(", ")}]`;
    case "path":
      return printNames(value.names, ".");
    case "call":
      return `${value.callee.text}(${printArguments(value.arguments, written)})`;
    default:
      return value satisfies never;
  }
}

export function printRange(range: RangeNode): string {
  const low = `${range.low?.raw ?? ""}${range.lowOpen ? "<" : ""}`;
  const high = `${range.highOpen ? "<" : ""}${range.high?.raw ?? ""}`;
  return `${low}..${high}${range.by ? ` by ${range.by.raw}` : ""}`;
}

/** With its word: `in 0..1`, `in ["a"]`, `matching "x"`. */
export function printDomain(domain: DomainNode, written: Written): string {
  switch (domain.kind) {
    case "range":
      return `in ${printRange(domain)}`;
    case "list":
      return `in ${printValue(domain, written)}`;
    case "matching":
      return `matching ${printText(domain.pattern, written)}`;
    default:
      return domain satisfies never;
  }
}

export function printCondition(condition: Condition, written: Written): string {
  return condition.comparisons
    .map(({ left, operator, right }) =>
      [printValue(left, written), operator, printValue(right, written)].join(" "),
    )
    .join(" and ");
}

function printArguments(list: readonly Argument[], written: Written): string {
  return list
    .map(({ name, value }) => `${name ? `${name.text}: ` : ""}${printValue(value, written)}`)
    .join(", ");
}

function slice(node: Node, written: Written): string {
  return written.slice(node.span.start, node.span.end);
}
