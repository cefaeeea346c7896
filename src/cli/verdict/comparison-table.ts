/** A comparison as a table of the HTML report: a row for each output, and below it what differs. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Comparison, Row } from "../../repro/compare/comparison.ts";
import { describeRow } from "../../repro/compare/describe.ts";
import type { KnownOutput, Results } from "../../repro/results.ts";
import type { ReportDetail, ReportRow, ReportTable, Tone } from "../../report/verdict-data.ts";
import { type SideNames, differenceDetails } from "./difference-details.ts";

/** The two executions; undefined: their files are gone, and no pictures are shown. */
export interface Sides {
  readonly names: SideNames;
  readonly results:
    | { readonly before: Results<KnownOutput>; readonly after: Results<KnownOutput> }
    | undefined;
}

export const tones: Readonly<Record<Row["verdict"], Tone>> = {
  IDENTICAL: "good",
  EQUIVALENT: "fair",
  DIFFERENT: "bad",
  UNDECIDED: "open",
  IGNORED: "good",
};

/** Pictures are read from where the results name them, so this has to be asked before the executions are thrown away. */
export function comparisonTable({ rows }: Comparison, sides: Sides): ReportTable {
  return {
    title: "Outputs",
    columns: ["output", "step", "what is the same, or differs", "verdict"],
    rows: rows.map((row) => reportRow(row, sides)),
  };
}

function reportRow(row: Row, sides: Sides): ReportRow {
  const { step, key, verdict, difference, notes } = row;
  return {
    cells: [key === "" ? `(the ${row.kind})` : key, step, describeRow(row), verdict],
    tone: tones[verdict],
    details: [
      ...notes.map((text) => ({ kind: "text", text }) as const),
      ...(difference ? differenceDetails(difference, sides.names) : []),
      ...(verdict === "DIFFERENT" ? picturesOf(row, sides) : []),
    ],
  };
}

const pictures: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".svg": "image/svg+xml",
};
/** Bytes. A page with larger ones would be slow to open. */
const largestPicture = 4 << 20;

function picturesOf({ step, key }: Row, { results }: Sides): readonly ReportDetail[] {
  if (!results) return [];
  const [before, after] = [results.before, results.after].map((one) =>
    pictureUri(pathOf(one, step, key)),
  );
  return before && after ? [{ kind: "pictures", before, after }] : [];
}

function pathOf({ steps }: Results<KnownOutput>, step: string, key: string): string | undefined {
  const outputs = steps.find((one) => one.step === step)?.outputs ?? [];
  const found = outputs.find((output) => output.key === key && output.kind === "artifact");
  return found?.kind === "artifact" ? found.path : undefined;
}

function pictureUri(file: string | undefined): string | undefined {
  const type = pictures[path.extname(file ?? "").toLowerCase()];
  if (file === undefined || type === undefined) return undefined;
  if (statSync(file).size > largestPicture) return undefined;
  return `data:${type};base64,${readFileSync(file).toString("base64")}`;
}
