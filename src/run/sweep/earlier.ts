/** What an earlier attempt at a sweep has left in the tracker: its parent run, and the trials below it. */
import type { SweepPlan } from "../../plan/plan.ts";
import { type RunStatus, type TrackedRun, isEnd } from "../../tracking/entities.ts";
import { askPages } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { isOfMachine } from "../failure.ts";

export interface EarlierTrial {
  readonly runId: string;
  readonly name: string;
  readonly status: RunStatus;
  /** True where it was not the trial's own fault that it FAILED. */
  readonly isBlameless: boolean;
  /** Last values. */
  readonly metrics: ReadonlyMap<string, number>;
}
export interface Earlier {
  readonly runId: string;
  readonly status: RunStatus;
  /** By what the trial is known by. */
  readonly trials: ReadonlyMap<string, EarlierTrial>;
}

export interface Wanted {
  readonly plan: SweepPlan;
  readonly experimentId: string;
  readonly meaning: string;
  /** What the trials of the plan are known by. */
  readonly trials: ReadonlySet<string>;
}

/**
 * The newest attempt at this very sweep, of a run that computes the same; undefined where there is none, or where it has
 * trials that are not wanted any more: then the sweep is another one. Of two runs of a trial the one that has come further.
 */
export async function findEarlier(
  { plan, experimentId, meaning, trials }: Wanted,
  tracking: Pick<Tracking, "call">,
): Promise<Earlier | undefined> {
  const parents = [`tags.\`mlpipe.sweep\` = '${plan.sweep}'`, "tags.`mlpipe.kind` = 'sweep'"];
  const [parent] = await search(tracking, experimentId, parents, 1);
  if (!parent || tagOf(parent, "mlpipe.meaning") !== meaning) return undefined;
  const found = new Map<string, EarlierTrial>();
  const runId = parent.info.run_id;
  for (const run of await search(tracking, experimentId, [
    `tags.\`mlflow.parentRunId\` = '${runId}'`,
  ])) {
    const trial = tagOf(run, "mlpipe.trial") ?? "";
    if (!trials.has(trial)) return undefined;
    const known = found.get(trial);
    if (!known || rank(run.info.status) > rank(known.status)) found.set(trial, earlierTrial(run));
  }
  return { runId, status: parent.info.status, trials: found };
}

function earlierTrial(run: TrackedRun): EarlierTrial {
  const { info, data } = run;
  const metrics = new Map((data.metrics ?? []).map(({ key, value }) => [key, value]));
  const { run_id: runId, run_name: name, status } = info;
  return { runId, name, status, isBlameless: isBlameless(run), metrics };
}

/** By the tag that tells why it failed, `iris.mlpipe:6: R0810 …`. */
function isBlameless(run: TrackedRun): boolean {
  const [, code] =
    /^(?:.*?:\d+(?::\d+)?: )?([A-Z][A-Z0-9_]+) /.exec(tagOf(run, "mlpipe.error") ?? "") ?? [];
  return run.info.status === "FAILED" && code !== undefined && isOfMachine(code);
}

function rank(status: RunStatus): number {
  if (status === "FINISHED") return 2;
  return isEnd(status) ? 0 : 1;
}

function tagOf({ data }: TrackedRun, key: string): string | undefined {
  return data.tags?.find((tag) => tag.key === key)?.value;
}

/** The newest first; all of them without `most`. */
async function search(
  tracking: Pick<Tracking, "call">,
  experimentId: string,
  words: readonly string[],
  most?: number,
): Promise<readonly TrackedRun[]> {
  const request = {
    experiment_ids: [experimentId],
    filter: words.join(" AND "),
    order_by: ["attributes.start_time DESC"],
    max_results: most ?? 1000,
  };
  const found: TrackedRun[] = [];
  for await (const { runs = [] } of askPages(tracking, "runs/search", request)) {
    found.push(...runs);
    if (most !== undefined) break;
  }
  return found;
}
