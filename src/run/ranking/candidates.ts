/** Finds the runs that a name stands for in a tracker, page by page. */
import type { Candidates } from "../../plan/plan.ts";
import type { TrackedRun } from "../../tracking/entities.ts";
import { askPages } from "../../tracking/pages.ts";
import { type Tracking, unlessMissing } from "../../tracking/tracking.ts";

interface Order {
  readonly direction: "ASC" | "DESC";
  /** What is asked for at a time. */
  readonly page: number;
}

/** Every MLflow gives a thousand at a time. */
const earliestFirst: Order = { direction: "ASC", page: 1000 };
const newestFirst: Order = { direction: "DESC", page: 10 };

/** As in the tags that mlpipe gives to its runs. */
const runTag = "mlpipe.run";
const sweepTag = "mlpipe.sweep";
const parentTag = "mlflow.parentRunId";
const kindTag = "mlpipe.kind";

type Tracker = Pick<Tracking, "call">;

/**
 * FINISHED runs, the earliest first unless `order` says otherwise, each once; none where the experiment is not there. `words` are comparisons of MLflow's
 * search that they must fulfil. What the search finds is looked at again, since some databases do not tell A from a.
 *
 * A run's name means the runs that were started by themselves, not the trials of sweeps that repeat it. A sweep's name
 * means the trials below its newest parent run, however that one ended.
 */
export async function* findCandidates(
  tracker: Tracker,
  candidates: Candidates,
  words: readonly string[] = [],
  order: Order = earliestFirst,
): AsyncGenerator<TrackedRun> {
  const experiment = await findExperiment(tracker, candidates.experiment);
  if (experiment === undefined) return;
  const parent =
    candidates.kind === "sweep"
      ? await newestParent(tracker, experiment, candidates.name)
      : undefined;
  if (candidates.kind === "sweep" && parent === undefined) return;
  const tag = parent === undefined ? tagIs(runTag, candidates.name) : tagIs(parentTag, parent);
  const filter = [tag, "attributes.status = 'FINISHED'", ...words].join(" AND ");
  const seen = new Set<string>();
  for await (const run of search(tracker, experiment, filter, order))
    if (!seen.has(run.info.run_id) && isCandidate(run, candidates, parent)) {
      seen.add(run.info.run_id);
      yield run;
    }
}

/** The one that started last; undefined where there is none. */
export async function newestCandidate(
  tracker: Tracker,
  candidates: Candidates,
): Promise<TrackedRun | undefined> {
  for await (const run of findCandidates(tracker, candidates, [], newestFirst)) return run;
  return undefined;
}

function isCandidate(run: TrackedRun, { of, name }: Candidates, parent: string | undefined) {
  if (run.info.status !== "FINISHED" || tagOf(run, runTag) !== of) return false;
  const sweep = tagOf(run, sweepTag);
  if (parent === undefined) return sweep === undefined;
  return sweep === name && tagOf(run, parentTag) === parent;
}

/** Its id; undefined where there is none, or a deleted one. */
async function findExperiment(tracker: Tracker, name: string): Promise<string | undefined> {
  const found = await unlessMissing(() =>
    tracker.call("experiments/get-by-name", { experiment_name: name }),
  );
  return found?.experiment.lifecycle_stage === "active"
    ? found.experiment.experiment_id
    : undefined;
}

/** The id of the run above the trials of the last time that the sweep was begun. */
async function newestParent(
  tracker: Tracker,
  experiment: string,
  sweep: string,
): Promise<string | undefined> {
  const filter = [tagIs(sweepTag, sweep), tagIs(kindTag, "sweep")].join(" AND ");
  for await (const run of search(tracker, experiment, filter, newestFirst))
    if (tagOf(run, sweepTag) === sweep && tagOf(run, kindTag) === "sweep") return run.info.run_id;
  return undefined;
}

async function* search(
  tracker: Tracker,
  experiment: string,
  filter: string,
  { direction, page }: Order,
): AsyncGenerator<TrackedRun> {
  const request = {
    experiment_ids: [experiment],
    filter,
    run_view_type: "ACTIVE_ONLY",
    order_by: [`attributes.start_time ${direction}`],
    max_results: page,
  } as const;
  for await (const { runs = [] } of askPages(tracker, "runs/search", request)) yield* runs;
}

/** Names and ids hold letters, digits and underscores alone. */
function tagIs(key: string, value: string): string {
  return `tags.\`${key}\` = '${value}'`;
}

function tagOf({ data }: TrackedRun, key: string): string | undefined {
  return data.tags?.find((tag) => tag.key === key)?.value;
}
