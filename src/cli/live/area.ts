/** Lines at the bottom of a terminal that change while they stand there, below the text that stays. */
import { widthOf } from "../../source/width.ts";
import { divert } from "../terminal.ts";

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}
/** The lines as they are now, none of them wider than the screen; `now` is in milliseconds. */
export type Picture = (screen: Screen, now: number) => readonly string[];
/** The standard streams' side of it. */
type Stream = NodeJS.WriteStream;

/** Milliseconds between two pictures. */
const interval = 100;
/** Columns that stay free behind a line: the terminal writes ^C there. */
const margin = 3;

/**
 * Shows the picture until the answer is called, at the latest until the process ends; then nothing of it is left. What is
 * printed meanwhile waits for the next frame: one string that takes the lines away, prints, and draws them again. Between
 * two frames the cursor stands visible behind the last line.
 */
export function openLiveArea(picture: Picture, terminal: Stream = process.stdout): () => void {
  let waiting: readonly Piece[] = [];
  let shown: readonly string[] = [];
  let isMidLine = false;
  const frame = (lines: readonly string[]): void => {
    if (waiting.length === 0 && same(lines, shown)) return;
    const pieces = [
      { stream: terminal, text: erased(shown, columnsOf(terminal)) },
      ...waiting,
      { stream: terminal, text: lines.join("\n") },
    ];
    waiting = [];
    shown = lines;
    for (const { stream, text } of joined(pieces)) stream.write(text);
  };
  const draw = (): void => {
    const screen = { columns: columnsOf(terminal) - margin, rows: terminal.rows || 24 };
    frame(isMidLine ? [] : picture(screen, Date.now()));
  };
  const restore = divert((stream, text) => {
    if (text === "") return;
    waiting = [...waiting, { stream, text }];
    if (stream.isTTY) isMidLine = !text.endsWith("\n");
  });
  const timer = setInterval(draw, interval).unref();
  const end = (): void => {
    clearInterval(timer);
    process.off("exit", end);
    restore();
    frame([]);
  };
  process.once("exit", end);
  return end;
}

function columnsOf({ columns }: Stream): number {
  return columns || 80;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

interface Piece {
  readonly stream: Stream;
  readonly text: string;
}

/** With one piece for neighbours that go to the same stream, and none that are empty. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = [];
  for (const { stream, text } of pieces) {
    const last = all.at(-1);
    if (last?.stream === stream) all[all.length - 1] = { stream, text: last.text + text };
    else if (text !== "") all.push({ stream, text });
  }
  return all;
}

/** What takes these lines away when the cursor stands behind the last; where the screen was made narrower, they have wrapped. */
function erased(lines: readonly string[], columns: number): string {
  if (lines.length === 0) return "";
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(bare(line) / columns)), 0);
  return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
}

/** Columns of a line without its colours. */
function bare(line: string): number {
  // oxlint-disable-next-line no-control-regex
  return widthOf(line.replaceAll(/\x1b\[[\d;]*m/g, ""));
}
