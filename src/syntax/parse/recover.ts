/** Reads a part that is not well-formed: keeps the items that are, and says of each other one what is wrong with it. */
import { diagnose } from "../../source/messages.ts";
import type { Span } from "../../source/text.ts";
import { type Attempt, type Mismatch, attempt, readItems, shortPart } from "./attempt.ts";
import { pairBrackets } from "./brackets.ts";
import type { Context } from "./context.ts";
import { readBroken } from "./item.ts";
import { linesOf } from "./lines.ts";
import { type Part, type ReadPart, finish, gather } from "./part.ts";
import { type Finding, createReader, placeAt } from "./reader.ts";
import { readBlockItem } from "./recover-block.ts";
import { type Recovery, breakRange, rangeOf, significant } from "./recovery.ts";
import { type Token, tokenize, tokensBetween } from "./tokens.ts";

/** Of one part; what follows is not read. */
export const mostFindings = 100;
/** Lines that are tried together at most: an item of more lines has them in brackets. */
const window = 24;

export function readStubborn(
  text: string,
  tokens: readonly Token[],
  context: Context,
  readPart: ReadPart,
): Part {
  const closings = pairBrackets(text, tokens);
  const lines = linesOf(text, tokens, closings);
  const reader = createReader(text, tokens);
  const found = gather();
  const state: Recovery = {
    text,
    tokens,
    closings,
    lines,
    context,
    readPart,
    reader,
    found,
    isOpenEnded: false,
  };
  for (let at = 0; at < lines.length;) {
    if (found.findings.length < mostFindings) at = readLines(state, at);
    else at = giveUpFrom(state, at);
  }
  return finish(found, reader, state.isOpenEnded);
}

/** Reads some lines from line `at` on; answers the number of the next. */
function readLines(state: Recovery, at: number): number {
  if (isLong(state, at) && readBlockItem(state, at, at + 1)) return at + 1;
  const end = Math.min(at + window, state.lines.length);
  const many = tryLines(state, at, end);
  const all = many.kind === "refusal" ? tryLines(state, at, at + 1) : many;
  if (all.kind === "success") {
    readItems(all, state.context, state.reader, state.found);
    return all === many ? end : at + 1;
  }
  const bad = all.kind === "mismatch" ? lineOf(state, all, at, end) : at;
  const good = bad > at ? tryLines(state, at, bad) : undefined;
  if (good?.kind === "success") {
    readItems(good, state.context, state.reader, state.found);
    if (bad === end - 1 && end < state.lines.length) return bad;
  }
  breakLines(state, good?.kind === "success" ? bad : at, bad + 1, all);
  return bad + 1;
}

/** Whether the line, a block with all it holds, is better read item by item. */
function isLong(state: Recovery, at: number): boolean {
  const { start, end } = rangeOf(state, at, at + 1);
  return end - start > shortPart;
}

function tryLines(state: Recovery, from: number, to: number): Attempt {
  const range = rangeOf(state, from, to);
  const tokens = tokensBetween(state.tokens, range.start, range.end);
  return attempt(state.text, tokens, range, state.context);
}

/** The line, between `at` and `end`, in which the failure lies. */
function lineOf({ lines }: Recovery, { compact, failure }: Mismatch, at: number, end: number) {
  const offset = compact.place(failure.at);
  let line = end - 1;
  while (line > at && (lines[line] ?? 0) > offset) line--;
  return line;
}

function breakLines(state: Recovery, from: number, to: number, failed: Attempt): void {
  if (readBlockItem(state, from, to)) return;
  const range = breakRange(state, failed, rangeOf(state, from, to));
  const offset = failed.kind === "mismatch" ? failed.compact.place(failed.failure.at) : -1;
  state.isOpenEnded = to === state.lines.length && offset >= range.end;
}

function giveUpFrom(state: Recovery, at: number): number {
  const range = rangeOf(state, at, state.lines.length);
  state.found.items.push(readBroken(significant(state.text, state.tokens, range), state.reader));
  state.found.findings.push(tooMany(range, mostFindings));
  return state.lines.length;
}

/** All of `text` as one broken item, because too much before it was wrong. */
export function giveUp(text: string, after = mostFindings): Part {
  const tokens = tokenize(text);
  const reader = createReader(text, tokens);
  const found = gather();
  const from = linesOf(text, tokens, new Map())[0];
  if (from !== undefined) {
    const range = significant(text, tokens, { start: from, end: text.length });
    found.items.push(readBroken(range, reader));
    found.findings.push(tooMany(range, after));
  }
  return finish(found, reader);
}

function tooMany({ start }: Span, after: number): Finding {
  return (placing) =>
    diagnose("E0100", placeAt(placing, { start, end: start }), {
      expected: `fewer than ${after} mistakes before this line; nothing from here on is read`,
      advice: "mend what is above",
    });
}
