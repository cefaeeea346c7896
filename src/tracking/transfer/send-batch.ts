/** Sends params, tags and points in pieces that the target takes; what it refuses is found and told, all else is sent. */
import { splitBatch, type Batch } from "../batch.ts";
import { TrackingError, type Tracking } from "../tracking.ts";
import type { Report } from "./source.ts";

type Items = Required<Batch>;

/** Resolves to the number of items that the target has taken. */
export async function sendBatch(tracking: Tracking, batch: Batch, report: Report): Promise<number> {
  let taken = 0;
  for (const piece of splitBatch(batch))
    taken += await sendPiece(tracking, { params: [], tags: [], metrics: [], ...piece }, report);
  return taken;
}

async function sendPiece(tracking: Tracking, piece: Items, report: Report): Promise<number> {
  const size = sizeOf(piece);
  if (size === 0) return 0;
  try {
    await tracking.call("runs/log-batch", piece);
    return size;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (size === 1) {
      report({ place: nameItem(piece), message: `is refused: ${error.message}` });
      return 0;
    }
  }
  const [first, second] = halve(piece, Math.ceil(size / 2));
  return (await sendPiece(tracking, first, report)) + (await sendPiece(tracking, second, report));
}

function sizeOf({ params, tags, metrics }: Items): number {
  return params.length + tags.length + metrics.length;
}

/** The target has understood, and will say the same whenever it is asked. */
export function isRefusal(error: unknown): error is TrackingError {
  const codes = ["INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_ALREADY_EXISTS"];
  return error instanceof TrackingError && codes.includes(error.code);
}

function nameItem({ run_id, params, tags, metrics }: Items): string {
  const [param] = params;
  const [tag] = tags;
  const [metric] = metrics;
  const item = param
    ? `param ${param.key}`
    : tag
      ? `tag ${tag.key}`
      : `metric ${metric?.key ?? ""}`;
  return `${item} of run ${run_id}`;
}

/** The first `count` items, and the others. */
function halve(piece: Items, count: number): readonly [Items, Items] {
  const { run_id, params, tags, metrics } = piece;
  const tagsFrom = Math.max(0, count - params.length);
  const metricsFrom = Math.max(0, tagsFrom - tags.length);
  return [
    {
      run_id,
      params: params.slice(0, count),
      tags: tags.slice(0, tagsFrom),
      metrics: metrics.slice(0, metricsFrom),
    },
    {
      run_id,
      params: params.slice(count),
      tags: tags.slice(tagsFrom),
      metrics: metrics.slice(metricsFrom),
    },
  ];
}
