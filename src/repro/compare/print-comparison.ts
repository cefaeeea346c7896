/** A comparison as it is read on a terminal: a line an output, then what differs, then the verdict. */
import { type Column, fitColumns, printColumns } from "../../source/columns.ts";
import { counted } from "../../source/figures.ts";
import { type Role, paintWith } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import type { Comparison, Row } from "./comparison.ts";
import { describeRow } from "./describe.ts";
import { type Page, printDifference, printPoints } from "./print-difference.ts";

export interface PrintOptions {
  readonly colour: boolean;
  /** Columns of the screen; Infinity: nothing is shortened. */
  readonly width: number;
}

/** Ends with the line of the verdict. */
export function printComparison(
  { verdict, rows }: Comparison,
  { colour, width }: PrintOptions,
): string {
  const page = { paint: paintWith(colour), width };
  const sections = [
    printRows(rows, page),
    printMetrics(rows, page),
    ...rows.map((row) => printOutput(row, page)),
    `${page.paint(roles[verdict], verdict)}: ${concludeComparison({ rows })}\n`,
  ];
  return sections.filter((section) => section !== "").join("\n");
}

const roles: Readonly<Record<Row["verdict"], Role>> = {
  IDENTICAL: "fix",
  EQUIVALENT: "fix",
  DIFFERENT: "error",
  UNDECIDED: "warning",
  IGNORED: "faint",
};

function printRows(rows: readonly Row[], { paint, width }: Page): string {
  if (rows.length === 0) return "";
  const steps = rows.map(({ step }, at) => (step === rows[at - 1]?.step ? "" : harmless(step)));
  const columns: readonly Column[] = [
    { title: "step", cells: steps, least: 12 },
    { title: "output", cells: rows.map(nameOf), least: 14 },
    {
      title: "verdict",
      cells: rows.map(({ verdict }) => verdict),
      role: (at) => roles[rows[at]?.verdict ?? "IGNORED"],
    },
    { title: "what is the same, or differs", cells: rows.map(whyOf), least: 16 },
  ];
  const hasSteps = new Set(rows.map(({ step }) => step)).size > 1;
  return printColumns(fitColumns(hasSteps ? columns : columns.slice(1), width, "…").columns, paint);
}

function nameOf({ kind, key }: Row): string {
  return kind === "step" || kind === "run" ? `(the ${kind})` : harmless(key);
}

function whyOf(row: Row): string {
  const differs = row.verdict === "DIFFERENT" && row.difference?.kind !== "only";
  const isFailure = row.difference?.kind === "failures";
  return differs && !isFailure ? `differs: ${describeRow(row)}` : describeRow(row);
}

const isShown = ({ verdict }: Row): boolean => verdict !== "IDENTICAL" && verdict !== "IGNORED";

/** All metrics in one table. */
function printMetrics(rows: readonly Row[], page: Page): string {
  const metrics = rows.filter((row) => row.kind === "metric" && isShown(row));
  return printPoints(
    metrics.flatMap(({ key, difference }) =>
      difference?.kind === "points" ? [{ key, difference }] : [],
    ),
    page,
  );
}

function printOutput(row: Row, { paint, width }: Page): string {
  const { difference, notes } = row;
  // The tolerance by which it holds is told in its line.
  const untold = row.rung === "tolerance" ? notes.slice(1) : notes;
  const said = untold.map((note) => `  ${harmless(note)}\n`);
  const isTold = difference?.kind === "points" || difference?.kind === "only" || !isShown(row);
  const body = difference && !isTold ? printDifference(difference, { paint, width }, "  ") : "";
  if (body === "" && said.length === 0) return "";
  const of = row.kind === "step" || row.kind === "run" ? row.step : `${row.kind} of ${row.step}`;
  return `${paint("strong", nameOf(row))}  ${paint("faint", harmless(of))}\n${body}${said.join("")}`;
}

/** How many outputs are the same, near enough, or differ. */
export function concludeComparison({ rows }: Pick<Comparison, "rows">): string {
  const count = (verdict: Row["verdict"]): number =>
    rows.filter((row) => row.verdict === verdict).length;
  const all = rows.length - count("IGNORED");
  const [different, open, near] = [count("DIFFERENT"), count("UNDECIDED"), count("EQUIVALENT")];
  const ignored = count("IGNORED") > 0 ? `, ${count("IGNORED")} not counted` : "";
  const verb = (some: number, one: string, more: string): string => (some === 1 ? one : more);
  const said =
    different > 0
      ? `${different} of ${counted(all, "output")} ${verb(different, "differs", "differ")}`
      : open > 0
        ? `${open} of ${counted(all, "output")} could not be compared`
        : near > 0
          ? `${near} of ${counted(all, "output")} ${verb(near, "is", "are")} equivalent, the others the same`
          : `${counted(all, "output")}, all the same`;
  return `${said}${ignored}`;
}
