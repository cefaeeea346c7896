/** Reads an item whose block, or what stands around it, is not well-formed: its items are read on their own. */
import { diagnose } from "../../source/messages.ts";
import { suggest } from "../../source/suggest.ts";
import { type Span, positionAt } from "../../source/text.ts";
import { type Attempt, type Success, attempt, readItems } from "./attempt.ts";
import type { Closing } from "./brackets.ts";
import { gapsIn } from "./compact.ts";
import { type Context, blockContext } from "./context.ts";
import { wordAt } from "./lines.ts";
import { type Part, gather, moveFinding } from "./part.ts";
import { blockOf } from "./place.ts";
import { type Finding, type Placing, placeAt } from "./reader.ts";
import { type Recovery, breakRange, rangeOf } from "./recovery.ts";
import { startOfLine, tokensBetween } from "./tokens.ts";

interface BlockItem {
  /** The item with all that stands on its lines. */
  readonly range: Span;
  readonly open: number;
  readonly closing: Closing;
  readonly body: Part;
  readonly bodyStart: number;
  /** What follows the item here; undefined where the part ends. */
  readonly next: Placing["next"] | undefined;
}

/** Whether the lines are an item with a block; then the item is read, with whatever is wrong in it. */
export function readBlockItem(state: Recovery, from: number, to: number): boolean {
  const item = findBlock(state, from, to);
  if (!item) return false;
  const { findings } = state.found;
  readAround(state, item);
  const after = item.closing.missing ? item.next : { offset: item.closing.at, word: "}" };
  for (const finding of item.body.findings)
    findings.push(moveFinding(finding, item.bodyStart, after));
  if (item.closing.missing && !hidesBrace(state, item))
    findings.push(moveFinding(stillOpen(state, item), 0, item.next));
  return true;
}

const restOfLine = /[ \t]*\r?\n/y;

function findBlock(state: Recovery, from: number, to: number): BlockItem | undefined {
  const { text, tokens, lines, closings, context } = state;
  const range = rangeOf(state, from, to);
  const brace = tokensBetween(tokens, range.start, range.end).find(
    (token) => token.kind === "bracket" && token.bracket === "{",
  );
  const closing = brace && closings.get(brace.start);
  const inner = brace && contextOf(context, text.slice(range.start, brace.start));
  if (!closing || !inner) return undefined;
  restOfLine.lastIndex = brace.end;
  const bodyStart = restOfLine.test(text) ? Math.min(restOfLine.lastIndex, closing.at) : brace.end;
  const next = lines[to];
  return {
    range: { start: range.start, end: Math.max(range.end, closing.at) },
    open: brace.start,
    closing,
    bodyStart,
    body: state.readPart(text.slice(bodyStart, closing.at), inner),
    next: next === undefined ? undefined : wordAt(text, next),
  };
}

/** The context of the block after `header`, also if its first word is misspelled. */
function contextOf(context: Context, header: string): Context | undefined {
  const known = blockContext(context, header);
  if (known) return known;
  const word = /^[\p{L}\d_]+/u.exec(header)?.[0] ?? "";
  const meant = suggest(word, Object.keys(context.blocks));
  return meant === undefined ? undefined : blockContext(context, meant + header.slice(word.length));
}

/** Reads the item as if its block were empty, then puts the block's items in. */
function readAround(state: Recovery, item: BlockItem): void {
  const { closing, range } = item;
  const all = tryAround(state, item, range.end);
  const head =
    all.kind === "success" || closing.missing ? all : tryAround(state, item, closing.at + 1);
  if (head.kind !== "success") {
    breakRange(state, head, range);
    return;
  }
  readHead(state, item, head);
  if (all.kind === "success") return;
  const start = state.text.slice(closing.at + 1).search(/\S/) + closing.at + 1;
  breakRange(state, all, { start, end: range.end });
}

function tryAround({ text, tokens, context }: Recovery, item: BlockItem, end: number): Attempt {
  const { open, closing, range } = item;
  const head = tokensBetween(tokens, range.start, open + 1);
  const tail = closing.missing ? [] : tokensBetween(tokens, closing.at, end);
  const gaps = [...gapsIn(head), { start: open + 1, end: closing.at }, ...gapsIn(tail)];
  const span = { start: range.start, end: closing.missing ? closing.at : end };
  const ending = closing.missing ? "}" : "";
  return attempt(text, [...head, ...tail], span, context, { gaps, ending });
}

function readHead({ reader, context, found }: Recovery, item: BlockItem, head: Success): void {
  const { open, body: part, bodyStart: at } = item;
  const around = gather();
  reader.hollow.add(open);
  readItems(head, context, reader, around);
  for (const one of around.items) {
    const isHollow =
      one.kind !== "part" && one.kind !== "hollow" && blockOf(one)?.span.start === open;
    found.items.push(isHollow ? { kind: "hollow", item: one, open, at, part } : one);
  }
}

/** Whether a text that is not closed has swallowed the `}`; then one finding is enough. */
function hidesBrace({ text, tokens }: Recovery, { open, closing }: BlockItem): boolean {
  return tokensBetween(tokens, open, closing.at).some(
    (token) =>
      token.kind === "text" && !token.closed && text.slice(token.start, token.end).includes("}"),
  );
}

function stillOpen({ text }: Recovery, { open, closing }: BlockItem): Finding {
  const last = text.slice(0, closing.at).trimEnd().length;
  const begin = startOfLine(text, open);
  const indent = /[ \t]*/y.exec(text.slice(begin, open))?.[0] ?? "";
  return (placing) => {
    const { source, base, next } = placing;
    const { line, column } = positionAt(source, base + open);
    const place = { start: next.offset, end: next.offset + (next.word?.length ?? 0) };
    const edit = {
      place: placeAt(placing, { start: last, end: last }),
      replacement: `\n${indent}}`,
    };
    return diagnose(
      "E0102",
      { source, span: place },
      { opened: `${line}:${column}`, before: next.word },
      { edits: [edit] },
    );
  };
}
