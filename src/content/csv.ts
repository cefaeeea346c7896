/** Tables as csv: cells without quotes that are numbers count as numbers, all others as texts. */
import { formatNumber } from "../check/domain.ts";
import { type Kind, NotReadable, decodeText } from "./kind.ts";

export interface Cell {
  readonly text: string;
  /** The same for cells that mean the same. */
  readonly meaning: string;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export const csv: Kind<Table> = {
  read: (file) => readTable(decodeText(file)),
  canonical: ({ columns, rows }) =>
    JSON.stringify([columns, ...rows.map((row) => row.map(({ meaning }) => meaning))]),
};

const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

function readTable(content: string): Table {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < content.length || row.length > 0) {
    const match = token.exec(content);
    if (!match) throw new NotReadable("has a quoted text that does not end");
    const [, quoted, plain = "", end] = match;
    row.push(quoted === undefined ? plainCell(plain) : textCell(quoted.replaceAll('""', '"')));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  const [header = [], ...body] = rows;
  return { columns: header.map((cell) => cell.text), rows: body };
}

function textCell(text: string): Cell {
  return { text, meaning: `t${text}` };
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whole numbers that a double cannot hold count by their digits. */
function plainCell(text: string): Cell {
  const trimmed = text.trim();
  if (!number.test(trimmed)) return textCell(text);
  const value = Number(trimmed);
  const isExact = !/^[+-]?\d{16,}$/.test(trimmed) || Number.isSafeInteger(value);
  return { text: trimmed, meaning: `n${isExact ? formatNumber(value) : trimmed}` };
}
