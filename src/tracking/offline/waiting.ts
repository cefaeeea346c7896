/** Runs of a store that were to go to a server which did not answer. */
import { isEnd, type TrackedRun } from "../entities.ts";
import type { Tracking } from "../tracking.ts";
import { intendedTag, tagOf } from "../transfer/marks.ts";
import { askPages, listExperiments } from "../pages.ts";

/** By the address of the server that they wait for; deleted ones wait for nothing. */
export async function listWaiting(
  store: Tracking,
): Promise<ReadonlyMap<string, readonly TrackedRun[]>> {
  const experiments = await listExperiments(store, "ALL");
  const ask = {
    experiment_ids: experiments.map(({ experiment_id }) => experiment_id),
    filter: `tags.\`${intendedTag}\` LIKE '%'`,
    max_results: 1000,
  };
  const waiting = new Map<string, TrackedRun[]>();
  for await (const { runs = [] } of askPages(store, "runs/search", ask))
    for (const run of runs) {
      const server = tagOf(run.data.tags, intendedTag) ?? "";
      waiting.set(server, [...(waiting.get(server) ?? []), run]);
    }
  return waiting;
}

/** They are at their server now. A run that goes on still waits, for what is to come. */
export async function release(store: Tracking, runs: readonly TrackedRun[]): Promise<void> {
  for (const { info } of runs)
    if (isEnd(info.status))
      await store.call("runs/delete-tag", { run_id: info.run_id, key: intendedTag });
}
