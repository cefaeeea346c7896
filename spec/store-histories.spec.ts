/** Histories of several runs at once, and as many of their points as a chart has room for. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MetricPoint } from "../src/tracking/entities.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { refusal, startRun, storeWithRun } from "./support/store.ts";

async function logPoints(
  tracking: Tracking,
  run_id: string,
  points: readonly MetricPoint[],
): Promise<void> {
  await tracking.call("runs/log-batch", { run_id, metrics: points });
}

function line(length: number): readonly MetricPoint[] {
  return Array.from({ length }, (_, at) => ({ key: "m", value: at, timestamp: at, step: at }));
}

test("the points of several runs come run by run, each in its order, and no more than asked for", async () => {
  const { tracking, runId } = await storeWithRun();
  const other = await startRun(tracking, "0");
  const runs = [runId, other].toSorted();
  for (const run of runs)
    await logPoints(tracking, run, [...line(3), { ...line(1)[0]!, key: "x" }]);
  const asked = { run_id: runs.toReversed(), metric_key: "m" };
  const { metrics } = await tracking.call("metrics/get-history-bulk", asked);
  expect(metrics).toEqual(runs.flatMap((run_id) => line(3).map((point) => ({ ...point, run_id }))));
  const few = await tracking.call("metrics/get-history-bulk", { ...asked, max_results: 4 });
  expect(few.metrics).toEqual(metrics?.slice(0, 4));
  const none = { ...asked, metric_key: "?" };
  expect(await tracking.call("metrics/get-history-bulk", none)).toEqual({ metrics: [] });
});

/** Where MLflow's NTILE puts the first of each part, and the last point for the last of them. */
function sample(count: number, size: number): readonly number[] {
  const parts = Math.min(count, size);
  const firsts = Array.from(
    { length: parts },
    (_, part) => part * Math.floor(count / parts) + Math.min(part, count % parts),
  );
  return count === 0 ? [] : [...firsts.slice(0, -1), count - 1];
}

test("a chart gets evenly spread points of each run, the last one always", async () => {
  const { tracking, runId } = await storeWithRun();
  await logPoints(tracking, runId, line(50));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.nat({ max: 49 }),
      fc.nat({ max: 49 }),
      async (max_results, from, length) => {
        const steps = { start_step: from, end_step: from + length };
        const { metrics = [] } = await tracking.call("metrics/get-history-bulk-interval", {
          run_ids: [runId, "nobody"],
          metric_key: "m",
          max_results,
          ...steps,
        });
        const within = line(50).filter(({ step }) => step >= from && step <= from + length);
        expect(metrics.map(({ step }) => step)).toEqual(
          sample(within.length, max_results).map((at) => within[at]?.step),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("points of one step are as many as asked for too, and NaN is one of them", async () => {
  const { tracking, runId } = await storeWithRun();
  const points = line(20).map((point) => ({ ...point, step: 0 }));
  await logPoints(tracking, runId, [
    ...points,
    { ...points[0]!, timestamp: 99, value: Number.NaN },
  ]);
  const { metrics = [] } = await tracking.call("metrics/get-history-bulk-interval", {
    run_ids: [runId],
    metric_key: "m",
    max_results: 4,
  });
  expect(metrics.map(({ timestamp }) => timestamp)).toEqual([0, 6, 11, 99]);
  expect(metrics.at(-1)?.value).toBeNaN();
});

test("what is out of measure is refused", async () => {
  const { tracking, runId } = await storeWithRun();
  const asked = { run_ids: [runId], metric_key: "m" };
  const endpoint = "metrics/get-history-bulk-interval";
  const many = Array.from({ length: 101 }, () => runId);
  expect(await refusal(tracking, endpoint, { ...asked, run_ids: many })).toBe(
    "INVALID_PARAMETER_VALUE: name 1 to 100 runs, not 101",
  );
  expect(await refusal(tracking, "metrics/get-history-bulk", { run_id: [], metric_key: "m" })).toBe(
    "INVALID_PARAMETER_VALUE: name 1 to 100 runs, not 0",
  );
  for (const max_results of [0, 2501])
    expect(await refusal(tracking, endpoint, { ...asked, max_results })).toBe(
      `INVALID_PARAMETER_VALUE: max_results is ${max_results}`,
    );
  expect(await refusal(tracking, endpoint, { ...asked, start_step: 1 })).toBe(
    "INVALID_PARAMETER_VALUE: start_step and end_step go together",
  );
  expect(await refusal(tracking, endpoint, { ...asked, start_step: 2, end_step: 1 })).toBe(
    "INVALID_PARAMETER_VALUE: start_step 2 is behind end_step 1",
  );
});
