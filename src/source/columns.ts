/** A table that fits the screen: what can be shortened is, and what then still has no room is left out. */
import type { Paint, Role } from "./paint.ts";
import { widthOf } from "./width.ts";

export interface Column {
  readonly title: string;
  readonly cells: readonly string[];
  /** The same, shorter, for where there is little room. */
  readonly short?: readonly string[];
  /** Fewest columns of the screen that it may be cut to; absent: it is never cut. */
  readonly least?: number;
  /** Which part of a text stays when it is cut; absent: its begin. */
  readonly keeps?: "end";
  /** May be left out: the lowest rank goes first, and of equal ones the last. */
  readonly rank?: number;
  readonly role?: (row: number) => Role | undefined;
}

export interface Fitted {
  readonly columns: readonly Column[];
  /** Titles of those left out, the first to go first. */
  readonly left: readonly string[];
}

const gap = "  ";

function widthsOf(columns: readonly Column[]): readonly number[] {
  return columns.map(({ title, cells }) =>
    cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(title)),
  );
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
}

/** Columns of the screen that are left beside these. */
export function roomBeside(columns: readonly Column[], width: number): number {
  return width - lineWidth(widthsOf(columns)) - gap.length;
}

/** Columns that take at most `width` columns of the screen together, if what may be cut and left out allows it. */
export function fitColumns(columns: readonly Column[], width: number, cutSign: string): Fitted {
  if (lineWidth(widthsOf(columns)) <= width) return { columns, left: [] };
  const short = columns.map((column) => ({ ...column, cells: column.short ?? column.cells }));
  const widths = narrow(short, width);
  const last = leastWanted(columns);
  if (lineWidth(widths) <= width || last < 0) {
    const cut = short.map((column, at) => cutColumn(column, widths[at] ?? 0, cutSign));
    return { columns: cut, left: [] };
  }
  const { columns: rest, left } = fitColumns(columns.toSpliced(last, 1), width, cutSign);
  return { columns: rest, left: [columns[last]?.title ?? "", ...left] };
}

/** Where the first column to leave out stands; -1: none may be. */
function leastWanted(columns: readonly Column[]): number {
  const lowest = Math.min(...columns.map(({ rank }) => rank ?? Infinity));
  return columns.findLastIndex(({ rank }) => rank !== undefined && rank === lowest);
}

/** Takes from the widest of those that may be cut, one by one, until all fit or none can give more. */
function narrow(columns: readonly Column[], width: number): readonly number[] {
  const widths = [...widthsOf(columns)];
  for (let excess = lineWidth(widths) - width; excess > 0; excess--) {
    let widest = -1;
    for (const [at, { least = Infinity }] of columns.entries())
      if ((widths[at] ?? 0) > least && (widths[at] ?? 0) > (widths[widest] ?? 0)) widest = at;
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function cutColumn(column: Column, width: number, sign: string): Column {
  const cut = (text: string): string => cutText(text, width, sign, column.keeps);
  return { ...column, title: cut(column.title), cells: column.cells.map(cut) };
}

/** At most `width` columns of `text`, with a sign where something is missing. */
export function cutText(text: string, width: number, sign: string, keeps?: "end"): string {
  if (widthOf(text) <= width) return text;
  const letters = Array.from(new Intl.Segmenter("en").segment(text), ({ segment }) => segment);
  const room = width - widthOf(sign);
  let kept = "";
  while (letters.length > 0) {
    const next = keeps === "end" ? letters.pop() : letters.shift();
    const longer = keeps === "end" ? `${next}${kept}` : `${kept}${next}`;
    if (widthOf(longer) > room) break;
    kept = longer;
  }
  return keeps === "end" ? `${sign}${kept}` : `${kept}${sign}`;
}

/** Titles, then the rows; no space at the end of a line. */
export function printColumns(columns: readonly Column[], paint: Paint): string {
  const widths = widthsOf(columns);
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const line = (
    text: (column: Column) => string,
    role: (column: Column) => Role | undefined,
  ): string =>
    `${columns
      .map((column, at) => {
        const isLast = at === columns.length - 1;
        return painted(text(column), isLast ? 0 : (widths[at] ?? 0), role(column), paint);
      })
      .join(gap)
      .trimEnd()}\n`;
  const titles = line(
    ({ title }) => title,
    () => "strong",
  );
  const body = Array.from({ length: rows }, (_, row) =>
    line(
      ({ cells }) => cells[row] ?? "",
      ({ role }) => role?.(row),
    ),
  );
  return titles + body.join("");
}

function painted(text: string, width: number, role: Role | undefined, paint: Paint): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return (role && text !== "" ? paint(role, text) : text) + space;
}

/** Numbers in a column, their points below each other; other texts stay at the left. */
export function alignNumbers(texts: readonly string[]): readonly string[] {
  const parts = texts.map((text) => /^([+-]?\d+)(\.\d+)?(e[+-]?\d+)?$/.exec(text));
  const whole = Math.max(0, ...parts.map((part) => part?.[1]?.length ?? 0));
  return texts.map((text, at) =>
    parts[at] ? " ".repeat(whole - (parts[at][1]?.length ?? 0)) + text : text,
  );
}
