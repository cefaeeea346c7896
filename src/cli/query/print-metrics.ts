/** The metrics of a run: their last values, and of those with a history its extremes and its course. */
import type { MetricPoint } from "../../tracking/entities.ts";
import { harmless } from "../../source/width.ts";
import { type Column, fitColumns, printColumns, roomBeside } from "../../source/columns.ts";
import { shortNumber } from "../../source/figures.ts";
import { type HistorySummary, summarise } from "./history.ts";
import { type RunDetails, mostHistories, sortByKey } from "./run-details.ts";
import type { Screen } from "./screen.ts";
import { sparkline } from "./sparkline.ts";

/** Columns of the screen that a history takes. */
const shortestLine = 12;
const longestLine = 40;

interface Row {
  readonly last: MetricPoint;
  readonly history: readonly MetricPoint[];
  /** Undefined where there is but one point, or the history was not read. */
  readonly summary: HistorySummary | undefined;
}

/** Empty where the run has none. */
export function printMetrics({ run, histories }: RunDetails, screen: Screen): string {
  const metrics = sortByKey(run.data.metrics ?? []);
  if (metrics.length === 0) return "";
  const rows = metrics.map((last): Row => {
    const history = histories.get(last.key) ?? [];
    return { last, history, summary: history.length > 1 ? summarise(history) : undefined };
  });
  const { width, paint, signs } = screen;
  const table = printColumns(fitColumns(columnsOf(rows, screen), width, signs.cut).columns, paint);
  const rest = metrics.length - mostHistories;
  return rest > 0
    ? `${table}${paint("faint", `  without the histories of ${rest} more; --json has their last values too`)}\n`
    : table;
}

function columnsOf(rows: readonly Row[], { width, signs }: Screen): readonly Column[] {
  const isPlain = rows.every(({ summary }) => summary === undefined);
  const names = rows.map(({ last }) => `  ${harmless(last.key)}`);
  const last = rows.map((row) => shortNumber(row.last.value));
  const own: readonly Column[] = [
    { title: "metrics", cells: names, least: 14 },
    { title: isPlain ? "" : "last", cells: last },
  ];
  if (isPlain) return own;
  const figures: readonly Column[] = [
    ...own,
    { title: "lowest", cells: extremes(rows.map(({ summary }) => summary?.least)), rank: 1 },
    { title: "highest", cells: extremes(rows.map(({ summary }) => summary?.most)), rank: 1 },
    { title: "steps", cells: rows.map(({ summary }) => stepsText(summary)), rank: 2 },
  ];
  const bars = Math.max(shortestLine, Math.min(longestLine, roomBeside(figures, width)));
  const lines = rows.map(({ summary, history }) =>
    summary ? sparkline(valuesOf(history), bars, signs) : "",
  );
  return [...figures, { title: "", cells: lines, rank: 3 }];
}

function valuesOf(history: readonly MetricPoint[]): readonly number[] {
  return history.map(({ value }) => value);
}

function extremes(points: readonly (MetricPoint | undefined)[]): readonly string[] {
  const texts = points.map((point) => (point ? shortNumber(point.value) : ""));
  const longest = Math.max(...texts.map((text) => text.length));
  return points.map((point, at) =>
    point ? `${(texts[at] ?? "").padEnd(longest)} at ${point.step}` : "",
  );
}

/** `0 to 59`; `0 to 59, 4 NaN`; `1 to 20, 40 points` where there are more or fewer than steps. */
function stepsText(summary: HistorySummary | undefined): string {
  if (summary === undefined) return "";
  const { firstStep, lastStep, points, notNumbers } = summary;
  const count = lastStep - firstStep + 1 === points ? "" : `, ${points} points`;
  const gaps = notNumbers > 0 ? `, ${notNumbers} NaN` : "";
  return `${firstStep} to ${lastStep}${count}${gaps}`;
}
