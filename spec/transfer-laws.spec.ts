/** What holds of every copy, whatever is copied and whatever happens meanwhile. */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import type { Counts, Summary } from "../src/tracking/transfer/event.ts";
import { openSource } from "../src/tracking/transfer/open-source.ts";
import type { Target } from "../src/tracking/transfer/target.ts";
import { TrackingError } from "../src/tracking/tracking.ts";
import { fill, randomStock, type RandomStock } from "./support/random-stock.ts";
import { startServer } from "./support/server.ts";
import { all, scratch } from "./support/source.ts";
import { nothing, stockOf, transfer } from "./support/transfer.ts";

const stores = { numRuns: 12, endOnFailure: true } as const;

/** A store in a new folder that holds this. */
async function makeStore(stock: RandomStock): Promise<string> {
  const folder = await scratch();
  const tracking = await openTracking(undefined, { folder });
  await fill(tracking, stock);
  await tracking.close();
  return folder;
}

const storeIn = (folder: string): string => `sqlite:///${join(folder, "mlflow.db")}`;

/** Lets so many calls pass, then none: the last one is not sent, or its answer does not come back. */
function breakAfter(calls: number, isSent: boolean): (target: Target) => Target {
  let left = calls;
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left === 0 && isSent) await work();
    if (left <= 0) throw new TrackingError("UNREACHABLE", "pulled the plug");
    return work();
  };
  return (target) => ({
    keepsIds: target.keepsIds,
    tracking: {
      uri: target.tracking.uri,
      call: (endpoint, request) => guard(() => target.tracking.call(endpoint, request)),
      upload: (owner, file, path) => guard(() => target.tracking.upload(owner, file, path)),
      download: (owner, path, file) => target.tracking.download(owner, path, file),
      close: () => target.tracking.close(),
    },
    make: (given, endpoint, request) => guard(() => target.make(given, endpoint, request)),
  });
}

/** The ids of all runs and models. */
async function idsIn(folder: string): Promise<readonly string[]> {
  const source = await openSource(storeIn(folder), { folder, environment: {}, report: () => {} });
  const ids: string[] = [];
  for (const { experiment_id, creation_time } of await all(source.experiments())) {
    if (experiment_id !== "0") ids.push(String(creation_time));
    for (const { info } of await all(source.runs(experiment_id))) ids.push(info.run_id);
    for (const { info } of await all(source.loggedModels(experiment_id)))
      ids.push(`${info.model_id} ${info.creation_timestamp_ms}`);
  }
  await source.close();
  return ids.toSorted();
}

/** The same number of things, with nothing to do for any. */
function unchanged(counts: Summary["counts"]): Summary["counts"] {
  const still = ({ new: made, updated, unchanged: same, left }: Counts): Counts => ({
    ...nothing,
    unchanged: made + updated + same + left,
  });
  return {
    run: still(counts.run),
    "logged model": still(counts["logged model"]),
    "model version": still(counts["model version"]),
  };
}

describe("from store to store", () => {
  test("all that is in one is in the other, with the same ids and times, once", async () => {
    await fc.assert(
      fc.asyncProperty(randomStock, async (stock) => {
        const [here, there] = [await makeStore(stock), await scratch()];
        const places = { from: storeIn(here), to: storeIn(there), folder: there };
        const first = await transfer(places);
        expect(first.told).toEqual([]);
        expect(await stockOf(storeIn(there), there)).toEqual(await stockOf(storeIn(here), here));
        expect(await idsIn(there)).toEqual(await idsIn(here));
        const second = await transfer(places);
        expect({ ...second.counts, bytes: second.bytes }).toEqual({
          ...unchanged(first.counts),
          bytes: 0,
        });
      }),
      stores,
    );
  });
});

describe("from store to server", () => {
  test("all is there once, though each try but the last is interrupted somewhere", async () => {
    const interruption = fc.tuple(fc.integer({ min: 1, max: 120 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        randomStock,
        fc.array(interruption, { maxLength: 3 }),
        async (stock, tries) => {
          const here = await makeStore(stock);
          const { url } = await startServer();
          const places = { from: storeIn(here), to: url, folder: here };
          for (const [calls, isSent] of tries)
            await transfer({ ...places, harm: breakAfter(calls, isSent) }).catch(
              (error: unknown) => {
                expect(error).toMatchObject({ code: "UNREACHABLE" });
              },
            );
          expect((await transfer(places)).told).toEqual([]);
          expect(await stockOf(url, here)).toEqual(await stockOf(storeIn(here), here));
        },
      ),
      stores,
    );
  });
});
