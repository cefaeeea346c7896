/** A replay as it is read on a terminal: what was not as then, what it gave, the verdict, and what to do next. */
import { type Column, fitColumns, printColumns } from "../../source/columns.ts";
import { paintWith } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import { causes } from "../cause.ts";
import { type PrintOptions, printComparison } from "../compare/print-comparison.ts";
import { printDiagnosis } from "../diagnose/print-diagnosis.ts";
import type { Change, Replay } from "./replay.ts";

export function printReplay(replay: Replay, options: PrintOptions): string {
  const { comparison, changes } = replay;
  const sections = [
    printHead(replay, options),
    printChanges(changes, options),
    printComparison(comparison, options),
    printSuspects(replay, options),
    printFurther(replay, options),
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

/** What may be why each step differs, as far as what was recorded tells. */
function printSuspects(
  { verdict, guilty, suspects, comparison }: Replay,
  { colour }: PrintOptions,
): string {
  const paint = paintWith(colour);
  if (verdict !== "DIFFERENT" || guilty.length === 0) return "";
  const causesOf = guilty.map((step) => {
    const [first, ...others] = suspects.filter((one) => one.step === step);
    const label = paint("strong", `${harmless(step)}:`);
    if (first === undefined)
      return `${label} nothing that was recorded around it has changed; its code is not the same each time, or takes something unrecorded from outside\n`;
    const more = others.length === 0 ? "" : `; or ${others.length} more of what stands above`;
    return `${label} ${first.cause} (${causes[first.cause].title}): ${harmless(first.why)}${more}\n`;
  });
  const lead =
    new Set(comparison.rows.map(({ step }) => step)).size === 1
      ? ""
      : "each step was given what was recorded of those before it, so what differs comes from itself\n";
  return [lead, ...causesOf].join("");
}

function printFurther({ verdict, diagnosis, runId }: Replay, { colour }: PrintOptions): string {
  if (diagnosis) return printDiagnosis(diagnosis, { colour, isOfReplay: true });
  if (verdict !== "DIFFERENT") return "";
  return `${paintWith(colour)("fix", "next:")} mlpipe replay ${runId} --diagnose\n`;
}
