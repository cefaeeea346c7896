/** A store with many runs, made by mlpipe's own store: both servers then read the same file. */
import path from "node:path";
import { openTracking } from "../src/tracking/open.ts";

/** Fills `folder/mlflow.db` with so many runs of 4 metrics, 5 params and 4 tags; answers the run that also has `long`, 50,000 points. */
export async function fillStore(folder: string, runs: number): Promise<string> {
  const tracking = await openTracking(`sqlite:///${path.join(folder, "mlflow.db")}`, { folder });
  let first = "";
  for (let from = 0; from < runs; from += 200)
    await Promise.all(
      Array.from({ length: Math.min(200, runs - from) }, async (_, at) => {
        const id = await addRun(from + at);
        if (from + at === 0) first = id;
      }),
    );
  for (let from = 0; from < 50_000; from += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, at) => ({
      key: "long",
      value: Math.sin(from + at),
      timestamp: 1_700_000_000_000 + from + at,
      step: from + at,
    }));
    await tracking.call("runs/log-batch", { run_id: first, metrics });
  }
  await tracking.close();
  return first;

  async function addRun(index: number): Promise<string> {
    const tags = ["team", "stage", "data", "owner"].map((key, at) => ({
      key,
      value: "abcdefghij".charAt(Math.floor(index / 10 ** at) % 10),
    }));
    const { run } = await tracking.call("runs/create", {
      experiment_id: "0",
      start_time: 1_700_000_000_000 + index,
      tags,
    });
    const { run_id } = run.info;
    await tracking.call("runs/log-batch", {
      run_id,
      params: Array.from({ length: 5 }, (_, at) => ({
        key: `p${at}`,
        value: String((index * (at + 3)) % 97),
      })),
      metrics: Array.from({ length: 4 }, (_, at) => ({
        key: `m${at}`,
        value: ((index * 7919 + at * 31) % 1000) / 1000,
        timestamp: 1_700_000_000_000 + index,
        step: 0,
      })),
    });
    return run_id;
  }
}
