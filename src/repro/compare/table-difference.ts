/** Where two tables differ: cells by row and column; rows and columns that only one of them has. */
import type { Cell, Table } from "../../content/csv.ts";
import { type CellDifference, type Difference, mostListed } from "./comparison.ts";

interface Found {
  readonly cells: CellDifference[];
  count: number;
}

/** Undefined exactly where the content is the same. */
export function tableDifference(before: Table, after: Table): Difference | undefined {
  const found: Found = { cells: [], count: 0 };
  compareHeaders(before, after, found);
  const columns = sharedColumns(before, after);
  const { start, end, endAfter } = unlikeRows(before, after);
  for (let at = start; at < Math.max(end, endAfter); at++) {
    const row = at < end ? before.rows[at] : undefined;
    const other = at < endAfter ? after.rows[at] : undefined;
    if (row && other) compareRows(row, other, at + 1, columns, found);
    else tell({ row: at + 1, column: "", before: textOf(row), after: textOf(other) }, found);
  }
  if (found.count === 0) return undefined;
  return { kind: "cells", ...found, before: sizeOf(before), after: sizeOf(after) };
}

function tell(cell: CellDifference, found: Found): void {
  found.count += 1;
  if (found.cells.length < mostListed) found.cells.push(cell);
}

function textOf(row: readonly Cell[] | undefined): string {
  return row?.map((cell) => cell.text).join(",") ?? "";
}

function sizeOf({ columns, rows }: Table): { rows: number; columns: readonly string[] } {
  return { rows: rows.length, columns };
}

/** Columns that are there on one side only, else the places at which the order differs. */
function compareHeaders(before: Table, after: Table, found: Found): void {
  const header = (column: string, a: string, b: string): void =>
    tell({ row: 0, column, before: a, after: b }, found);
  const gone = before.columns.filter((name) => !after.columns.includes(name));
  const added = after.columns.filter((name) => !before.columns.includes(name));
  for (const name of gone) header(name, name, "");
  for (const name of added) header(name, "", name);
  if (gone.length > 0 || added.length > 0) return;
  const length = Math.max(before.columns.length, after.columns.length);
  for (let at = 0; at < length; at++) {
    const [name = "", other = ""] = [before.columns[at], after.columns[at]];
    if (name !== other) header(`${at + 1}`, name, other);
  }
}

interface SharedColumn {
  readonly name: string;
  readonly at: number;
  readonly atAfter: number;
}

/** By place where both have the same header, which may repeat names; else by name. */
function sharedColumns({ columns, rows }: Table, after: Table): readonly SharedColumn[] {
  if (JSON.stringify(columns) !== JSON.stringify(after.columns))
    return columns
      .map((name, at) => ({ name, at, atAfter: after.columns.indexOf(name) }))
      .filter(({ atAfter }) => atAfter >= 0);
  const width = [...rows, ...after.rows].reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: width }, (_, at) => {
    return { name: columns[at] ?? `${at + 1}`, at, atAfter: at };
  });
}

/** Where rows were added or removed, those before and behind them are not told as different. */
function unlikeRows(before: Table, after: Table) {
  const [rows, others] = [before.rows, after.rows];
  if (rows.length === others.length) return { start: 0, end: rows.length, endAfter: rows.length };
  const isSame = (at: number, other: number): boolean =>
    JSON.stringify(rows[at]) === JSON.stringify(others[other]);
  const shorter = Math.min(rows.length, others.length);
  let start = 0;
  while (start < shorter && isSame(start, start)) start++;
  let [end, endAfter] = [rows.length, others.length];
  while (end > start && endAfter > start && isSame(end - 1, endAfter - 1)) {
    end--;
    endAfter--;
  }
  return { start, end, endAfter };
}

function compareRows(
  row: readonly Cell[],
  other: readonly Cell[],
  line: number,
  columns: readonly SharedColumn[],
  found: Found,
): void {
  for (const { name, at, atAfter } of columns) {
    const [cell, its] = [row[at], other[atAfter]];
    if (cell?.meaning === its?.meaning) continue;
    tell({ row: line, column: name, before: cell?.text ?? "", after: its?.text ?? "" }, found);
  }
}
