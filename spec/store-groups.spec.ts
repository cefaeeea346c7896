/** Writes that are asked for at once: committed together, refused alone. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openStore } from "../src/tracking/store/open-store.ts";
import {
  failureOf,
  openIn,
  readBack,
  startRun,
  storeWithRun,
  temporaryFolder,
} from "./support/store.ts";

describe("writes that are asked for at once", () => {
  test("are stored or refused one by one, whatever their neighbours are", async () => {
    const { tracking, runId } = await storeWithRun();
    let round = 0;
    const write = fc.record({ key: fc.constantFrom("a", "b", "c"), value: fc.nat({ max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 2, maxLength: 40 }), async (writes) => {
        round += 1;
        const param = (key: string): string => `${key}${round}`;
        const outcomes = await Promise.all(
          writes.map(({ key, value }, at) =>
            tracking
              .call("runs/log-batch", {
                run_id: runId,
                tags: [{ key: `t${round}`, value: String(at) }],
                params: [{ key: param(key), value: String(value) }],
              })
              .then(
                () => "stored",
                () => "refused",
              ),
          ),
        );
        const first = new Map(
          writes.toReversed().map(({ key, value }) => [param(key), String(value)]),
        );
        const expected = writes.map(({ key, value }) =>
          first.get(param(key)) === String(value) ? "stored" : "refused",
        );
        expect(outcomes).toEqual(expected);
        const { data } = await readBack(tracking, runId);
        for (const [key, value] of first) expect(data.params).toContainEqual({ key, value });
        expect(data.tags).toContainEqual({
          key: `t${round}`,
          value: String(expected.lastIndexOf("stored")),
        });
      }),
      { numRuns: 40 },
    );
  });

  test("share the wait for the disk: a thousand of them are a handful of transactions", async () => {
    const { tracking, runId, folder } = await storeWithRun();
    const other = new DatabaseSync(join(folder, "mlflow.db"));
    const seen = new Set<unknown>();
    const look = (): void => {
      seen.add(other.prepare("PRAGMA data_version").get()?.["data_version"]);
    };
    look();
    await Promise.all(
      Array.from({ length: 1000 }, async (_, at) => {
        await tracking.call("runs/set-tag", { run_id: runId, key: `t${at}`, value: "" });
        look();
      }),
    );
    other.close();
    expect((await readBack(tracking, runId)).data.tags).toHaveLength(1001);
    expect(seen.size).toBeGreaterThan(1);
    expect(seen.size).toBeLessThanOrEqual(10);
  });

  test("are answered in the order they were asked in", async () => {
    const { tracking, runId } = await storeWithRun();
    const answered: number[] = [];
    await Promise.all(
      Array.from({ length: 700 }, async (_, at) => {
        await tracking.call("runs/set-tag", { run_id: runId, key: "t", value: String(at) });
        answered.push(at);
      }),
    );
    expect(answered).toEqual(answered.toSorted((a, b) => a - b));
    expect((await readBack(tracking, runId)).data.tags?.[1]).toEqual({ key: "t", value: "699" });
  });

  test("are all answered before the store closes", async () => {
    const { tracking, runId, folder } = await storeWithRun();
    const writes = Array.from({ length: 300 }, (_, at) =>
      tracking.call("runs/set-tag", { run_id: runId, key: `t${at}`, value: "" }),
    );
    await tracking.close();
    await Promise.all(writes);
    const again = await openIn(folder);
    expect((await readBack(again, runId)).data.tags).toHaveLength(301);
  });

  test("wait together for another program, each as long as it may; the file is read meanwhile", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "mlflow.db");
    const tracking = await openStore(file, { uri: "sqlite:///mlflow.db", folder, patience: 400 });
    const runId = await startRun(tracking, "0");
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const tag = (key: string): Promise<unknown> =>
      tracking.call("runs/set-tag", { run_id: runId, key, value: "" });
    const early = Promise.all(["a", "b", "c"].map((key) => failureOf(tag(key))));
    expect((await readBack(tracking, runId)).data.tags).toHaveLength(1);
    const failures = await early;
    expect(failures.map(({ code }) => code)).toEqual(
      Array.from({ length: 3 }, () => "TEMPORARILY_UNAVAILABLE"),
    );
    const late = Promise.all(["d", "e"].map(tag));
    other.exec("COMMIT");
    await late;
    other.close();
    const { data } = await readBack(tracking, runId);
    expect(data.tags?.map(({ key }) => key)).toEqual(["d", "e", "mlflow.runName"]);
    await tracking.close();
  });
});
