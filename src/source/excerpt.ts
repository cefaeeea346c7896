/** The lines of a text that a finding is about, with its places underlined. */
import { type SourceText, type Span, lineStarts, positionAt } from "./text.ts";
import { type Cell, cellsOf, widthOf } from "./width.ts";

/** A place to underline: `^` for the finding itself, `-` for what explains it. */
export interface Mark {
  readonly span: Span;
  readonly sign: "^" | "-";
  readonly note: string;
}

/** One printed line. `number` is empty on a line of underlines; a gap stands for lines that are left out. */
export type ExcerptLine =
  | { readonly kind: "text"; readonly number: string; readonly text: string }
  | {
      readonly kind: "mark";
      readonly sign: "^" | "-";
      readonly before: string;
      readonly line: string;
    }
  | { readonly kind: "gap" };

/** A mark's part on one line, in UTF-16 columns from 0. */
interface Stroke {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly sign: "^" | "-";
  readonly note: string;
}

/** The marked lines in order. Of a longer span the first and the last line are shown; lines wider than `width` are cut. */
export function excerpt(
  source: SourceText,
  marks: readonly Mark[],
  width: number,
): readonly ExcerptLine[] {
  const strokes = marks.flatMap((mark) => strokesOf(source, mark));
  const numbers = linesToShow(source, strokes);
  const lines: ExcerptLine[] = [];
  let previous = numbers[0] ?? 1;
  for (const number of numbers) {
    if (number === previous + 2) lines.push(...drawLine(source, number - 1, [], width));
    else if (number > previous + 2) lines.push({ kind: "gap" });
    const here = strokes.filter((stroke) => stroke.line === number);
    lines.push(...drawLine(source, number, here, width));
    previous = number;
  }
  return lines;
}

/** The lines of the strokes in order; above an empty one (the end of a file) the line before it too. */
function linesToShow(source: SourceText, strokes: readonly Stroke[]): readonly number[] {
  const lines = strokes.flatMap(({ line }) =>
    line > 1 && lineText(source, line) === "" ? [line - 1, line] : [line],
  );
  return [...new Set(lines)].toSorted((a, b) => a - b);
}

/** The text of a line, counted from 1, without its line break. */
function lineText(source: SourceText, line: number): string {
  const starts = lineStarts(source);
  return source.text.slice(starts[line - 1], starts[line] ?? source.text.length).trimEnd();
}

function strokesOf(source: SourceText, { span, sign, note }: Mark): readonly Stroke[] {
  const written = source.text.slice(span.start, span.end).trimEnd();
  const start = positionAt(source, span.start);
  const end = positionAt(source, span.start + written.length);
  const from = start.column - 1;
  if (start.line === end.line) return [{ line: start.line, from, to: end.column - 1, sign, note }];
  const first = lineText(source, start.line);
  const last = lineText(source, end.line);
  return [
    { line: start.line, from, to: first.length, sign, note: "" },
    { line: end.line, from: last.length - last.trimStart().length, to: end.column - 1, sign, note },
  ];
}

function drawLine(
  source: SourceText,
  line: number,
  strokes: readonly Stroke[],
  width: number,
): readonly ExcerptLine[] {
  const cells = cellsOf(lineText(source, line));
  const view = viewOf(cells, strokes, width);
  const drawn = strokes
    .toSorted((a, b) => (a.sign === b.sign ? a.from - b.from : a.sign === "^" ? -1 : 1))
    .map((stroke) => drawStroke(cells, stroke, view));
  return [{ kind: "text", number: String(line), text: viewText(cells, view) }, ...drawn];
}

/** The columns of a line that are shown: from `left` up to, not including, `right`. */
interface View {
  readonly left: number;
  readonly right: number;
  readonly end: number;
}

const cut = "...";

/** All of a line that fits; else a window in which the first mark begins in the left third. */
function viewOf(cells: readonly Cell[], strokes: readonly Stroke[], width: number): View {
  const end = endOf(cells);
  if (end <= width) return { left: 0, right: end, end };
  const mark = Math.min(...strokes.map((stroke) => columnAt(cells, stroke.from)), end);
  const wish = mark < (width * 2) / 3 ? 0 : mark - Math.floor(width / 3);
  const left = Math.max(0, Math.min(wish, end - width));
  return { left, right: Math.min(end, left + width), end };
}

function endOf(cells: readonly Cell[]): number {
  const last = cells.at(-1);
  return last ? last.column + widthOf(last.text) : 0;
}

/** Screen column of an offset in the line; beyond the end, one column for each. */
function columnAt(cells: readonly Cell[], offset: number): number {
  const cell = cells.findLast(({ offset: start }) => start <= offset);
  if (!cell) return 0;
  return cell === cells.at(-1) && offset > cell.offset ? endOf(cells) : cell.column;
}

function viewText(cells: readonly Cell[], { left, right, end }: View): string {
  const inside = cells.filter((cell) => cell.column >= left && cell.column < right);
  const text = inside.map((cell) => cell.text).join("");
  return `${left > 0 ? cut : ""}${text}${right < end ? cut : ""}`;
}

function drawStroke(cells: readonly Cell[], stroke: Stroke, view: View): ExcerptLine {
  const from = Math.max(columnAt(cells, stroke.from), view.left);
  const to = Math.min(columnAt(cells, stroke.to), view.right);
  const margin = from - view.left + (view.left > 0 ? cut.length : 0);
  const line = stroke.sign.repeat(Math.max(1, to - from));
  return {
    kind: "mark",
    sign: stroke.sign,
    before: " ".repeat(Math.max(0, margin)),
    line: stroke.note === "" ? line : `${line} ${stroke.note}`,
  };
}
