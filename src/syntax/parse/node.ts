/** Access to the parts of a matched rule; a missing part is a bug of ours, not of the text. */
import type { Span } from "../../source/text.ts";
import type { Name } from "../ast.ts";
import type { Cst } from "./match.ts";
import type { Reader } from "./reader.ts";

/** Part `index` of the rule. */
export function part(node: Cst, index: number): Cst {
  const found = node.children[index];
  if (!found) throw new Error(`${node.rule} has no part ${index}`);
  return found;
}

/** What part `index`, an optional one, holds. */
export function optional(node: Cst, index: number): Cst | undefined {
  return part(node, index).children[0];
}

/** `node`, or what it stands for where it is a rule that only chooses among others. */
export function chosen(node: Cst): Cst {
  return part(node, 0);
}

export function spanOf({ start, end }: Cst): Span {
  return { start, end };
}

export function textOf({ start, end }: Cst, { text }: Reader): string {
  return text.slice(start, end);
}

export function readName(node: Cst, reader: Reader): Name {
  return { span: spanOf(node), text: textOf(node, reader) };
}

/** The names of a `Names` or a list of identifiers. */
export function readNames(node: Cst, reader: Reader): readonly Name[] {
  const list = node.rule === "list" ? node : part(node, 0);
  return list.children.map((name) => readName(name, reader));
}
