/** Lines of a formatted file: their depth, and the columns that neighbours share. */
import { widthOf } from "../source/width.ts";

/**
 * A line in up to three cells. Neighbours of one `shape` share their columns: the tails begin in one column, the notes
 * in another. An empty shape shares with nobody.
 */
export interface Row {
  readonly shape: string;
  readonly head: string;
  readonly tail: string;
  readonly note: string;
}

export type Line =
  | { readonly kind: "row"; readonly depth: number; readonly row: Row; readonly comment: string }
  | { readonly kind: "plain"; readonly depth: number; readonly text: string }
  /** Text that is nobody's but its author's; holds its own line breaks but the last. */
  | { readonly kind: "verbatim"; readonly text: string }
  | { readonly kind: "blank" };

type RowLine = Extract<Line, { kind: "row" }>;
type OtherLine = Exclude<Line, RowLine>;

const noteGap = 3;
/** A line wider than this has its note at its own end, lest it push those of its neighbours out of sight. */
const widestShared = 60;

/** The text of all lines, each with its line break. */
export function layOut(lines: readonly Line[]): string {
  return groupRows(lines)
    .flatMap((group) => (Array.isArray(group) ? layOutGroup(group) : [layOutLine(group)]))
    .map((text) => `${text}\n`)
    .join("");
}

/** Neighbouring rows that share columns, together; all other lines as they are. */
function groupRows(lines: readonly Line[]): readonly (RowLine[] | OtherLine)[] {
  const groups: (RowLine[] | OtherLine)[] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (line.kind !== "row") groups.push(line);
    else if (Array.isArray(last) && shareColumns(last[0], line)) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

function shareColumns(above: RowLine | undefined, line: RowLine): boolean {
  return line.row.shape !== "" && line.row.shape === above?.row.shape;
}

function layOutGroup(group: readonly RowLine[]): readonly string[] {
  const tails = group.filter(({ row }) => row.tail !== "");
  const tailColumn = widest(tails.map(({ row }) => row.head)) + 1;
  const bodies = group.map(({ row }) =>
    row.tail === "" ? row.head : `${pad(row.head, tailColumn)}${row.tail}`,
  );
  const noteColumn = noteColumnOf(bodies.filter((_, index) => group[index]?.row.note !== ""));
  return group.map(({ row, comment, depth }, index) => {
    const body = bodies[index] ?? "";
    const full = row.note === "" ? body : `${padNote(body, noteColumn)}${row.note}`;
    return indent(depth, comment === "" ? full : `${full}  ${comment}`);
  });
}

function noteColumnOf(bodies: readonly string[]): number {
  return widest(bodies.filter((body) => widthOf(body) <= widestShared)) + noteGap;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}

function padNote(body: string, column: number): string {
  return pad(body, Math.max(column, widthOf(body) + noteGap));
}

function pad(text: string, column: number): string {
  return text + " ".repeat(Math.max(0, column - widthOf(text)));
}

function layOutLine(line: OtherLine): string {
  switch (line.kind) {
    case "plain":
      return indent(line.depth, line.text);
    case "verbatim":
      return line.text;
    case "blank":
      return "";
    default:
      return line satisfies never;
  }
}

function indent(depth: number, text: string): string {
  return "  ".repeat(depth) + text;
}
