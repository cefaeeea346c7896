/** A file of another edition: its first line is read, and nothing else. */
import { diagnose } from "../../source/messages.ts";
import type { Span } from "../../source/text.ts";
import type { EditionNode, NumberValue } from "../ast.ts";
import { readBroken, readItem } from "./item.ts";
import { wordAt } from "./lines.ts";
import { type Part, finish, gather } from "./part.ts";
import { createReader, placeAt } from "./reader.ts";
import { significant } from "./recovery.ts";
import { tokenize } from "./tokens.ts";

const edition = /mlpipe[ \t]+(\d+)(?![\p{L}\d_.])/uy;

/** The whole file as one part, if it is of another edition than 1; undefined if it is not. */
export function readOtherEdition(text: string): Part | undefined {
  edition.lastIndex = wordAt(text, 0).offset;
  const found = edition.exec(text);
  const raw = found?.[1];
  if (!found || raw === undefined || Number(raw) === 1) return undefined;
  return readOther(text, { start: found.index, end: edition.lastIndex }, raw);
}

function readOther(text: string, span: Span, raw: string): Part {
  const tokens = tokenize(text);
  const reader = createReader(text, tokens);
  const found = gather();
  const number = { start: span.end - raw.length, end: span.end };
  found.edition = readItem(span, reader, (): Omit<EditionNode, "span" | "trivia" | "doc"> => ({
    version: readVersion(raw, number),
  }));
  const rest = { start: wordAt(text, span.end).offset, end: text.length };
  if (rest.start < rest.end) found.items.push(readBroken(significant(text, tokens, rest), reader));
  found.findings.push((placing) => diagnose("E0108", placeAt(placing, span), { edition: raw }));
  return finish(found, reader);
}

function readVersion(raw: string, span: Span): NumberValue {
  return { kind: "number", span, raw, value: Number(raw), integer: true };
}
