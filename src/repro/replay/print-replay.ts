/** A replay as it is read on a terminal: what was not as then, what it gave, the verdict, and what to do next. */
import { type Column, fitColumns, printColumns } from "../../source/columns.ts";
import { paintWith } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import { causes } from "../cause.ts";
import { type PrintOptions, printComparison } from "../compare/print-comparison.ts";
import type { Change, Replay } from "./replay.ts";

export function printReplay(replay: Replay, options: PrintOptions): string {
  const { comparison, changes } = replay;
  const sections = [
    printHead(replay, options),
    printChanges(changes, options),
    printComparison(comparison, options),
    printNext(replay, options),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function printHead(
  { name, runId, replayId, file, step, notes }: Replay,
  { colour }: PrintOptions,
): string {
  const paint = paintWith(colour);
  const what = step === undefined ? "" : `, only the step ${harmless(step)}`;
  return [
    `replay of ${paint("strong", harmless(name))}, run ${runId} of ${harmless(file)}${what}\n`,
    `  recorded as run ${replayId}\n`,
    ...notes.map((note) => `  ${paint("warning", "note:")} ${harmless(note)}\n`),
  ].join("");
}

function printChanges(changes: readonly Change[], { colour, width }: PrintOptions): string {
  if (changes.length === 0) return "";
  const cells = (of: (change: Change) => string): readonly string[] =>
    changes.map((change) => harmless(of(change)) || "-");
  const columns: readonly Column[] = [
    { title: "not as it was", cells: cells(({ name }) => name), least: 16 },
    { title: "step", cells: cells(({ step }) => step ?? "") },
    { title: "then", cells: cells(({ before }) => before), least: 16 },
    { title: "now", cells: cells(({ after }) => after), least: 16 },
  ];
  return printColumns(fitColumns(columns, width, "…").columns, paintWith(colour));
}

function printNext(
  { verdict, guilty, suspects, runId, changes }: Replay,
  { colour }: PrintOptions,
): string {
  const paint = paintWith(colour);
  if (verdict === "UNDECIDED")
    return `${paint("fix", "next:")} what could not be compared is named above\n`;
  if (verdict !== "DIFFERENT" || guilty === undefined) return "";
  const [first, second] = suspects;
  const where = `${paint("strong", "first in")} the step ${harmless(guilty)}, which was given what was recorded\n`;
  const likely = first
    ? `${paint("strong", "cause:")} ${first.cause} (${causes[first.cause].title}): ${harmless(first.why)}${second ? "; or what else stands above" : ""}\n`
    : `${paint("strong", "cause:")} ${changes.length === 0 ? "nothing around the run has changed: it lies in the code itself" : "unknown"}\n`;
  return `${where}${likely}${paint("fix", "next:")} mlpipe replay ${runId} --diagnose\n`;
}
