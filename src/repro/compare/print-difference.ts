/** What differs in one output, laid out for a terminal. */
import { formatNumber } from "../../check/domain.ts";
import { type Column, alignNumbers, fitColumns, printColumns } from "../../source/columns.ts";
import { changeText, counted, tellApart } from "../../source/figures.ts";
import type { Paint, Role } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import type {
  Difference,
  FileDifference,
  PointDifference,
  Predicted,
  TableSize,
} from "./comparison.ts";
import { describeDifference, farthestOf } from "./describe.ts";
import { ulpsBetween } from "./ulp.ts";

export interface Page {
  readonly paint: Paint;
  /** Columns of the screen. */
  readonly width: number;
}

const nothing = "–";
/** Points of one metric, and lines of a patch, that are shown. */
const mostPoints = 3;
const mostLines = 24;

type Of<Kind extends Difference["kind"]> = Extract<Difference, { kind: Kind }>;

/** Each line begins with `indent`. */
export function printDifference(difference: Difference, page: Page, indent: string): string {
  switch (difference.kind) {
    case "only":
      return `${indent}${describeDifference(difference)}\n`;
    case "failures":
      return printFailures(difference, indent);
    case "points":
      return "";
    case "cells":
      return printCells(difference, page, indent);
    case "values":
      return printValues(difference, page, indent);
    case "predictions":
      return printPredictions(difference, page, indent);
    case "lines":
      return printPatch(difference, page, indent);
    case "pictures":
      return printPictures(difference, indent);
    case "bytes":
      return printBytes(difference, indent);
    case "files":
      return printFiles(difference, page, indent);
    default:
      return difference satisfies never;
  }
}

function table(columns: readonly Column[], { paint, width }: Page, indent: string): string {
  const fitted = fitColumns(columns, width - indent.length, "…").columns;
  return printColumns(fitted, paint).replace(/^(?=.)/gm, indent);
}

function rest(listed: number, count: number, indent: string): string {
  return count > listed ? `${indent}… and ${count - listed} more\n` : "";
}

export interface MetricDifference {
  readonly key: string;
  readonly difference: Of<"points">;
}

/** The metrics of all steps; empty where none differs. */
export function printPoints(metrics: readonly MetricDifference[], page: Page): string {
  const rows = metrics.flatMap(({ key, difference: { points, count } }) => {
    const shown = points.slice(0, mostPoints).map((point, at) => ({ key: at ? "" : key, point }));
    const more = count - shown.length;
    return more > 0 ? [...shown, { key: `  … ${more} more`, point: undefined }] : shown;
  });
  if (rows.length === 0) return "";
  const cells = (text: (point: PointDifference) => string): readonly string[] =>
    rows.map(({ point }) => (point ? text(point) : ""));
  const columns: readonly Column[] = [
    { title: "metric", cells: rows.map(({ key }) => harmless(key)), least: 14 },
    { title: "step", cells: alignNumbers(cells(({ step }) => String(step))) },
    { title: "before", cells: alignNumbers(cells((point) => valuesOf(point)[0])) },
    { title: "after", cells: alignNumbers(cells((point) => valuesOf(point)[1])) },
    { title: "difference", cells: cells(changeOf), rank: 2 },
    { title: "ulp", cells: cells(ulpsOf), rank: 1 },
  ];
  const hasSteps = rows.some(({ point }) => point && point.step !== 0);
  return table(hasSteps ? columns : columns.toSpliced(1, 1), page, "");
}

function valuesOf({ before, after }: PointDifference): readonly [string, string] {
  if (before !== undefined && after !== undefined) return tellNumbersApart(before, after);
  const text = (value: number | undefined): string =>
    value === undefined ? nothing : tellApart(value, value)[0];
  return [text(before), text(after)];
}

function tellNumbersApart(before: number, after: number): readonly [string, string] {
  return before === after ? [formatNumber(before), formatNumber(after)] : tellApart(before, after);
}

function changeOf({ before, after }: PointDifference): string {
  return before === undefined || after === undefined ? nothing : changeText(before, after);
}

/** Beyond a million the number says no more than that it is large. */
function ulpsOf({ before, after }: Pick<PointDifference, "before" | "after">): string {
  if (before === undefined || after === undefined) return nothing;
  const ulps = ulpsBetween(before, after);
  if (ulps === undefined) return nothing;
  return ulps > 999_999n ? Number(ulps).toExponential(1).replace("e+", "e") : String(ulps);
}

function printCells({ cells, count, before, after }: Of<"cells">, page: Page, indent: string) {
  const text = (value: string): string => (value === "" ? nothing : harmless(value));
  const columns: readonly Column[] = [
    {
      title: "row",
      cells: alignNumbers(cells.map(({ row }) => (row === 0 ? "header" : String(row)))),
    },
    {
      title: "column",
      cells: cells.map(({ column }) => (column === "" ? "(the row)" : harmless(column))),
      least: 12,
    },
    { title: "before", cells: cells.map((cell) => text(cell.before)), least: 12 },
    { title: "after", cells: cells.map((cell) => text(cell.after)), least: 12 },
  ];
  const sizes =
    sizeOf(before) === sizeOf(after)
      ? ""
      : `${indent}${sizeOf(before)} before, ${sizeOf(after)} after\n`;
  return sizes + table(columns, page, indent) + rest(cells.length, count, indent);
}

