/** The one run that a file names by its id, or by what its id begins with. */
import { idBeginsWith, leastLetters } from "../tracking/id-prefix.ts";
import type { TrackedRun } from "../tracking/entities.ts";
import { askPages, listExperiments } from "../tracking/pages.ts";
import { type Tracking, unlessMissing } from "../tracking/tracking.ts";
import { fail } from "./failure.ts";

/** Rejects with R0845 where there is none, or more than one. */
export async function runByPrefix(id: string, tracking: Tracking): Promise<TrackedRun> {
  const exact = await unlessMissing(() => tracking.call("runs/get", { run_id: id }));
  if (exact?.run.info.lifecycle_stage === "deleted")
    return fail("R0845", { id, because: "that run was deleted" });
  if (exact) return exact.run;
  const filter = idBeginsWith(id);
  if (filter === undefined)
    return fail("R0845", { id, because: `it has less than ${leastLetters} letters` });
  const found = await search(tracking, filter, id);
  const [run, other] = found;
  if (!run) return fail("R0845", { id, because: `${tracking.uri} has none whose id begins so` });
  if (!other) return run;
  const ids = found.slice(0, 5).map(({ info }) => info.run_id);
  return fail("R0845", { id, because: `several ids begin so: ${ids.join(", ")}` });
}

async function search(
  tracking: Tracking,
  filter: string,
  id: string,
): Promise<readonly TrackedRun[]> {
  const experiments = await listExperiments(tracking, "ACTIVE_ONLY");
  const experiment_ids = experiments.map(({ experiment_id }) => experiment_id);
  const found: TrackedRun[] = [];
  const request = { experiment_ids, filter, max_results: 100 };
  for await (const { runs = [] } of askPages(tracking, "runs/search", request))
    found.push(...runs.filter(({ info }) => info.run_id.startsWith(id)));
  return found;
}
