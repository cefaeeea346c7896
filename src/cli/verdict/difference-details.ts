/** What differs in one output, as the HTML report shows it: tables, patches, sentences. */
import { formatNumber } from "../../check/domain.ts";
import type { Difference, PointDifference } from "../../repro/compare/comparison.ts";
import { describeDifference, farthestOf } from "../../repro/compare/describe.ts";
import type { ReportDetail } from "../../report/verdict-data.ts";

/** What the reader calls the two executions: `recorded`, `now`. */
export interface SideNames {
  readonly before: string;
  readonly after: string;
}

type Of<Kind extends Difference["kind"]> = Extract<Difference, { readonly kind: Kind }>;

export function differenceDetails(
  difference: Difference,
  names: SideNames,
): readonly ReportDetail[] {
  switch (difference.kind) {
    case "only":
      return [text(`only ${names[difference.side]}`)];
    case "failures":
      return [failures(difference, names)];
    case "points":
      return [points(difference, names)];
    case "cells":
      return cells(difference, names);
    case "values":
      return [values(difference, names)];
    case "predictions":
      return predictions(difference, names);
    case "lines":
      return [
        difference.patch === undefined
          ? text("most of the lines differ")
          : { kind: "patch", text: difference.patch },
      ];
    case "bytes":
      return [bytes(difference)];
    case "pictures":
      return [text(describeDifference(difference))];
    case "files":
      return difference.files.flatMap((file) => [
        text(`${file.path}:`),
        ...differenceDetails(file.difference, names),
      ]);
    default:
      return difference satisfies never;
  }
}

function text(words: string): ReportDetail {
  return { kind: "text", text: words };
}

function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  count: number = rows.length,
): ReportDetail {
  const more = count - rows.length;
  return { kind: "table", columns, rows, rest: more > 0 ? `and ${more} more` : "" };
}

function failures(sides: Of<"failures">, names: SideNames): ReportDetail {
  const said = [sides.before, sides.after].map((failure) =>
    failure ? `${failure.place} ${failure.code} ${failure.message}`.trim() : "did well",
  );
  return table([names.before, names.after], [said]);
}

function points({ points: those, count }: Of<"points">, names: SideNames): ReportDetail {
  return table(["step", names.before, names.after, "difference"], those.map(pointRow), count);
}

function pointRow({ step, before, after }: PointDifference): readonly string[] {
  const change = before === undefined || after === undefined ? "" : String(after - before);
  return [String(step), numberText(before), numberText(after), change];
}

function numberText(value: number | undefined): string {
  return value === undefined ? "none" : formatNumber(value);
}

function cells({ cells: those, count, before, after }: Of<"cells">, names: SideNames) {
  const size = (one: typeof before): string => `${one.rows} rows of ${one.columns.length} columns`;
  const rows = those.map((cell) => [
    cell.row === 0 ? "header" : String(cell.row),
    cell.column,
    cell.before,
    cell.after,
  ]);
  const sizes = size(before) === size(after) ? [] : [text(`${size(before)}, then ${size(after)}`)];
  return [...sizes, table(["row", "column", names.before, names.after], rows, count)];
}

function values({ values: those, count }: Of<"values">, names: SideNames): ReportDetail {
  const rows = those.map((value) => [value.path || "(all of it)", value.before, value.after]);
  return table(["value", names.before, names.after], rows, count);
}

function predictions(difference: Of<"predictions">, names: SideNames): readonly ReportDetail[] {
  const { others, otherCount } = difference;
  const sides = [names.before, names.after];
  const farthest = farthestOf(difference).map(({ largest, by, numbers }) => {
    const { row, column, before, after } = numbers;
    return [largest, by, row, column, numberText(before), numberText(after)];
  });
  const listed = others.map(({ row, column, before, after }) => [row, column, before, after]);
  return [
    text(`${describeDifference(difference)} differ`),
    ...(farthest.length > 0
      ? [telling(["largest", "by", "row", "column", ...sides], farthest)]
      : []),
    ...(listed.length > 0 ? [telling(["row", "column", ...sides], listed, otherCount)] : []),
  ];
}

/** A table without the columns that say nothing. */
function telling(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  count?: number,
): ReportDetail {
  const told = (_: string, at: number): boolean => rows.some((cells) => cells[at] !== "");
  return table(
    columns.filter(told),
    rows.map((cells) => cells.filter(told)),
    count,
  );
}

function bytes({ before, after, offset }: Of<"bytes">): ReportDetail {
  return text(`${before} and ${after} bytes, the first that differs at ${offset}`);
}
