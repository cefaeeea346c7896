/** A line made of pieces: it is cut before it is painted, for what has colours in it cannot be measured. */
import type { Paint, Role } from "../../source/paint.ts";
import { cut, harmless, widthOf } from "../../source/width.ts";
import { durationText } from "../../source/figures.ts";

/** A text, and how it is painted. */
export type Piece = readonly [text: string, role?: Role];

/** The pieces, two spaces between them, in at most so many columns. Empty ones are left out. */
export function fitLine(pieces: readonly Piece[], columns: number, paint: Paint): string {
  const all = pieces
    .map(([text, ...role]): Piece => [harmless(text), ...role])
    .filter(([text]) => text !== "")
    .flatMap((piece, index): readonly Piece[] => (index > 0 ? [["  "], piece] : [piece]));
  const text = all.map(([piece]) => piece).join("");
  const line = cut(text.trimEnd(), columns);
  let at = 0;
  return all
    .map(([piece, role]) => {
      const part = line.slice(at, (at += piece.length));
      return role && part !== "" ? paint(role, part) : part;
    })
    .join("");
}

/** Columns that the pieces take when nothing is cut. */
export function widthOfLine(pieces: readonly Piece[]): number {
  const texts = pieces.map(([text]) => harmless(text)).filter((text) => text !== "");
  return widthOf(texts.join("  "));
}

/** Filled up with spaces behind, or cut. */
export function column(text: string, columns: number): string {
  const shown = cut(harmless(text), columns);
  return shown + " ".repeat(columns - widthOf(shown));
}

/** How long something has been under way: never less than it takes to see it. */
export function elapsed(milliseconds: number): string {
  return durationText(Math.max(100, Math.round(milliseconds)));
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Turns while something is under way. */
export function spinner(now: number): string {
  return frames[Math.floor(now / 100) % frames.length] ?? "";
}
