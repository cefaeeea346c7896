/** A recorded run performed again from code, by its id. */
import { isMainThread } from "node:worker_threads";
import { PipelineError, orRefuse } from "./pipeline-error.ts";
import type { PipelineOptions } from "./pipeline.ts";
import type { Replay } from "./repro/replay/replay.ts";
import { replayRun } from "./repro/replay/replay-run.ts";
import { trialsOf } from "./repro/replay/trials.ts";
import { inScratch } from "./repro/scratch.ts";
import { runByPrefix } from "./run/run-by-prefix.ts";
import { version } from "./run/version.ts";
import { openTracking } from "./tracking/open.ts";
import type { Tracking } from "./tracking/tracking.ts";

export interface ReplayOptions extends PipelineOptions {
  /** The only step to perform; absent: all. */
  readonly step?: string;
  readonly signal?: AbortSignal;
}

/**
 * Performs the run whose id begins so again, from what was recorded, and compares. What it gives is a new run of the same
 * tracker. Rejects with PipelineError where it cannot be replayed.
 */
export async function replay(runId: string, options: ReplayOptions = {}): Promise<Replay> {
  const { env = process.env } = options;
  // It sets the recorded umask, which belongs to the whole process.
  if (!isMainThread)
    throw new PipelineError(
      'a replay needs a process of its own, and this is a thread\n  fix: in vitest: pool: "forks"',
    );
  return orRefuse(async () => {
    const tracking = await openTracking(options.trackingUri ?? env["MLFLOW_TRACKING_URI"]);
    try {
      return await inScratch("replay", (scratch) => replayIn(scratch, runId, tracking, options));
    } finally {
      await tracking.close();
    }
  });
}

async function replayIn(
  scratch: string,
  runId: string,
  tracking: Tracking,
  { step, env = process.env, signal = new AbortController().signal }: ReplayOptions,
): Promise<Replay> {
  const run = await runByPrefix(runId, tracking);
  const trials = await trialsOf(run, tracking);
  if (trials)
    throw new PipelineError(
      `${runId} is a sweep; replay its trials: ${trials.map(({ info }) => info.run_id).join(", ")}`,
    );
  const projects = [process.cwd()];
  const around = { tracking, step, projects, scratch, env, signal, version };
  return replayRun({ ...around, run, listener: () => {} });
}
