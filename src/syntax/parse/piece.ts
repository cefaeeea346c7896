/** Reads a part of a file: all of it at once if it is well-formed and short, else item by item. */
import type { Span } from "../../source/text.ts";
import { type Success, attempt, readItems, shortPart } from "./attempt.ts";
import { pairBrackets } from "./brackets.ts";
import type { Context } from "./context.ts";
import { boundaryOf, itemLines, linesOf, wordAt } from "./lines.ts";
import { type Part, type ReadPart, addPart, finish, gather } from "./part.ts";
import { type Placing, createReader } from "./reader.ts";
import { giveUp, mostFindings, readStubborn } from "./recover.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Longer parts are read item by item even if they are well-formed, so that an edit costs one item. */

/** Reads without the help of earlier readings; `readPart` reads the parts of the part. */
export function readFresh(text: string, context: Context, readPart: ReadPart): Part {
  const tokens = tokenize(text);
  const all = { start: 0, end: text.length };
  const whole = attempt(text, tokens, all, context, { limit: shortPart });
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
    const joined =
      alone.isOpenEnded && next ? readJoined(text, [range, next], context, readPart) : undefined;
    addPart(found, joined ?? alone, range.start, nextIn(text, (joined ? next : range)?.end));
    if (joined) i++;
  }
  return { ...found, isOpenEnded: false };
}

/** What follows `end`, unless that is outside of this text. */
function nextIn(text: string, end = text.length): Placing["next"] | undefined {
  const next = wordAt(text, end);
  return next.word === undefined ? undefined : next;
}

/** Both ranges as one, if that mends anything: the first failed at its end. */
function readJoined(
  text: string,
  [first, second]: readonly [Span, Span],
  context: Context,
  readPart: ReadPart,
): Part | undefined {
  const both = text.slice(first.start, second.end);
  const joined = readStubborn(both, tokenize(both), context, readPart);
  const next = readPart(text.slice(second.start, second.end), context);
  const isMended = joined.items[0]?.kind !== "broken";
  return isMended && joined.findings.length <= next.findings.length ? joined : undefined;
}

function readWhole(whole: Success, text: string, tokens: readonly Token[], context: Context): Part {
  const reader = createReader(text, tokens);
  const found = gather();
  readItems(whole, context, reader, found);
  return finish(found, reader);
}
