/** How wide a text is on a terminal, and how to show it there without giving it power over the terminal. */

let segmenter: Intl.Segmenter | undefined;
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\p{Script=Han}/u;
const nothing = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const plain = /^[ -~]*$/;

/** Letters as a reader counts them. Made at first use: loading its tables takes as long as parsing a file. */
function graphemes(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** Columns that `text` takes: two for a wide letter or an emoji, none for a mark on the letter before. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text))
    width += nothing.test(segment) ? 0 : wide.test(segment) ? 2 : 1;
  return width;
}

/** As much of `text` as fits into so many columns, with … where something is left out. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let shown = "";
  let left = columns - 1;
  for (const { segment } of graphemes(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    shown += segment;
  }
  return columns > 0 ? `${shown}…` : "";
}

/** Control characters become pictures of themselves (␛), and marks that reorder what is read become �. */
export function harmless(text: string): string {
  return text
    .replace(/[\0-\x1f]/g, (control) => String.fromCodePoint(0x2400 + control.charCodeAt(0)))
    .replace(/\x7f/g, "\u2421")
    .replace(/[\x80-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** One letter of a line as it is shown. `offset` is where it begins in the line, `column` where on the screen, from 0. */
export interface Cell {
  readonly offset: number;
  readonly column: number;
  readonly text: string;
}

/** The cells of a line: tabs go to the next multiple of four columns, and nothing steers the terminal. */
export function cellsOf(line: string): readonly Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  for (const { segment, index } of graphemes(line)) {
    const text = segment === "\t" ? " ".repeat(4 - (column % 4)) : harmless(segment);
    cells.push({ offset: index, column, text });
    column += widthOf(text);
  }
  return cells;
}
