/** Points on their way to the tracker: gathered, sent in order, in batches, one at a time. */
import type { MetricPoint } from "../tracking/endpoints.ts";
import type { Tracking } from "../tracking/tracking.ts";

/** MLflow takes at most 1,000 in one call. */
const batchSize = 1000;
/** How long a point may wait for company, in milliseconds, before a watcher of the run sees it. */
const patience = 1000;

export interface MetricBatches {
  /** Takes points; returns at once. */
  readonly add: (points: readonly MetricPoint[]) => void;
  /** Resolves when every point is acknowledged; rejects with the first TrackingError. */
  readonly flush: () => Promise<void>;
}

/** One pipe for a run. A failed batch stops it: later points stay unsent, and `flush` says why. */
export function openMetricBatches(tracking: Tracking, runId: string): MetricBatches {
  let waiting: MetricPoint[] = [];
  let sending = Promise.resolve();
  let failure: unknown;
  let timer: NodeJS.Timeout | undefined;

  const send = async (metrics: readonly MetricPoint[]): Promise<void> => {
    if (failure === undefined) await tracking.call("runs/log-batch", { run_id: runId, metrics });
  };
  const sendWaiting = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize);
      waiting = waiting.slice(batchSize);
      sending = sending.then(() => send(batch)).catch((error: unknown) => void (failure ??= error));
    }
  };
  return {
    add(points) {
      waiting.push(...points);
      if (waiting.length >= batchSize) sendWaiting();
      else timer ??= setTimeout(sendWaiting, patience);
    },
    async flush() {
      sendWaiting();
      await sending;
      if (failure !== undefined) throw failure;
    },
  };
}
