/** A piece of source text, places in it, and the translation of offsets to lines and columns. */

/** Half-open range of UTF-16 offsets in one source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One file's text. `path` is how the user named it (relative to the current folder where possible), for messages. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** A span in a known text. */
export interface Place {
  readonly source: SourceText;
  readonly span: Span;
}

/** Line and column as people count them: from 1. The column counts UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStartsOf = new WeakMap<SourceText, readonly number[]>();

/** Offsets at which the lines of `source` begin; the first is 0. */
export function lineStarts(source: SourceText): readonly number[] {
  const known = lineStartsOf.get(source);
  if (known) return known;
  const starts = [0];
  for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1))
    starts.push(at + 1);
  lineStartsOf.set(source, starts);
  return starts;
}

/** Where `offset` lies; an offset beyond the end is the end. */
export function positionAt(source: SourceText, offset: number): Position {
  const starts = lineStarts(source);
  const at = Math.min(Math.max(offset, 0), source.text.length);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - (starts[low] ?? 0) + 1 };
}
