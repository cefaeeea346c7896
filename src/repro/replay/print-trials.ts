/** The replays of a sweep's trials as one table. */
import { type Column, fitColumns, printColumns } from "../../source/columns.ts";
import { paintWith } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import type { PrintOptions } from "../compare/print-comparison.ts";
import type { Replay } from "./replay.ts";
import { worstVerdict } from "./verdict.ts";

export function printTrials(replays: readonly Replay[], { colour, width }: PrintOptions): string {
  const paint = paintWith(colour);
  const columns: readonly Column[] = [
    { title: "trial", cells: replays.map(({ name }) => harmless(name)), least: 12 },
    { title: "run", cells: replays.map(({ runId }) => runId) },
    { title: "verdict", cells: replays.map(({ verdict }) => verdict) },
    { title: "steps that differ", cells: replays.map(({ guilty }) => harmless(guilty.join(", "))) },
    {
      title: "cause",
      cells: replays.map(({ suspects: [first] }) => (first ? harmless(first.why) : "")),
      least: 16,
    },
  ];
  const table = printColumns(fitColumns(columns, width, "…").columns, paint);
  const worst = worstVerdict(replays.map(({ verdict }) => verdict));
  const same = replays.filter(({ verdict }) => verdict === worst).length;
  return `${table}\n${paint("strong", worst)}: ${same} of ${replays.length} trials\n`;
}
