/** Finds the run that an earlier attempt has left unfinished, to go on with it. */
import type { RunPlan } from "../plan/plan.ts";
import type { TrackedRun } from "../tracking/entities.ts";
import { askPages } from "../tracking/pages.ts";
import { type Tracking, unlessMissing } from "../tracking/tracking.ts";
import type { Failure } from "./event.ts";
import { otherAtIt } from "./open-runs.ts";
import { paramTexts } from "./param-texts.ts";

/**
 * The id of the newest run of this plan, with the same values of params and of the same meaning; undefined where there is
 * none, or where it has finished; R0865 where another process is at it.
 */
export async function findUnfinished(
  plan: RunPlan,
  meaning: string,
  folder: string,
  tracking: Pick<Tracking, "call">,
): Promise<string | Failure | undefined> {
  const run = await newestAlike(plan, meaning, tracking);
  if (!run || run.info.status === "FINISHED") return undefined;
  const { run_id, run_name } = run.info;
  return otherAtIt(folder, run_id, run_name) ?? run_id;
}

async function newestAlike(
  plan: RunPlan,
  meaning: string,
  tracking: Pick<Tracking, "call">,
): Promise<TrackedRun | undefined> {
  const found = await unlessMissing(() =>
    tracking.call("experiments/get-by-name", { experiment_name: plan.experiment }),
  );
  if (!found) return undefined;
  const request = {
    experiment_ids: [found.experiment.experiment_id],
    filter: `tags.\`mlpipe.run\` = '${plan.run}' AND tags.\`mlpipe.meaning\` = '${meaning}'`,
    order_by: ["attributes.start_time DESC"],
    max_results: 100,
  };
  for await (const { runs = [] } of askPages(tracking, "runs/search", request)) {
    const alike = runs.find((run) => isAlone(run) && hasParams(run, paramTexts(plan)));
    if (alike) return alike;
  }
  return undefined;
}

/** No trial of a sweep. */
function isAlone({ data }: TrackedRun): boolean {
  return !data.tags?.some(({ key }) => key === "mlpipe.sweep");
}

/** None yet, where the attempt ended before they were logged. */
function hasParams({ data }: TrackedRun, texts: Readonly<Record<string, string>>): boolean {
  const { params = [] } = data;
  const isSame = params.every(({ key, value }) => texts[key] === value);
  return isSame && (params.length === 0 || params.length === Object.keys(texts).length);
}
