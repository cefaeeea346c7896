/** A comparison as data for other programs. */
import { type Comparison, labelsOf } from "./comparison.ts";
import { explainVerdict } from "./verdict.ts";

export function comparisonToJson(comparison: Comparison): object {
  const { plan, tracker, runs, verdict, notRun, allLeftOut } = comparison;
  return {
    compare: plan.compare,
    file: plan.file,
    tracking_uri: tracker,
    where: plan.where.map(({ text }) => text),
    best_by: plan.bestBy,
    best: verdict ? verdict.winner.id : null,
    why: verdict ? explainVerdict(verdict, labelsOf(runs)) : null,
    not_run: notRun.map(({ name }) => name),
    all_left_out: allLeftOut.map(({ name }) => name),
    runs: runs.map((run) => ({
      run_id: run.id,
      run_name: run.name,
      experiment_id: run.experimentId,
      of: run.of,
      status: run.status,
      start_time: run.started,
      end_time: run.ended ?? null,
      artifact_uri: run.artifactUri,
      params: Object.fromEntries(run.params),
      metrics: Object.fromEntries(run.metrics),
      tags: Object.fromEntries(run.tags),
    })),
  };
}
