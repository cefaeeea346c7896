/** The HTML report on a replay, or on the replays of a sweep's trials. */
import { causes } from "../../repro/cause.ts";
import { concludeComparison } from "../../repro/compare/print-comparison.ts";
import type { Replay } from "../../repro/replay/replay.ts";
import { worstVerdict } from "../../repro/replay/verdict.ts";
import type { KnownOutput, Results } from "../../repro/results.ts";
import type { ReportCause, ReportTable, VerdictData } from "../../report/verdict-data.ts";
import { diagnosedCauses, uncheckedBy } from "./diagnosis-causes.ts";
import { comparisonTable, tones } from "./comparison-table.ts";

/** A replay with its table, which was made while the files of both executions were there. */
export interface ReportedReplay {
  readonly replay: Replay;
  readonly outputs: ReportTable;
}

const names = { before: "recorded", after: "now" } as const;

export function outputsOf(
  { comparison }: Replay,
  results:
    | { readonly before: Results<KnownOutput>; readonly after: Results<KnownOutput> }
    | undefined,
): ReportTable {
  return comparisonTable(comparison, { names, results });
}

/** `title`: what was replayed. `made`: milliseconds since 1970. */
export function replayReport(
  title: string,
  reported: readonly ReportedReplay[],
  made: number,
): VerdictData {
  const replays = reported.map(({ replay }) => replay);
  const word = worstVerdict(replays.map(({ verdict }) => verdict));
  return {
    title: `Replay of ${title}`,
    about: aboutOf(replays),
    made,
    verdict: { word, tone: tones[word], why: whyOf(replays) },
    notes: [...new Set(replays.flatMap(({ notes }) => notes))],
    causes: replays.flatMap(causesOf),
    tables: [
      ...(replays.length > 1 ? [trialsTable(replays)] : []),
      ...reported.map(({ replay, outputs }) =>
        replays.length > 1 ? { ...outputs, title: `Outputs of ${replay.name}` } : outputs,
      ),
      changesTable(replays),
    ],
    unchecked: replays.flatMap(({ diagnosis }) => (diagnosis ? uncheckedBy(diagnosis) : [])),
  };
}

function aboutOf(replays: readonly Replay[]): VerdictData["about"] {
  const [first] = replays;
  if (!first) return [];
  const single = [
    { name: "run", text: first.runId },
    { name: "recorded again as", text: first.replayId },
  ];
  return [
    ...(replays.length === 1 ? single : [{ name: "trials", text: String(replays.length) }]),
    { name: "file", text: first.file },
    { name: "tracker", text: first.tracking },
    ...(first.step === undefined ? [] : [{ name: "only the step", text: first.step }]),
  ];
}

function whyOf(replays: readonly Replay[]): string {
  const [first] = replays;
  if (replays.length === 1 && first) {
    const guilty =
      first.guilty.length === 0
        ? ""
        : `; in ${first.guilty.join(" and ")}, given what was recorded`;
    return `${concludeComparison(first.comparison)}${guilty}`;
  }
  const good = replays.filter(
    ({ verdict }) => tones[verdict] !== "bad" && tones[verdict] !== "open",
  );
  return `${good.length} of ${replays.length} trials give the same`;
}

function causesOf({ name, suspects, runId, diagnosis }: Replay): readonly ReportCause[] {
  const found = diagnosis ? diagnosedCauses(diagnosis) : [];
  if (found.length > 0) return found;
  return suspects.slice(0, 1).map(({ cause, step, why }) => ({
    title: causes[cause].title,
    place: `${name}, step ${step}`,
    confidence: "a guess from what has changed",
    evidence: [why],
    mend: `to be sure: mlpipe replay ${runId} --diagnose`,
  }));
}

function trialsTable(replays: readonly Replay[]): ReportTable {
  return {
    title: "Trials",
    columns: ["trial", "run", "first in step", "verdict"],
    rows: replays.map(({ name, runId, guilty, verdict }) => {
      return {
        cells: [name, runId, guilty.join(", "), verdict],
        tone: tones[verdict],
        details: [],
      };
    }),
  };
}

function changesTable(replays: readonly Replay[]): ReportTable {
  const seen = new Map(
    replays.flatMap(({ changes }) =>
      changes.map(({ name, step = "", before, after }) => {
        const cells = [name, step, before || "–", after || "–"];
        return [JSON.stringify(cells), cells] as const;
      }),
    ),
  );
  const rows = [...seen.values()].map((cells) => ({ cells, details: [] }));
  return { title: "Not as it was", columns: ["what", "step", "then", "now"], rows };
}
