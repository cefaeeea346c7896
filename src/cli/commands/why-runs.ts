/** `mlpipe why RUN_A RUN_B`: the first step by which two recorded runs differ, and what was not the same. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { printWhy } from "../../repro/replay/print-why.ts";
import { openRecorded } from "../../repro/replay/recorded-run.ts";
import { CannotReplay } from "../../repro/replay/refused.ts";
import { whyDiffer } from "../../repro/replay/why-differ.ts";
import { openTracking } from "../../tracking/open.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { findRun } from "../query/run-lookup.ts";
import { usesColor, write } from "../terminal.ts";

interface WhyRunsOptions {
  readonly trackingUri?: string;
  readonly json?: boolean;
}

export async function whyRuns(
  first: string,
  second: string,
  options: WhyRunsOptions,
): Promise<number> {
  const uri = options.trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  const tracking = await openTracking(uri, { lookOnly: true });
  const scratch = mkdtempSync(path.join(tmpdir(), "mlpipe-why-"));
  try {
    const why = await compareRecorded(first, second, tracking, scratch);
    const { comparison, ...told } = why;
    if (options.json) write(jsonText({ ...told, verdict: comparison.verdict }));
    else write(printWhy(why, { colour: usesColor(process.stdout) }));
    if (why.step !== undefined) return exitCodes.differs;
    return comparison.verdict === "UNDECIDED" ? exitCodes.undecided : exitCodes.done;
  } catch (error) {
    if (!(error instanceof CannotReplay)) throw error;
    throw new CommandFailed(error.message, error.fix, exitCodes.notReplayable);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    await tracking.close();
  }
}

async function compareRecorded(first: string, second: string, tracking: Tracking, scratch: string) {
  const runs = [await findRun(tracking, first), await findRun(tracking, second)] as const;
  const [before, after] = [
    await openRecorded(runs[0], tracking, path.join(scratch, "before")),
    await openRecorded(runs[1], tracking, path.join(scratch, "after")),
  ];
  return whyDiffer({ before, after, tracking, projects: [process.cwd()] });
}
