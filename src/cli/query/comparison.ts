/** A comparison that has been made: what was asked, what was found, and how the runs are called. */
import type { ComparePlan } from "../../plan/plan.ts";
import type { ComparedRun } from "../../run/ranking/compared-run.ts";
import type { RankedRuns } from "../../run/ranking/rank-runs.ts";
import { shortIds } from "./runs-table.ts";

export interface Comparison extends RankedRuns {
  readonly plan: ComparePlan;
  /** The tracking URI as the user would write it. */
  readonly tracker: string;
}

/** What tells a run from the others: its name, with the beginning of its id where others have that name too. By id. */
export function labelsOf(runs: readonly ComparedRun[]): ReadonlyMap<string, string> {
  const ids = shortIds(runs.map(({ id }) => id));
  const alike = Map.groupBy(runs, ({ name }) => name);
  return new Map(
    runs.map(({ id, name }, at) => {
      const isOnly = alike.get(name)?.length === 1;
      return [id, isOnly ? name : `${name} ${ids[at]}`];
    }),
  );
}

/** Names of the columns: those of `show`; without it the params that differ, the metrics of `best by`, then the others. */
export function columnNames({ plan, runs }: Comparison): readonly string[] {
  if (plan.show.length > 0) return plan.show;
  const params = namesIn(runs, ({ params }) => params).filter(
    (name) => new Set(runs.map((run) => run.params.get(name))).size > 1,
  );
  const metrics = namesIn(runs, ({ metrics }) => metrics);
  return [...new Set([...params, ...plan.bestBy.map(({ metric }) => metric), ...metrics])];
}

/** Each name that some run has, in alphabetical order. */
export function namesIn(
  runs: readonly ComparedRun[],
  pairs: (run: ComparedRun) => ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...new Set(runs.flatMap((run) => [...pairs(run).keys()]))].toSorted();
}
