/** A piece of text without its comments and without what stands in quotes and fences: all the grammar needs to see. */
import type { Span } from "../../source/text.ts";
import type { Token } from "./tokens.ts";

export interface Compact {
  readonly text: string;
  /** From an offset in the compact text to one in the piece; at a gap it is the gap's start. */
  readonly place: (offset: number) => number;
}

/** What the grammar needs around the text; it has no width in the piece. */
export interface Frame {
  readonly before: string;
  readonly after: string;
}

/** What is left out, ascending and apart. */
export type Gaps = readonly Span[];

/** Compacts `range` of `text`. Ohm makes a tree node of every character it reads, so this is most of the speed. */
export function compact(text: string, gaps: Gaps, range: Span, frame: Frame): Compact {
  const parts = [frame.before];
  const cuts: number[] = [];
  const shifts = [range.start - frame.before.length];
  let from = range.start;
  let length = frame.before.length;
  for (const gap of gaps) {
    parts.push(text.slice(from, gap.start));
    length += gap.start - from;
    cuts.push(length);
    shifts.push(gap.end - length);
    from = gap.end;
  }
  parts.push(text.slice(from, range.end), frame.after);
  return { text: parts.join(""), place: placeBy(cuts, shifts, range) };
}

/** What of `tokens` the grammar need not see. */
export function gapsIn(tokens: readonly Token[]): Gaps {
  return tokens.flatMap((token) => {
    const gap = gapOf(token);
    return gap && gap.start < gap.end ? [gap] : [];
  });
}

function gapOf(token: Token): Span | undefined {
  switch (token.kind) {
    case "comment":
      return { start: token.start, end: token.end };
    case "text":
      return token.closed ? { start: token.start + 1, end: token.end - 1 } : undefined;
    case "fence":
      return token.closed ? { start: token.bodyStart, end: token.bodyEnd } : undefined;
    case "bracket":
      return undefined;
  }
}

/** `shifts[i]` holds between `cuts[i - 1]` (exclusive) and `cuts[i]` (inclusive). */
function placeBy(
  cuts: readonly number[],
  shifts: readonly number[],
  { start, end }: Span,
): Compact["place"] {
  return (offset) => {
    let low = 0;
    let high = cuts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cuts[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return Math.min(Math.max(offset + (shifts[low] ?? 0), start), end);
  };
}