function sizeOf({ rows, columns }: TableSize): string {
  return `${counted(rows, "row")} of ${counted(columns.length, "column")}`;
}

function printValues({ values, count }: Of<"values">, page: Page, indent: string): string {
  const columns: readonly Column[] = [
    {
      title: "at",
      cells: values.map(({ path }) => (path === "" ? "(all of it)" : harmless(path))),
      least: 20,
      keeps: "end",
    },
    { title: "before", cells: values.map((value) => harmless(value.before)), least: 12 },
    { title: "after", cells: values.map((value) => harmless(value.after)), least: 12 },
  ];
  return table(columns, page, indent) + rest(values.length, count, indent);
}

/** The numbers that are farthest apart, then what has no distance. */
function printPredictions(difference: Of<"predictions">, page: Page, indent: string): string {
  const { others, otherCount } = difference;
  const far = farthestOf(difference);
  const numbers = far.map((one) => one.numbers);
  const told = numbers.map(({ before, after }) => tellNumbersApart(before, after));
  const farthest: readonly Column[] = [
    { title: "largest", cells: far.map(({ largest }) => largest) },
    { title: "by", cells: far.map(({ by }) => by) },
    ...predictedPlaces(numbers),
    { title: "before", cells: alignNumbers(told.map(([before]) => before)), least: 12 },
    { title: "after", cells: alignNumbers(told.map(([, after]) => after)), least: 12 },
    { title: "ulp", cells: numbers.map(ulpsOf), rank: 1 },
  ];
  const listed: readonly Column[] = [
    ...predictedPlaces(others),
    { title: "before", cells: others.map(({ before }) => harmless(before)), least: 12 },
    { title: "after", cells: others.map(({ after }) => harmless(after)), least: 12 },
  ];
  return [
    far.length > 0 ? table(farthest, page, indent) : "",
    others.length > 0 ? table(listed, page, indent) + rest(others.length, otherCount, indent) : "",
  ].join("");
}

/** Where predicted values are; a column that says nothing is left out. */
function predictedPlaces(values: readonly Predicted<unknown>[]): readonly Column[] {
  const columns: readonly Column[] = [
    { title: "row", cells: values.map(({ row }) => harmless(row)), least: 8 },
    { title: "column", cells: values.map(({ column }) => harmless(column)), least: 8 },
  ];
  return columns.filter(({ cells }) => cells.some((cell) => cell !== ""));
}

const roles: Readonly<Record<string, Role>> = { "+": "added", "-": "removed", "@": "gutter" };

function printPatch({ patch }: Of<"lines">, { paint }: Page, indent: string): string {
  if (patch === undefined) return `${indent}too many lines differ to show them\n`;
  const lines = patch.trimEnd().split("\n");
  const shown = lines.slice(0, mostLines).map((line) => {
    const role = roles[line[0] ?? ""];
    const safe = harmless(line);
    return `${indent}${role ? paint(role, safe) : safe}\n`;
  });
  return shown.join("") + rest(shown.length, lines.length, indent);
}

function printBytes({ before, after, offset }: Of<"bytes">, indent: string): string {
  const sizes = before === after ? `${before} bytes` : `${before} bytes before, ${after} after`;
  return `${indent}${sizes}; they differ from byte ${offset} on\n`;
}

function printPictures({ before, after, pixels }: Of<"pictures">, indent: string): string {
  const size = ({ width, height }: typeof before): string => `${width} × ${height} pixels`;
  const line = (side: string, of: typeof before): string => `${indent}${side}  ${size(of)}\n`;
  const all = before.width * before.height;
  const share = pixels === undefined ? "" : `${indent}${pixels} of ${all} pixels differ\n`;
  return share + line("before", before) + line("after ", after);
}

function printFailures({ before, after }: Of<"failures">, indent: string): string {
  const side = (name: string, failure: typeof before): string => {
    if (!failure) return `${indent}${name}  done well\n`;
    const place = failure.place === "" ? "" : `${failure.place}  `;
    return `${indent}${name}  ${harmless(`${place}${failure.code}  ${failure.message}`)}\n`;
  };
  return side("before", before) + side("after ", after);
}

function printFiles({ files, count }: Of<"files">, page: Page, indent: string): string {
  const parts = files.map((file) => printFile(file, page, indent));
  return parts.join("") + rest(files.length, count, indent);
}

function printFile({ path, difference }: FileDifference, page: Page, indent: string): string {
  const what = page.paint("faint", describeDifference(difference));
  const body = difference.kind === "only" ? "" : printDifference(difference, page, `${indent}  `);
  return `${indent}${harmless(path)}  ${what}\n${body}`;
}
