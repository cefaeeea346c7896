/** Values as written become values of a type; a value that is none of that type is E0301. */
import type { Edit } from "../source/diagnostic.ts";
import type { Module, Value as ValueNode } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import { isOfNumberType, isTextType } from "./domain.ts";
import type { ParamType, Value } from "./program.ts";
import { fixedText } from "./texts.ts";

/** With its article, for messages. */
const typeWords: Readonly<Record<ParamType, string>> = {
  int: "an int",
  float: "a float",
  string: "a string",
  bool: "a bool",
  path: "a path",
  uri: "a uri",
};

/** The value of `node` as `type`; undefined, and E0301, where it is none. */
export function readValue(
  context: CheckContext,
  module: Module,
  node: ValueNode,
  type: ParamType,
  nullable: boolean,
): Value | undefined {
  if (node.kind === "null" && nullable) return null;
  if (node.kind === "text" && isTextType(type)) return fixedText(context, module, node);
  const value = scalarOf(node, type);
  if (value === undefined) sayMismatch(context, module, node, type);
  return value;
}

/** The type that a param without a type has by its default; undefined where that shows none. */
export function typeOfValue(node: ValueNode): ParamType | undefined {
  switch (node.kind) {
    case "text":
      return "string";
    case "number":
      return node.integer ? "int" : "float";
    case "percent":
      return "float";
    case "boolean":
      return "bool";
    default:
      return undefined;
  }
}

function scalarOf(node: ValueNode, type: ParamType): Value | undefined {
  if (node.kind === "boolean") return type === "bool" ? node.value : undefined;
  if (node.kind === "percent") return type === "float" ? node.value : undefined;
  if (node.kind !== "number" || (type !== "int" && type !== "float")) return undefined;
  return isOfNumberType(type, node.value) ? node.value : undefined;
}

function sayMismatch(
  context: CheckContext,
  module: Module,
  node: ValueNode,
  type: ParamType,
): void {
  const place = placeIn(module, node.span);
  const found = sourceOf(module, node);
  const quoted = isTextType(type) || node.kind === "path" ? quote(node, found) : undefined;
  const edits: Edit[] =
    quoted === undefined || !isTextType(type) ? [] : [{ place, replacement: quoted }];
  const fix = fixFor(node, type, edits[0]?.replacement);
  say(context, "E0301", place, { found, expected: typeWords[type], fix }, { edits });
}

function fixFor(node: ValueNode, type: ParamType, quoted: string | undefined): string {
  if (quoted !== undefined) return `write ${quoted}`;
  if (node.kind === "null") return `write the type as \`${type}?\` if it may be null`;
  if (node.kind === "number" && type === "int")
    return Number.isInteger(node.value)
      ? "an int lies within ±9007199254740991"
      : "write a whole number, or make it a float";
  if (node.kind === "text") return `write the value without quotes, or make the type \`string\``;
  return `write ${typeWords[type]} here`;
}

/** What was written as a text in quotes, where that is likely to be meant. */
function quote(node: ValueNode, found: string): string | undefined {
  if (node.kind === "list" || node.kind === "call" || node.kind === "null") return undefined;
  return JSON.stringify(found);
}

/** What was written, on one line and not too long. */
export function sourceOf(module: Module, node: { readonly span: ValueNode["span"] }): string {
  const text = module.source.text.slice(node.span.start, node.span.end).replace(/\s+/gu, " ");
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
