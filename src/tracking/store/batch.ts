/** One batch of params, metrics and tags: all of it is stored, or nothing. */
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { putMetrics } from "./metrics.ts";
import { putParam } from "./params.ts";
import { requireActiveRun } from "./run-row.ts";
import type { Store } from "./store.ts";
import { putTag } from "./tags.ts";
import { checkBatch } from "./validate.ts";

export function logBatch(
  store: Store,
  { run_id, metrics = [], params = [], tags = [] }: RequestOf<"runs/log-batch">,
): Promise<ResponseOf<"runs/log-batch">> {
  return store.database.write(() => {
    checkBatch({ metrics, params, tags });
    requireActiveRun(store, run_id);
    for (const param of params) putParam(store, run_id, param);
    putMetrics(store, run_id, metrics);
    for (const tag of tags) putTag(store, run_id, tag);
    return {};
  });
}
