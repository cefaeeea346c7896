/** From a Ranking and a tracker to the runs that it means, best first: what `compare` shows and `best of` takes. */
import type { Candidates, Ranking } from "../../plan/plan.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { findCandidates } from "./candidates.ts";
import { type ComparedRun, comparedRun } from "./compared-run.ts";
import { type Verdict, judge, orderRuns } from "./order.ts";
import { keeps, searchWords } from "./where.ts";

export interface RankedRuns {
  /** Those that `where` keeps, as `orderRuns` orders them. */
  readonly runs: readonly ComparedRun[];
  /** Undefined without `best by`, without runs, or where no run has the first metric. */
  readonly verdict: Verdict | undefined;
  /** Names of which `runs` has nothing because no run of theirs has FINISHED yet: they have to be run first. */
  readonly notRun: readonly Candidates[];
  /** Names of which `runs` has nothing because `where` leaves out all of theirs. */
  readonly allLeftOut: readonly Candidates[];
}

/** Reads only. Rejects with TrackingError. */
export async function rankRuns(
  ranking: Ranking,
  tracking: Pick<Tracking, "call">,
): Promise<RankedRuns> {
  const { candidates, where, bestBy } = ranking;
  const found: ComparedRun[] = [];
  const [notRun, allLeftOut]: Candidates[][] = [[], []];
  for (const one of candidates) {
    const before = found.length;
    for await (const run of findCandidates(tracking, one, searchWords(where, one))) {
      const compared = comparedRun(run, one);
      if (keeps(where, compared)) found.push(compared);
    }
    if (found.length > before) continue;
    const isRun = where.length > 0 && (await hasAny(tracking, one));
    (isRun ? allLeftOut : notRun)?.push(one);
  }
  const runs = orderRuns(found, ranking);
  return { runs, verdict: judge(runs, bestBy), notRun: notRun ?? [], allLeftOut: allLeftOut ?? [] };
}

async function hasAny(tracking: Pick<Tracking, "call">, candidates: Candidates): Promise<boolean> {
  for await (const _ of findCandidates(tracking, candidates)) return true;
  return false;
}
