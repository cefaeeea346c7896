/** Parts that several constructs have. */
import type { Binding, FormatName, FormatNode, TagItem, TextValue } from "../ast.ts";
import { readItem } from "./item.ts";
import type { Cst } from "./match.ts";
import { optional, part, spanOf, textOf } from "./node.ts";
import type { Reader } from "./reader.ts";
import { readText } from "./text.ts";
import { readKey, readValue } from "./value.ts";

/** An `At`. */
export function readAt(node: Cst | undefined, reader: Reader): TextValue | undefined {
  return node && readText(part(node, 1), reader);
}

/** The text that may end the item, as its part `index`. */
export function readNote(node: Cst, index: number, reader: Reader): TextValue | undefined {
  const note = optional(node, index);
  return note && readText(note, reader);
}

/** A `Format`. */
export function readFormat(node: Cst | undefined, reader: Reader): FormatNode | undefined {
  const word = node && part(node, 1);
  return word && { span: spanOf(word), name: textOf(word, reader) as FormatName };
}

export function readTag(node: Cst, reader: Reader): TagItem {
  return readItem(node, reader, () => ({
    kind: "tag",
    key: readKey(part(node, 1), reader),
    value: readValue(part(node, 3), reader),
  }));
}

export function readBinding(node: Cst, reader: Reader): Binding {
  return readItem(node, reader, () => ({
    kind: "binding",
    key: readKey(part(node, 0), reader),
    value: readValue(part(node, 2), reader),
  }));
}
