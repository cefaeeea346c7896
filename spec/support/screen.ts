/** What a terminal shows of what is written to it: enough of one for lines that are drawn, taken away and drawn again. */

export interface Screen {
  readonly write: (text: string) => void;
  /** From the first line that was written to the last that is not empty. */
  readonly lines: () => readonly string[];
}

type Steering = readonly [pattern: RegExp, act: (cursor: Cursor, count: number) => void];
interface Cursor {
  row: number;
  column: number;
  readonly rows: string[];
}

/** Others than these are not expected, and are an error. */
const steerings: readonly Steering[] = [
  [/^\r/, (cursor) => void (cursor.column = 0)],
  [
    /^\n/,
    (cursor) => {
      cursor.row++;
      cursor.column = 0;
    },
  ],
  // oxlint-disable-next-line no-control-regex
  [/^\x1b\[(\d+)A/, (cursor, count) => void (cursor.row = Math.max(0, cursor.row - count))],
  [
    // oxlint-disable-next-line no-control-regex
    /^\x1b\[J/,
    ({ rows, row, column }) => {
      rows.length = row + 1;
      rows[row] = (rows[row] ?? "").slice(0, column);
    },
  ],
  // Colours.
  // oxlint-disable-next-line no-control-regex
  [/^\x1b\[[\d;]*m/, () => {}],
];

/** As wide and as high as need be; all letters one column wide. */
export function openScreen(): Screen {
  const cursor: Cursor = { row: 0, column: 0, rows: [] };
  const put = (letter: string): void => {
    const line = (cursor.rows[cursor.row] ?? "").padEnd(cursor.column);
    cursor.rows[cursor.row] = line.slice(0, cursor.column) + letter + line.slice(cursor.column + 1);
    cursor.column++;
  };
  return {
    write(text) {
      for (let rest = text; rest !== "";) {
        const used = steer(cursor, rest);
        if (used === 0) put(rest[0] ?? "");
        rest = rest.slice(used || 1);
      }
    },
    lines: () =>
      Array.from(cursor.rows, (line) => line ?? "")
        .join("\n")
        .trimEnd()
        .split("\n"),
  };
}

/** How many characters steer; 0 where the text begins with a letter. */
function steer(cursor: Cursor, text: string): number {
  for (const [pattern, act] of steerings) {
    const found = pattern.exec(text);
    if (!found) continue;
    act(cursor, Number(found[1] ?? 1));
    return found[0].length;
  }
  if (text.startsWith("\x1b"))
    throw new Error(`not understood: ${JSON.stringify(text.slice(0, 9))}`);
  return 0;
}
