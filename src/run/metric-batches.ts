/** Points and tags on their way to the tracker: gathered, sent in order, in batches, one at a time. */
import type { MetricPoint } from "../tracking/entities.ts";
import type { Tracking } from "../tracking/tracking.ts";
import type { LoggedPoints } from "./logged-points.ts";

/** MLflow takes at most 1,000 in one call. */
const batchSize = 1000;
/** How long a point may wait for company, in milliseconds, before a watcher of the run sees it. */
const patience = 1000;

export interface MetricBatches {
  /** Takes points; returns at once. */
  readonly add: (points: readonly MetricPoint[]) => void;
  /** Sets a tag after the points before it; returns at once. */
  readonly tag: (key: string, value: string) => void;
  /** Resolves when every point is acknowledged; rejects with the first TrackingError. */
  readonly flush: () => Promise<void>;
}

/** One pipe for a run. Points that it has already, `known`, are not sent again. A failed batch stops it: later points stay unsent, and `flush` says why. */
export function openMetricBatches(
  tracking: Tracking,
  runId: string,
  known?: LoggedPoints,
): MetricBatches {
  let waiting: MetricPoint[] = [];
  let sending = Promise.resolve();
  let failure: unknown;
  let timer: NodeJS.Timeout | undefined;

  const queue = (call: () => Promise<unknown>): void => {
    sending = sending
      .then(async () => {
        if (failure === undefined) await call();
      })
      .catch((error: unknown) => void (failure ??= error));
  };
  const sendWaiting = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0) {
      const metrics = waiting.slice(0, batchSize);
      waiting = waiting.slice(batchSize);
      queue(() => tracking.call("runs/log-batch", { run_id: runId, metrics }));
    }
  };
  return {
    add(points) {
      for (const point of known?.without(points) ?? points) waiting.push(point);
      if (waiting.length === 0) return;
      if (waiting.length >= batchSize) sendWaiting();
      else timer ??= setTimeout(sendWaiting, patience);
    },
    tag(key, value) {
      sendWaiting();
      queue(() => tracking.call("runs/set-tag", { run_id: runId, key, value }));
    },
    async flush() {
      sendWaiting();
      await sending;
      if (failure !== undefined) throw failure;
    },
  };
}
