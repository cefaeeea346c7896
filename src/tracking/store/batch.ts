/** One batch of params, metrics and tags: all of it is stored, or nothing. */
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { numberOf } from "./database.ts";
import { putModelMetrics } from "./logged-models/metrics.ts";
import { putMetrics } from "./metrics.ts";
import { putParam } from "./params.ts";
import { requireActiveRun } from "./run-row.ts";
import type { Store } from "./store.ts";
import { putTag } from "./tags.ts";
import { checkBatch } from "./validate.ts";
import { checkRunId } from "./validate-inputs.ts";

export function logBatch(
  store: Store,
  { run_id, metrics = [], params = [], tags = [] }: RequestOf<"runs/log-batch">,
): Promise<ResponseOf<"runs/log-batch">> {
  checkRunId(run_id);
  checkBatch({ metrics, params, tags });
  return store.database.write(() => {
    const run = requireActiveRun(store, run_id);
    for (const param of params) putParam(store, run_id, param);
    putMetrics(store, run_id, metrics);
    const origin = { runId: run_id, experimentId: numberOf(run, "experiment_id") };
    putModelMetrics(store, origin, metrics);
    for (const tag of tags) putTag(store, run_id, tag);
    return {};
  });
}
