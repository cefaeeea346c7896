/** Numbers of the report's columns, as the figures show them. */
import type { ReportColumn, ReportData } from "../src/report/report-data.ts";

/** Columns in which some run has a number and none has a text. */
export function numberColumns({ columns }: ReportData): readonly ReportColumn[] {
  return columns.filter(
    ({ values }) =>
      values.some((value) => typeof value === "number") &&
      values.every((value) => typeof value !== "string"),
  );
}

export function numbersOf({ values }: ReportColumn): readonly number[] {
  return values.filter((value): value is number => typeof value === "number");
}

/** With four digits that count. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Whether values lie so far apart that each power of ten needs the same room. */
export function spansPowers(values: readonly number[]): boolean {
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const most = values.reduce((high, value) => Math.max(high, value), -Infinity);
  return least > 0 && most / least >= 50;
}

/** What a mark says of its run: its name, then a line for each value that the comparison asks for. */
export function describeRun({ runs, columns }: ReportData, run: number): string {
  const lines = columns.flatMap(({ name, shown, values }) => {
    const value = values[run];
    const text = typeof value === "number" ? shortNumber(value) : value;
    return shown && text !== null && text !== undefined ? [`${name} ${text}`] : [];
  });
  return [runs[run]?.label ?? "", ...lines].join("\n");
}
