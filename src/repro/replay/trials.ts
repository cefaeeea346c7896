/** The trials of a sweep, to be replayed one after another. */
import type { TrackedRun } from "../../tracking/entities.ts";
import { askPages } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { tagOf } from "./recorded-run.ts";
import { CannotReplay } from "./refused.ts";

/** Undefined where `run` is no sweep. In the order in which they began; only those that have finished. */
export async function trialsOf(
  run: TrackedRun,
  tracking: Tracking,
): Promise<readonly TrackedRun[] | undefined> {
  if (tagOf(run, "mlpipe.kind") !== "sweep") return undefined;
  const { run_id, experiment_id, run_name } = run.info;
  const found: TrackedRun[] = [];
  const request = {
    experiment_ids: [experiment_id],
    filter: `tags.\`mlflow.parentRunId\` = '${run_id}' AND attributes.status = 'FINISHED'`,
    order_by: ["attributes.start_time ASC"],
    max_results: 1000,
  };
  for await (const { runs = [] } of askPages(tracking, "runs/search", request)) found.push(...runs);
  const trials = found.filter((one) => tagOf(one, "mlpipe.trial") !== undefined);
  if (trials.length > 0) return trials;
  throw new CannotReplay(
    `no trial of the sweep ${run_name} has finished, so there is nothing to replay`,
    "replay a trial by its id: mlpipe runs",
  );
}
