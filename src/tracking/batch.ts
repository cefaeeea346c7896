/** Cuts a log-batch request of any size into requests that every MLflow server accepts. */
import type { KeyValue, MetricPoint } from "./entities.ts";
import type { RequestOf } from "./endpoints.ts";
import { printJson } from "./json.ts";

export type Batch = RequestOf<"runs/log-batch">;

/** MLflow's limits for one call; the body in bytes of UTF-8. */
export const batchLimits = {
  params: 100,
  tags: 100,
  metrics: 1000,
  together: 1000,
  bytes: 1_000_000,
} as const;

/** Characters (Unicode code points) that MLflow keeps of a value; its servers cut what is longer. */
export const valueLimits = { param: 6000, tag: 8000 } as const;

type Item =
  | { readonly list: "params"; readonly value: KeyValue }
  | { readonly list: "tags"; readonly value: KeyValue }
  | { readonly list: "metrics"; readonly value: MetricPoint };

interface Filling {
  readonly items: Item[];
  readonly counts: { params: number; tags: number; metrics: number };
  bytes: number;
}

/**
 * At least one request: params first, then tags, then metrics, each list in its order over all requests, nothing lost.
 * Each keeps within `batchLimits`, except that a single item too big for any body travels alone, for the server to refuse.
 */
export function splitBatch(batch: Batch): readonly Batch[] {
  const empty = byteLength({ run_id: batch.run_id, ...emptyLists });
  let last = startFilling(empty);
  const batches = [last];
  for (const item of itemsOf(batch)) {
    const bytes = itemBytes(batch.run_id, item, empty);
    if (!hasRoom(last, item, bytes)) {
      last = startFilling(empty);
      batches.push(last);
    }
    last.items.push(item);
    last.counts[item.list] += 1;
    last.bytes += bytes;
  }
  return batches.map((filling) => ({ run_id: batch.run_id, ...listsOf(filling.items) }));
}

function startFilling(bytes: number): Filling {
  return { items: [], counts: { params: 0, tags: 0, metrics: 0 }, bytes };
}

function itemsOf(batch: Batch): readonly Item[] {
  return [
    ...(batch.params ?? []).map((value): Item => ({ list: "params", value })),
    ...(batch.tags ?? []).map((value): Item => ({ list: "tags", value })),
    ...(batch.metrics ?? []).map((value): Item => ({ list: "metrics", value })),
  ];
}

function hasRoom(filling: Filling, item: Item, bytes: number): boolean {
  if (filling.items.length === 0) return true;
  if (filling.items.length >= batchLimits.together) return false;
  if (filling.bytes + bytes > batchLimits.bytes) return false;
  return filling.counts[item.list] < batchLimits[item.list];
}

/** What the item adds to the body, its comma included. */
function itemBytes(runId: string, item: Item, empty: number): number {
  return byteLength({ run_id: runId, ...emptyLists, ...listsOf([item]) }) - empty + 1;
}

const emptyLists = { params: [], tags: [], metrics: [] } as const;

function byteLength(batch: Batch): number {
  return new TextEncoder().encode(printJson(batch)).length;
}

function listsOf(items: readonly Item[]): Omit<Batch, "run_id"> {
  const params = items.flatMap((item) => (item.list === "params" ? [item.value] : []));
  const tags = items.flatMap((item) => (item.list === "tags" ? [item.value] : []));
  const metrics = items.flatMap((item) => (item.list === "metrics" ? [item.value] : []));
  return {
    ...(params.length > 0 && { params }),
    ...(tags.length > 0 && { tags }),
    ...(metrics.length > 0 && { metrics }),
  };
}
