/** A piece of text without its comments and without what stands in quotes and fences: all the grammar needs to see. */
import type { Token } from "./tokens.ts";

export interface Compact {
  readonly text: string;
  /** From an offset in the compact text to one in the piece; at a gap it is the gap's start. */
  readonly place: (offset: number) => number;
}

interface Gap {
  readonly start: number;
  readonly end: number;
}

/**
 * Compacts `text` from `start` to `end`, where `tokens` are those of that range, between `before` and `after`, which
 * have no width in the piece. Ohm makes a tree node of every character it reads, so this is most of the speed.
 */
export function compact(
  text: string,
  tokens: readonly Token[],
  range: Gap = { start: 0, end: text.length },
  before = "",
  after = "",
): Compact {
  const parts = [before];
  const cuts: number[] = [];
  const shifts = [range.start - before.length];
  let from = range.start;
  let length = before.length;
  for (const token of tokens) {
    const gap = gapOf(token);
    if (!gap || gap.start === gap.end) continue;
    parts.push(text.slice(from, gap.start));
    length += gap.start - from;
    cuts.push(length);
    shifts.push(gap.end - length);
    from = gap.end;
  }
  parts.push(text.slice(from, range.end), after);
  return { text: parts.join(""), place: placeBy(cuts, shifts, range.end) };
}

function gapOf(token: Token): Gap | undefined {
  switch (token.kind) {
    case "comment":
      return token;
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
  end: number,
): Compact["place"] {
  return (offset) => {
    let low = 0;
    let high = cuts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cuts[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return Math.min(offset + (shifts[low] ?? 0), end);
  };
}
