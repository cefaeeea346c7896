/** Texts in quotes: escapes and holes. */
import { diagnose } from "../../source/messages.ts";
import type { Hole, TextValue } from "../ast.ts";
import type { Cst } from "./match.ts";
import { spanOf, textOf } from "./node.ts";
import { type Reader, abridge, placeAt, report } from "./reader.ts";

const special = /\\u\{([0-9a-fA-F]{1,6})\}|\\(.?)|\$\{([^}"]*)\}?/gsu;
const path = /^[\p{L}_][\p{L}\d_]*(?:\.[\p{L}_][\p{L}\d_]*)*$/u;
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  '"': '"',
  "\\": "\\",
  $: "$",
};

export function readText(node: Cst, reader: Reader): TextValue {
  return { kind: "text", span: spanOf(node), parts: readParts(node, reader) };
}

/** The text of `node` where holes mean nothing; they stay as written. */
export function readPlainText(node: Cst, reader: Reader): string {
  return readParts(node, reader)
    .map((part) => (typeof part === "string" ? part : `\${${part.path.join(".")}}`))
    .join("");
}

function readParts(node: Cst, reader: Reader): readonly (string | Hole)[] {
  const written = textOf(node, reader).slice(1, -1);
  const parts: (string | Hole)[] = [];
  let plain = "";
  let from = 0;
  for (const found of written.matchAll(special)) {
    plain += written.slice(from, found.index);
    from = found.index + found[0].length;
    const meaning = readSpecial(found, node.start + 1 + found.index, reader);
    if (typeof meaning === "string") plain += meaning;
    else {
      if (plain !== "") parts.push(plain);
      plain = "";
      parts.push(meaning);
    }
  }
  plain += written.slice(from);
  return plain === "" && parts.length > 0 ? parts : [...parts, plain];
}

function readSpecial(found: RegExpMatchArray, start: number, reader: Reader): string | Hole {
  const [written, code, escaped, hole] = found;
  const span = { start, end: start + written.length };
  if (hole !== undefined && path.test(hole) && written.endsWith("}"))
    return { kind: "hole", span, path: hole.split(".") };
  const meaning = code === undefined ? escapes[escaped ?? ""] : characterOf(code);
  if (meaning !== undefined) return meaning;
  report(reader, (placing) =>
    diagnose("E0105", placeAt(placing, span), {
      written: abridge(written),
      isHole: hole !== undefined,
    }),
  );
  return written;
}

function characterOf(code: string): string | undefined {
  const point = Number.parseInt(code, 16);
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point > 0x10ffff || isSurrogate ? undefined : String.fromCodePoint(point);
}
