/** What the recovery of one part knows, and what it does with a range that stays broken. */
import { diagnose } from "../../source/messages.ts";
import type { Span } from "../../source/text.ts";
import type { Attempt } from "./attempt.ts";
import type { Closings } from "./brackets.ts";
import type { Context } from "./context.ts";
import { explain } from "./explain.ts";
import { readBroken } from "./item.ts";
import { boundaryOf } from "./lines.ts";
import type { Gathering, ReadPart } from "./part.ts";
import { type Finding, type Reader, isSpace, placeAt } from "./reader.ts";
import { type Token, tokensBetween } from "./tokens.ts";

export interface Recovery {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly closings: Closings;
  readonly lines: readonly number[];
  readonly context: Context;
  readonly readPart: ReadPart;
  readonly reader: Reader;
  readonly found: Gathering;
  isOpenEnded: boolean;
}

/** The text of the lines, without what stands above them. */
export function rangeOf({ lines, text }: Recovery, from: number, to: number): Span {
  const next = lines[to];
  return {
    start: lines[from] ?? text.length,
    end: next === undefined ? text.length : boundaryOf(text, next),
  };
}

/** Makes `range` one broken item and says what is wrong with it; answers the range without blanks at its end. */
export function breakRange(state: Recovery, failed: Attempt, range: Span): Span {
  const { text, tokens, reader, found } = state;
  const trimmed = significant(text, tokens, range);
  found.findings.push(explainAttempt(state, failed, trimmed));
  found.items.push(readBroken(trimmed, reader));
  return trimmed;
}

function explainAttempt(state: Recovery, failed: Attempt, range: Span): Finding {
  if (failed.kind === "mismatch") return explain(state, failed, range);
  const { why: expected, advice } =
    failed.kind === "refusal" ? failed : { why: "an item", advice: "" };
  return (placing) => diagnose("E0100", placeAt(placing, range), { expected, advice });
}

/** `range` without blanks and comments at its end. */
export function significant(text: string, tokens: readonly Token[], { start, end }: Span): Span {
  let at = trimEnd(text, start, end);
  for (const token of tokensBetween(tokens, start, end).toReversed()) {
    if (token.kind !== "comment" || token.end !== at) break;
    at = trimEnd(text, start, token.start);
  }
  return { start, end: at };
}

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}
