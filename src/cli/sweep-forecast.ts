/** What of a sweep an earlier attempt has done already, told before anything is done. */
import { existsSync } from "node:fs";
import type { Program } from "../check/program.ts";
import { lowerTrial } from "../plan/lower-sweep.ts";
import type { SweepPlan } from "../plan/plan.ts";
import { findEarlier } from "../run/sweep/earlier.ts";
import { trialKey } from "../run/sweep/trial.ts";
import { openTracking } from "../tracking/open.ts";
import { readTrackingUri } from "../tracking/tracking-uri.ts";
import { unlessMissing } from "../tracking/tracking.ts";
import { runMeaning } from "./perform-file.ts";

/** Lines for behind the plan; none where nothing is done, or where only a server could tell. Reads only. */
export async function sweepLines(
  program: Program,
  plan: SweepPlan,
  folder: string,
): Promise<string> {
  const uri = process.env["MLFLOW_TRACKING_URI"];
  const place = readTrackingUri(uri, process.cwd());
  if (place.kind !== "store" || !existsSync(place.file)) return "";
  const tracking = await openTracking(uri, { lookOnly: true });
  try {
    const found = await unlessMissing(() =>
      tracking.call("experiments/get-by-name", { experiment_name: plan.experiment }),
    );
    if (!found) return "";
    const earlier = await findEarlier(
      {
        plan,
        experimentId: found.experiment.experiment_id,
        meaning: await runMeaning(program, plan.of, folder, process.env),
        trials: new Set(plan.trials.map((trial) => trialKey(lowerTrial(program, plan, trial)))),
      },
      tracking,
    );
    const statuses = [...(earlier?.trials.values() ?? [])].map(({ status }) => status);
    const count = (wanted: string): number => statuses.filter((one) => one === wanted).length;
    const [done, failed] = [count("FINISHED"), count("FAILED")];
    if (!earlier || done + failed === 0) return "";
    const said = failed > 0 ? `, ${failed} failed and run again only with --failed-only` : "";
    return `   ${done} of ${plan.trials.length} trials are done in run ${earlier.runId}, and do not run again${said}\n`;
  } finally {
    await tracking.close();
  }
}
