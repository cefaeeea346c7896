/** `mlpipe runs`: the newest runs of a tracker. */
import type { TrackedRun } from "../../tracking/entities.ts";
import { openTracking } from "../../tracking/open.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { printTable } from "../table.ts";
import { write } from "../terminal.ts";

interface RunsOptions {
  readonly number: string;
  readonly experimentName?: string;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

/** MLflow gives at most so many experiments at a time. */
const experimentPage = 1000;

export async function listRuns(options: RunsOptions): Promise<number> {
  const count = readCount(options.number);
  const tracking = await openTracking(options.trackingUri ?? process.env.MLFLOW_TRACKING_URI, {
    lookOnly: true,
  });
  try {
    const names = await experimentNames(tracking, options.experimentName);
    const { runs = [] } = await tracking.call("runs/search", {
      experiment_ids: [...names.keys()],
      max_results: count,
      order_by: ["attributes.start_time DESC"],
    });
    write(options.json ? `${JSON.stringify(runs, nonFiniteAsText, 2)}\n` : printRuns(runs, names));
    return exitCodes.done;
  } finally {
    await tracking.close();
  }
}

/** MLflow gives at most so many runs at a time. */
const most = 50_000;

function readCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
  throw new CommandFailed(`-n ${text}: expected a whole number from 1 to ${most}`);
}

function nonFiniteAsText(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

async function experimentNames(
  tracking: Tracking,
  only: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  if (only !== undefined) {
    const { experiment } = await tracking.call("experiments/get-by-name", {
      experiment_name: only,
    });
    return new Map([[experiment.experiment_id, experiment.name]]);
  }
  const { experiments = [] } = await tracking.call("experiments/search", {
    max_results: experimentPage,
  });
  return new Map(experiments.map(({ experiment_id, name }) => [experiment_id, name]));
}

function printRuns(runs: readonly TrackedRun[], names: ReadonlyMap<string, string>): string {
  if (runs.length === 0) return "no runs yet\n";
  const rows = runs.map(({ info, data }) => [
    info.run_id,
    info.run_name,
    names.get(info.experiment_id) ?? info.experiment_id,
    info.status,
    timeText(info.start_time),
    duration(info.start_time, info.end_time),
    (data.metrics ?? [])
      .map(({ key, value }) => `${key}=${Number(value.toPrecision(5))}`)
      .join(" "),
  ]);
  return printTable([
    ["RUN", "NAME", "EXPERIMENT", "STATUS", "STARTED", "TOOK", "METRICS"],
    ...rows,
  ]);
}

/** `2026-11-22 02:14:39`, in the local time zone. */
function timeText(milliseconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const at = new Date(milliseconds);
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
}

function duration(start: number, end: number | undefined): string {
  return end === undefined ? "" : `${((end - start) / 1000).toFixed(1)}s`;
}
