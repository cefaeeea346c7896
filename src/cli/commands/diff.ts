/** `mlpipe diff`: what differs between two runs, and only that. */
import { openTracking } from "../../tracking/open.ts";
import type { TrackedRun } from "../../tracking/entities.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { printDifference } from "../query/print-difference.ts";
import { readContents } from "../query/run-contents.ts";
import { type Difference, compareRuns, isSame } from "../query/run-difference.ts";
import { findRun } from "../query/run-lookup.ts";
import { ownScreen } from "../query/screen.ts";
import { write } from "../terminal.ts";

interface DiffOptions {
  readonly all?: boolean;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

export async function diff(first: string, second: string, options: DiffOptions): Promise<number> {
  const uri = options.trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  const tracking = await openTracking(uri, { lookOnly: true });
  try {
    const runs = [await findRun(tracking, first), await findRun(tracking, second)] as const;
    const contents = await Promise.all([
      readContents(tracking, runs[0]),
      readContents(tracking, runs[1]),
    ]);
    const difference = compareRuns(...contents, { all: options.all ?? false });
    if (options.json) write(jsonText(differenceToJson(difference, runs)));
    else {
      const names = await experimentNames(tracking, runs);
      write(printDifference(difference, contents, names, { ...ownScreen(), now: Date.now() }));
    }
    return isSame(difference) ? exitCodes.done : exitCodes.differs;
  } finally {
    await tracking.close();
  }
}

async function experimentNames(
  tracking: Tracking,
  runs: readonly TrackedRun[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(runs.map(({ info }) => info.experiment_id))];
  const found = await Promise.all(
    ids.map((experiment_id) => tracking.call("experiments/get", { experiment_id })),
  );
  return new Map(found.map(({ experiment }) => [experiment.experiment_id, experiment.name]));
}

function differenceToJson(
  difference: Difference,
  [a, b]: readonly [TrackedRun, TrackedRun],
): object {
  const rows = Object.entries(difference.rows).map(([name, some]) => [
    name,
    some.map((row) => ({ name: row.name, a: row.a ?? null, b: row.b ?? null })),
  ]);
  const files = difference.files.map(({ path, patch }) => ({ path, patch: patch ?? null }));
  return { a: a.info, b: b.info, same: isSame(difference), ...Object.fromEntries(rows), files };
}
