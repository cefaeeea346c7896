/** Runs of a comparison as a table: the best one first and marked, then why it is the best and what is not in the table. */
import { harmless } from "../../source/width.ts";
import type { ComparedRun } from "../../run/ranking/compared-run.ts";
import {
  type Column,
  alignNumbers,
  cutText,
  fitColumns,
  printColumns,
} from "../../source/columns.ts";
import { type Comparison, columnNames, labelsOf } from "./comparison.ts";
import { durationText, shortNumber } from "../../source/figures.ts";
import { shortIds } from "./runs-table.ts";
import type { Screen } from "./screen.ts";
import { explainVerdict } from "./verdict.ts";

/** A terminal shows no more runs than this, so that the best ones stay in sight. */
const mostRows = 50;

export function printComparison(comparison: Comparison, screen: Screen): string {
  const { width, signs, paint } = screen;
  const most = width === Infinity ? Infinity : mostRows;
  const runs = comparison.runs.slice(0, most);
  const all = [...aboutColumns(comparison, runs, screen), ...valueColumns(comparison, runs)];
  const { columns, left } = fitColumns(all, width, signs.cut);
  const hidden = comparison.runs.length - runs.length;
  const faint = [
    ...(left.length > 0 ? [`a wider terminal also shows ${left.join(", ")}`] : []),
    ...(hidden > 0 ? [`and ${hidden} more; --csv and --html have all`] : []),
  ];
  return [
    printColumns(columns, paint),
    ...faint.map((note) => `${paint("faint", cutText(note, width, signs.cut))}\n`),
    verdictLine(comparison, screen),
    ...emptyNames(comparison).map((note) => `${note}\n`),
  ].join("");
}

function aboutColumns(
  { plan, verdict }: Comparison,
  runs: readonly ComparedRun[],
  { width, signs }: Screen,
): readonly Column[] {
  const ids = runs.map(({ id }) => harmless(id));
  const isBest = (at: number): boolean => runs[at] !== undefined && runs[at] === verdict?.winner;
  const mark: Column = {
    title: "",
    cells: runs.map((_, at) => (isBest(at) ? signs.best : " ")),
    role: (at) => (isBest(at) ? "fix" : undefined),
  };
  const role = (at: number) => (isBest(at) ? ("strong" as const) : undefined);
  const took: Column = {
    title: "TOOK",
    cells: runs.map(({ started, ended }) =>
      ended === undefined ? "" : durationText(ended - started),
    ),
    rank: 1,
  };
  return [
    ...(plan.bestBy.length > 0 ? [mark] : []),
    { title: "NAME", cells: runs.map(({ name }) => harmless(name)), least: 10, role },
    { title: "RUN", cells: width === Infinity ? ids : shortIds(ids), rank: 2 },
    took,
  ];
}

/** In the order of `show`; where there is no room the last ones go first. */
function valueColumns(comparison: Comparison, runs: readonly ComparedRun[]): readonly Column[] {
  return columnNames(comparison).map((name) => ({
    title: harmless(name),
    cells: alignNumbers(runs.map((run) => cellOf(run, name))),
    least: 8,
    rank: 3,
  }));
}

function cellOf({ metrics, params }: ComparedRun, name: string): string {
  const metric = metrics.get(name);
  return metric === undefined ? harmless(params.get(name) ?? "") : shortNumber(metric);
}

function verdictLine(comparison: Comparison, { signs, paint }: Screen): string {
  const { verdict, runs, plan } = comparison;
  if (!verdict) {
    const [first] = plan.bestBy;
    return first ? `no run has a number for ${first.metric}, so none is the best\n` : "";
  }
  const labels = labelsOf(runs);
  const name = harmless(labels.get(verdict.winner.id) ?? "");
  const why = harmless(explainVerdict(verdict, labels));
  return `\n${paint("fix", `${signs.best} ${name}`)} is the best: ${why}\n`;
}

/** Names of which the table has no run, and why. */
export function emptyNames({ plan, notRun, allLeftOut }: Comparison): readonly string[] {
  return [
    ...notRun.map(({ name }) => `no run of ${name} has finished: mlpipe run ${plan.file} ${name}`),
    ...allLeftOut.map(({ name }) => `no run of ${name} fulfils ${whereText({ plan })}`),
  ];
}

export function whereText({ plan }: Pick<Comparison, "plan">): string {
  return `where ${plan.where.map(({ text }) => text).join(" and ")}`;
}
