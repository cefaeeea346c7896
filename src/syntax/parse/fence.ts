/** Where a block of code ends, also when it was never closed; in time linear in the text. */

export interface Fence {
  readonly kind: "fence";
  readonly start: number;
  readonly end: number;
  readonly ticks: number;
  /** The code: whole lines, without those of the ticks. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly closed: boolean;
}

/** Reads the fence whose `ticks` ticks begin at `start`. Ask in ascending order. */
export type FenceReader = (start: number, ticks: number) => Fence;

/** A word that begins a declaration and can begin nothing else, at the start of a line. */
const header = /(?:import|project|run|sweep|compare|launch)[ \t]+["\p{L}_]/uy;
const brace = /[ \t]*(?=\})/y;

export function createFenceReader(text: string): FenceReader {
  const nextTicks = createTickSearch(text);
  return (start, ticks) => {
    const opening = text.indexOf("\n", start);
    if (opening < 0) return unclosed(start, ticks, text.length, text.length);
    const bodyStart = opening + 1;
    const bodyEnd = nextTicks(opening, ticks) + 1;
    if (bodyEnd > 0) {
      const end = text.indexOf("`", bodyEnd) + ticks;
      if (!/\p{L}/u.test(text.charAt(end)))
        return { kind: "fence", start, end, ticks, bodyStart, bodyEnd, closed: true };
    }
    const limit = bodyEnd > 0 ? bodyEnd : text.length;
    return unclosed(start, ticks, bodyStart, openEnd(text, start, bodyStart, limit));
  };
}

function unclosed(start: number, ticks: number, bodyStart: number, end: number): Fence {
  return { kind: "fence", start, end, ticks, bodyStart, bodyEnd: end, closed: false };
}

/**
 * Offset of the line break before the next line that begins with exactly so many ticks, or -1. It remembers its last
 * answer for each number of ticks: many openings without an end must not search the whole text each.
 */
function createTickSearch(text: string): (from: number, ticks: number) => number {
  const last = new Map<number, { readonly from: number; readonly found: number }>();
  return (from, ticks) => {
    const known = last.get(ticks);
    if (known && known.from <= from && (known.found < 0 || known.found >= from)) return known.found;
    const line = ticks === 4 ? /\n[ \t]*`{4}(?!`)/g : /\n[ \t]*`{3}(?!`)/g;
    line.lastIndex = from;
    const found = line.exec(text)?.index ?? -1;
    last.set(ticks, { from, found });
    return found;
  };
}

/**
 * The code that is never closed ends before the line that is surely not code: a declaration, or a `}` left of the fence.
 * Code that begins in the middle of a line counts as not indented, however the line is cut.
 */
function openEnd(text: string, start: number, bodyStart: number, limit: number): number {
  const lead = text.slice(text.lastIndexOf("\n", start) + 1, start);
  const indent = lead.trimStart() === "" ? lead.length : 0;
  for (let at = bodyStart; at < limit; at = text.indexOf("\n", at) + 1 || limit) {
    header.lastIndex = brace.lastIndex = at;
    if (header.test(text)) return at;
    const found = brace.exec(text);
    if (found && found[0].length < Math.max(indent, 1)) return at;
  }
  return limit;
}
