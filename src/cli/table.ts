/** Rows as aligned columns of text. */
import { widthOf } from "../source/width.ts";

/** Two spaces between columns; a column is as wide as its widest cell; no space at the end of a line. */
export function printTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => widthOf(row[at] ?? ""))),
  );
  const cell = (text: string, at: number): string =>
    text + " ".repeat((widths[at] ?? 0) - widthOf(text));
  return rows.map((row) => `${row.map(cell).join("  ").trimEnd()}\n`).join("");
}
