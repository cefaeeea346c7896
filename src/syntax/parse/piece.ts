/** Reads a part of a file: all of it at once if it is well-formed and short, else item by item. */
import type { Span } from "../../source/text.ts";
import { type Success, attempt, readItems } from "./attempt.ts";
import { pairBrackets } from "./brackets.ts";
import type { Context } from "./context.ts";
import { boundaryOf, itemLines, linesOf, wordAt } from "./lines.ts";
import { type Part, type ReadPart, addPart, finish, gather } from "./part.ts";
import { createReader } from "./reader.ts";
import { giveUp, mostFindings, readStubborn } from "./recover.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Longer parts are read item by item even if they are well-formed, so that an edit costs one item. */
const short = 1 << 14;
/** Reads without the help of earlier readings; `readPart` reads the parts of the part. */
export function readFresh(text: string, context: Context, readPart: ReadPart): Part {
  const tokens = tokenize(text);
  const all = { start: 0, end: text.length };
  const whole = attempt(text, tokens, all, context, { limit: short });
  if (whole.kind === "success") return readWhole(whole, text, tokens, context);
  const ranges = splitItems(text, tokens, context);
  if (ranges.length > 1) return readRanges(text, ranges, context, readPart);
  return readStubborn(text, tokens, context, readPart);
}

function splitItems(text: string, tokens: readonly Token[], context: Context): readonly Span[] {
  const lines = linesOf(text, tokens, pairBrackets(text, tokens));
  const starts = itemLines(text, lines, context).map((line) => boundaryOf(text, line));
  return starts.map((start, i) => ({
    start: i === 0 ? 0 : start,
    end: starts[i + 1] ?? text.length,
  }));
}

function readRanges(
  text: string,
  ranges: readonly Span[],
  context: Context,
  readPart: ReadPart,
): Part {
  const found = gather();
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i] ?? { start: 0, end: 0 };
    if (found.findings.length >= mostFindings) {
      addPart(found, giveUp(text.slice(range.start)), range.start);
      break;
    }
    const next = ranges[i + 1];
    const alone = readPart(text.slice(range.start, range.end), context);
    const joined = alone.isOpenEnded && next && readJoined(text, range, next, context);
    addPart(found, joined || alone, range.start, next && wordAt(text, next.start));
    if (joined) i++;
  }
  return { ...found, isOpenEnded: false };
}

/** Both ranges as one, if they are well-formed together. */
function readJoined(text: string, first: Span, second: Span, context: Context): Part | undefined {
  const both = text.slice(first.start, second.end);
  const tokens = tokenize(both);
  const whole = attempt(both, tokens, { start: 0, end: both.length }, context, { limit: short });
  return whole.kind === "success" ? readWhole(whole, both, tokens, context) : undefined;
}

function readWhole(whole: Success, text: string, tokens: readonly Token[], context: Context): Part {
  const reader = createReader(text, tokens);
  const found = gather();
  readItems(whole, context, reader, found);
  return finish(found, reader);
}
