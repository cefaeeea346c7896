/** `mlpipe replay`: performs a recorded run again, from what was recorded, and says whether it gives the same. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type PrintOptions } from "../../repro/compare/print-comparison.ts";
import { openRecorded } from "../../repro/replay/recorded-run.ts";
import { CannotReplay } from "../../repro/replay/refused.ts";
import { printReplay } from "../../repro/replay/print-replay.ts";
import { printTrials } from "../../repro/replay/print-trials.ts";
import type { Diagnosis } from "../../repro/diagnose/diagnosis.ts";
import {
  type DiagnosisSite,
  type ReplayRequest,
  replayRun,
} from "../../repro/replay/replay-run.ts";
import { trialsOf } from "../../repro/replay/trials.ts";
import { replayToJson } from "../../repro/replay/write-back.ts";
import { worstVerdict } from "../../repro/replay/verdict.ts";
import type { Verdict } from "../../repro/compare/comparison.ts";
import { printVerdict } from "../../report/print-verdict.ts";
import type { Listener, RunEvent } from "../../run/event.ts";
import type { TrackedRun } from "../../tracking/entities.ts";
import { openTracking } from "../../tracking/open.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { inScratch } from "../../repro/scratch.ts";
import { describeEvent } from "../describe-event.ts";
import { diagnosing } from "../diagnosed.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { replayProject } from "../replay-project.ts";
import { requireTarget } from "../output-target.ts";
import { findRun } from "../query/run-lookup.ts";
import { ownScreen } from "../query/screen.ts";
import { abortOnSignals, interruptedCode } from "../signals.ts";
import { put, usesColor, write } from "../terminal.ts";
import { version } from "../../run/version.ts";
import { type ReportedReplay, outputsOf, replayReport } from "../verdict/replay-report.ts";

interface ReplayOptions {
  readonly trackingUri?: string;
  readonly step?: string;
  readonly json?: boolean;
  readonly diagnose?: boolean;
  /** A file. */
  readonly html?: string;
}

export async function replay(word: string, options: ReplayOptions): Promise<number> {
  requireTarget(options.html);
  const uri = options.trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  const tracking = await openTracking(uri);
  const signal = abortOnSignals();
  try {
    const run = await findRun(tracking, word);
    const trials = await trialsOf(run, tracking);
    const reported: ReportedReplay[] = [];
    for (const one of trials ?? [run])
      reported.push(await replayOne(one, tracking, signal, options));
    const replays = reported.map((one) => one.replay);
    const page: PrintOptions = { colour: usesColor(process.stdout), width: ownScreen().width };
    if (options.json) for (const one of replays) write(replayToJson(one));
    else if (trials) write(printTrials(replays, page));
    else for (const one of replays) write(printReplay(one, page));
    if (options.html !== undefined) {
      const report = replayReport(run.info.run_name, reported, Date.now());
      writeFileSync(options.html, printVerdict(report));
    }
    return codes[worstVerdict(replays.map(({ verdict }) => verdict))];
  } catch (error) {
    if (signal.aborted) throw interruptedBy(signal);
    if (!(error instanceof CannotReplay)) throw error;
    throw new CommandFailed(error.message, error.fix, exitCodes.notReplayable);
  } finally {
    await tracking.close();
  }
}

function interruptedBy(signal: AbortSignal): CommandFailed {
  const told = `interrupted by ${String(signal.reason)}; there is no verdict`;
  return new CommandFailed(told, "", interruptedCode(signal));
}

const codes: Readonly<Record<Verdict, number>> = {
  IDENTICAL: exitCodes.done,
  EQUIVALENT: exitCodes.done,
  DIFFERENT: exitCodes.differs,
  UNDECIDED: exitCodes.undecided,
};

async function replayOne(
  run: TrackedRun,
  tracking: Tracking,
  signal: AbortSignal,
  { step, json = false, diagnose = false }: ReplayOptions,
): Promise<ReportedReplay> {
  return inScratch("replay", async (scratch) => {
    let both: Parameters<typeof outputsOf>[1];
    const recorded = await openRecorded(run, tracking, path.join(scratch, "recorded"));
    const { project } = recorded.manifest;
    if (diagnose && project) throw refuseDiagnosis();
    const request: ReplayRequest = {
      run,
      tracking,
      step,
      projects: [process.cwd()],
      scratch,
      env: process.env,
      signal,
      listener: json ? () => {} : tellProgress,
      look: (before, after) => (both = { before, after }),
      version,
      ...(diagnose && { diagnose: findCauses }),
    };
    const done = project
      ? await replayProject(recorded, project, request)
      : await replayRun(request);
    return { replay: done, outputs: outputsOf(done, both) };
  });
}

async function findCauses(site: DiagnosisSite): Promise<Diagnosis> {
  const { diagnose } = await import("../../repro/diagnose/diagnose.ts");
  return diagnose({ ...site, ...diagnosing });
}

function refuseDiagnosis(): CommandFailed {
  return new CommandFailed(
    "--diagnose is for runs of a .mlpipe file, and this is one of an MLproject",
    'leave it out; or name the script in a .mlpipe file: `script "train.R"`',
  );
}

const told: ReadonlySet<RunEvent["kind"]> = new Set(["step-started", "step-ended", "warning"]);

/** What a replay prints is its result; that it goes on is seen beside it. */
const tellProgress: Listener = (event) => {
  if (!told.has(event.kind)) return;
  put(process.stderr, describeEvent(event, { actions: [] }, usesColor(process.stderr)));
};
