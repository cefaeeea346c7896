/** `mlpipe compare`: the finished runs of a comparison, a sweep or a run side by side, the best one first. */
import { writeFileSync } from "node:fs";
import type { Program } from "../../check/program.ts";
import { lowerComparison } from "../../plan/lower-comparison.ts";
import type { ComparePlan } from "../../plan/plan.ts";
import { rankRuns } from "../../run/ranking/rank-runs.ts";
import { openTracking } from "../../tracking/open.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { chooseEntry } from "../entry.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import {
  type ExperimentOptions,
  defaultExperiment,
  givenExperiment,
  refuseTwoExperiments,
} from "../experiments.ts";
import { jsonText } from "../json.ts";
import { requireProgram } from "../open.ts";
import { requireTarget } from "../output-target.ts";
import { comparisonToCsv } from "../query/comparison-csv.ts";
import { comparisonToJson } from "../query/comparison-json.ts";
import { printComparison, whereText } from "../query/comparison-table.ts";
import type { Comparison } from "../query/comparison.ts";
import { ownScreen } from "../query/screen.ts";
import { write } from "../terminal.ts";

export interface CompareOptions extends ExperimentOptions {
  readonly trackingUri?: string;
  readonly json?: boolean;
  /** A file, or `-`. */
  readonly csv?: string;
  /** A file. */
  readonly html?: string;
}

export async function compareRuns(
  file: string,
  name: string | undefined,
  options: CompareOptions,
): Promise<number> {
  refuseTwoExperiments(options);
  refuseTargets(options);
  const { program } = requireProgram(file);
  const entry = chooseComparison(program, name, file);
  const uri = options.trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  const tracking = await openTracking(uri, { lookOnly: true });
  try {
    const plan = await planIn(tracking, program, entry, options);
    const ranked = await rankRuns(plan, tracking);
    const comparison = { ...ranked, plan: { ...plan, file }, tracker: tracking.uri };
    if (ranked.runs.length === 0) throw nothingFound(comparison);
    show(comparison, options);
    if (options.html !== undefined) await writeReport(options.html, comparison, tracking);
    return exitCodes.done;
  } finally {
    await tracking.close();
  }
}

/** Throws where two things would be printed, or something cannot be written. */
function refuseTargets({ json, csv, html }: CompareOptions): void {
  if (json && csv === "-")
    throw new CommandFailed("--json and --csv - both print", "give --csv a file");
  requireTarget(csv === "-" ? undefined : csv);
  requireTarget(html);
}

/** The entry called `name`; without a name the only comparison, or the only sweep where there is none. */
function chooseComparison(program: Program, name: string | undefined, file: string): string {
  const comparisons = [...program.compares.keys()];
  const known = comparisons.length > 0 ? comparisons : [...program.sweeps.keys()];
  if (name === undefined && known.length > 1)
    throw new CommandFailed(
      `${file} has several of them: ${known.join(", ")}`,
      `name one: mlpipe compare ${file} ${known[0]}`,
    );
  const entry = chooseEntry(program, name ?? known[0]);
  if (program.launches.has(entry))
    throw new CommandFailed(
      `\`${entry}\` is a launch, whose runs another file describes`,
      "compare a comparison, a sweep or a run",
    );
  return entry;
}

/** The plan, with the experiments that the command line or the environment names in place of the file's. */
async function planIn(
  tracking: Tracking,
  program: Program,
  entry: string,
  options: ExperimentOptions,
): Promise<ComparePlan> {
  const plan = lowerComparison(program, entry, await givenExperiment(options, tracking));
  if (options.experimentName !== undefined || options.experimentId !== undefined) return plan;
  const candidates: ComparePlan["candidates"][number][] = [];
  for (const one of plan.candidates) {
    const run = program.runs.get(one.of);
    const other = await defaultExperiment(program, run, tracking, process.env);
    candidates.push({ ...one, experiment: other ?? one.experiment });
  }
  return { ...plan, candidates };
}

function nothingFound({ plan, notRun, allLeftOut, tracker }: Comparison): CommandFailed {
  const { file } = plan;
  const names = (some: Comparison["notRun"]): string => some.map(({ name }) => name).join(", ");
  const [first] = notRun;
  const failed = (message: string, fix: string): CommandFailed =>
    new CommandFailed(message, fix, exitCodes.failed);
  if (allLeftOut.length > 0)
    return failed(
      `no run of ${names(allLeftOut)} fulfils ${whereText({ plan })}`,
      `change that, or see the runs: mlpipe compare ${file} ${allLeftOut[0]?.name}`,
    );
  const experiments = [...new Set(notRun.map(({ experiment }) => experiment))].join(", ");
  return failed(
    `${tracker} has no finished run of ${names(notRun)} in ${experiments}`,
    `run it first: mlpipe run ${file} ${first?.name}`,
  );
}

function show(comparison: Comparison, { json, csv }: CompareOptions): void {
  if (csv === "-") return write(comparisonToCsv(comparison));
  write(json ? jsonText(comparisonToJson(comparison)) : printComparison(comparison, ownScreen()));
  if (csv !== undefined) writeFileSync(csv, comparisonToCsv(comparison));
}

async function writeReport(
  target: string,
  comparison: Comparison,
  tracking: Tracking,
): Promise<void> {
  const { reportData } = await import("../query/comparison-report.ts");
  const { printReport } = await import("../../report/print-report.ts");
  writeFileSync(target, printReport(await reportData(comparison, tracking, Date.now())));
}
