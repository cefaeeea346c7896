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

const noteGap = 3;
/** A line wider than this has its note at its own end, lest it push those of its neighbours out of sight. */
const widestShared = 60;

/** The text of all lines, each with its line break. */
export function layOut(lines: readonly Line[]): string {
  const texts: string[] = [];
  for (let at = 0; at < lines.length;) {
    const group = groupAt(lines, at);
    if (group.length > 0) texts.push(...layOutGroup(group));
    else texts.push(layOutLine(lines[at]));
    at += Math.max(1, group.length);
  }
  return texts.map((text) => `${text}\n`).join("");
}

/** The rows from `at` on that share columns; empty where there is no row. */
function groupAt(lines: readonly Line[], at: number): readonly RowLine[] {
  const group: RowLine[] = [];
  const first = lines[at];
  for (const line of lines.slice(at)) {
    if (line.kind !== "row" || first?.kind !== "row") break;
    if (group.length > 0 && (line.row.shape === "" || line.row.shape !== first.row.shape)) break;
    group.push(line);
  }
  return group;
}

function layOutGroup(group: readonly RowLine[]): readonly string[] {
  const tails = group.filter(({ row }) => row.tail !== "");
  const tailColumn = Math.max(0, ...tails.map(({ row }) => widthOf(row.head))) + 1;
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
  const widths = bodies.map(widthOf).filter((width) => width <= widestShared);
  return Math.max(0, ...widths) + noteGap;
}

function padNote(body: string, column: number): string {
  return pad(body, Math.max(column, widthOf(body) + noteGap));
}

function pad(text: string, column: number): string {
  return text + " ".repeat(Math.max(0, column - widthOf(text)));
}

function layOutLine(line: Line | undefined): string {
  if (line?.kind === "plain") return indent(line.depth, line.text);
  return line?.kind === "verbatim" ? line.text : "";
}

function indent(depth: number, text: string): string {
  return "  ".repeat(depth) + text;
}
