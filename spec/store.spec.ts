/** What the embedded store answers, call by call, and how it refuses. */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MetricPoint } from "../src/tracking/entities.ts";
import {
  openIn,
  readBack,
  refusal,
  startRun,
  storeWithRun,
  temporaryFolder,
} from "./support/store.ts";

function point(value: number, step = 0, timestamp = 0, key = "m"): MetricPoint {
  return { key, value, step, timestamp };
}

describe("experiments", () => {
  test("a new store has the experiment Default with the id 0, and artifacts below mlruns of the folder", async () => {
    const folder = await temporaryFolder();
    const tracking = await openIn(folder);
    const { experiment } = await tracking.call("experiments/get", { experiment_id: "0" });
    expect(experiment).toMatchObject({
      experiment_id: "0",
      name: "Default",
      artifact_location: join(folder, "mlruns/0"),
      lifecycle_stage: "active",
    });
  });

  test("an experiment is found by id and by name, with its tags", async () => {
    const { tracking } = await storeWithRun();
    const { experiment_id } = await tracking.call("experiments/create", {
      name: 'it\'s "mine" 🌷',
      tags: [{ key: "a", value: "1" }],
    });
    await tracking.call("experiments/set-experiment-tag", { experiment_id, key: "a", value: "2" });
    const byId = await tracking.call("experiments/get", { experiment_id });
    expect(byId.experiment.tags).toEqual([{ key: "a", value: "2" }]);
    expect(
      await tracking.call("experiments/get-by-name", { experiment_name: 'it\'s "mine" 🌷' }),
    ).toEqual(byId);
  });

  test("a name that exists is refused", async () => {
    const { tracking } = await storeWithRun();
    expect(await refusal(tracking, "experiments/create", { name: "iris" })).toBe(
      'RESOURCE_ALREADY_EXISTS: the experiment "iris" already exists',
    );
  });

  test("an experiment that is not there is said to be missing", async () => {
    const { tracking } = await storeWithRun();
    expect(await refusal(tracking, "experiments/get", { experiment_id: "99" })).toBe(
      "RESOURCE_DOES_NOT_EXIST: there is no experiment with the id 99",
    );
    expect(await refusal(tracking, "experiments/get-by-name", { experiment_name: "x" })).toBe(
      "RESOURCE_DOES_NOT_EXIST: Could not find experiment with name 'x'",
    );
    expect(await refusal(tracking, "experiments/get", { experiment_id: "1; DROP" })).toBe(
      'INVALID_PARAMETER_VALUE: "1; DROP" is no experiment id',
    );
  });

  test.each([
    ["", "an experiment needs a name"],
    ["x".repeat(501), "the name of the experiment is longer than 500 characters"],
  ])("the name %s is refused", async (name, message) => {
    const { tracking } = await storeWithRun();
    expect(await refusal(tracking, "experiments/create", { name })).toBe(
      `INVALID_PARAMETER_VALUE: ${message}`,
    );
  });

  test.each(["a#b", "a;b", "s3://x?y/../z", "runs:/x"])(
    "the artifact location %s is refused",
    async (artifact_location) => {
      const { tracking } = await storeWithRun();
      expect(
        await refusal(tracking, "experiments/create", { name: "x", artifact_location }),
      ).toMatch(/^INVALID_PARAMETER_VALUE: .* is no place for artifacts$/);
    },
  );

  test("experiments are searched, the newest first, page by page", async () => {
    const { tracking } = await storeWithRun();
    for (const name of ["a", "b", "c"]) await tracking.call("experiments/create", { name });
    const first = await tracking.call("experiments/search", {
      max_results: 3,
      filter: "name != 'Default'",
      order_by: ["name DESC"],
    });
    expect(first.experiments?.map(({ name }) => name)).toEqual(["iris", "c", "b"]);
    const second = await tracking.call("experiments/search", {
      max_results: 3,
      filter: "name != 'Default'",
      order_by: ["name DESC"],
      page_token: first.next_page_token ?? "",
    });
    expect(second).toMatchObject({ experiments: [{ name: "a" }] });
    expect(second.next_page_token).toBeUndefined();
  });
});

describe("runs", () => {
  test("a new run is running, and has a name, which is its tag mlflow.runName too", async () => {
    const { tracking, experimentId, folder } = await storeWithRun();
    const { run } = await tracking.call("runs/create", {
      experiment_id: experimentId,
      start_time: 7,
      user_id: "ada",
    });
    expect(run.info).toMatchObject({
      status: "RUNNING",
      start_time: 7,
      user_id: "ada",
      lifecycle_stage: "active",
      experiment_id: experimentId,
      artifact_uri: join(folder, "mlruns", experimentId, run.info.run_id, "artifacts"),
    });
    expect(run.info.run_id).toMatch(/^[0-9a-f]{32}$/);
    expect(run.info.run_name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(run.info.end_time).toBeUndefined();
    expect(run.data).toEqual({ tags: [{ key: "mlflow.runName", value: run.info.run_name }] });
    expect(await readBack(tracking, run.info.run_id)).toEqual({ ...run, outputs: {} });
  });

  test("a run takes its name from its tag, and refuses two names", async () => {
    const { tracking, experimentId } = await storeWithRun();
    const tags = [{ key: "mlflow.runName", value: "one" }];
    const runId = await startRun(tracking, experimentId, { tags });
    expect((await readBack(tracking, runId)).info.run_name).toBe("one");
    expect(
      await refusal(tracking, "runs/create", {
        experiment_id: experimentId,
        start_time: 1,
        tags,
        run_name: "two",
      }),
    ).toBe(
      'INVALID_PARAMETER_VALUE: the run is named "two", but its tag mlflow.runName says "one"',
    );
  });

  test("renaming by update, by tag and by batch keeps name and tag the same; an empty name changes nothing", async () => {
    const { tracking, runId } = await storeWithRun();
    const name = async (): Promise<unknown> => {
      const { info, data } = await readBack(tracking, runId);
      return [info.run_name, data.tags];
    };
    await tracking.call("runs/update", { run_id: runId, run_name: "a" });
    expect(await name()).toEqual(["a", [{ key: "mlflow.runName", value: "a" }]]);
    await tracking.call("runs/set-tag", { run_id: runId, key: "mlflow.runName", value: "b" });
    expect(await name()).toEqual(["b", [{ key: "mlflow.runName", value: "b" }]]);
    await tracking.call("runs/log-batch", {
      run_id: runId,
      tags: [
        { key: "mlflow.runName", value: "c" },
        { key: "mlflow.runName", value: "" },
      ],
    });
    expect(await name()).toEqual(["c", [{ key: "mlflow.runName", value: "c" }]]);
  });

  test("a run that has ended can still be written", async () => {
    const { tracking, runId } = await storeWithRun();
    const { run_info } = await tracking.call("runs/update", {
      run_id: runId,
      status: "FINISHED",
      end_time: 9,
    });
    expect(run_info).toMatchObject({ status: "FINISHED", end_time: 9 });
    await tracking.call("runs/set-tag", { run_id: runId, key: "late", value: "yes" });
    expect((await readBack(tracking, runId)).data.tags).toContainEqual({
      key: "late",
      value: "yes",
    });
  });

  test("a run or experiment that is not there is said to be missing, a status that is none is refused", async () => {
    const { tracking, runId } = await storeWithRun();
    const nobody = "0".repeat(32);
    const gone = `RESOURCE_DOES_NOT_EXIST: there is no run with the id ${nobody}`;
    expect(await refusal(tracking, "runs/get", { run_id: nobody })).toBe(gone);
    expect(await refusal(tracking, "runs/log-batch", { run_id: nobody })).toBe(gone);
    expect(await refusal(tracking, "runs/set-tag", { run_id: nobody, key: "a", value: "b" })).toBe(
      gone,
    );
    expect(await refusal(tracking, "runs/create", { experiment_id: "42", start_time: 1 })).toBe(
      "RESOURCE_DOES_NOT_EXIST: there is no experiment with the id 42",
    );
    expect(
      await refusal(tracking, "runs/update", { run_id: runId, status: "DONE" as "FAILED" }),
    ).toBe('INVALID_PARAMETER_VALUE: "DONE" is no status of a run');
  });

  test("models are listed in the tag mlflow.log-model.history, without the configuration of their flavors", async () => {
    const { tracking, runId } = await storeWithRun();
    const model = {
      artifact_path: "model",
      run_id: runId,
      utc_time_created: "2026-11-22",
      flavors: { crate: { version: "0.1.0", config: { a: 1 } } },
      signature: 1,
    };
    await tracking.call("runs/log-model", { run_id: runId, model_json: JSON.stringify(model) });
    await tracking.call("runs/log-model", {
      run_id: runId,
      model_json: JSON.stringify({ ...model, artifact_path: "other" }),
    });
    const { data } = await readBack(tracking, runId);
    const history: unknown = JSON.parse(
      data.tags?.find(({ key }) => key === "mlflow.log-model.history")?.value ?? "",
    );
    const kept = {
      artifact_path: "model",
      run_id: runId,
      utc_time_created: "2026-11-22",
      flavors: { crate: { version: "0.1.0" } },
    };
    expect(history).toEqual([kept, { ...kept, artifact_path: "other" }]);
    expect(await refusal(tracking, "runs/log-model", { run_id: runId, model_json: "{}" })).toBe(
      "INVALID_PARAMETER_VALUE: model_json has no artifact_path, flavors, utc_time_created, run_id",
    );
    expect(await refusal(tracking, "runs/log-model", { run_id: runId, model_json: "[" })).toBe(
      "INVALID_PARAMETER_VALUE: model_json is no JSON object",
    );
  });
});

describe("batches", () => {
  test("a param never changes: the same value again is no error, another one is, and then nothing of the batch is stored", async () => {
    const { tracking, runId } = await storeWithRun();
    await tracking.call("runs/log-batch", { run_id: runId, params: [{ key: "cp", value: "1" }] });
    await tracking.call("runs/log-batch", { run_id: runId, params: [{ key: "cp", value: "1" }] });
    const before = await readBack(tracking, runId);
    expect(
      await refusal(tracking, "runs/log-batch", {
        run_id: runId,
        params: [
          { key: "new", value: "1" },
          { key: "cp", value: "2" },
        ],
        metrics: [point(1)],
        tags: [{ key: "t", value: "1" }],
      }),
    ).toBe(`INVALID_PARAMETER_VALUE: the param "cp" of run ${runId} is "1" and cannot become "2"`);
    expect(await readBack(tracking, runId)).toEqual(before);
  });

  test("the latest point of a metric goes by step, then time, then value; NaN counts as 0", async () => {
    const { tracking, runId } = await storeWithRun();
    const latestAfter = async (...metrics: MetricPoint[]): Promise<unknown> => {
      await tracking.call("runs/log-batch", { run_id: runId, metrics });
      const { data } = await readBack(tracking, runId);
      const [{ value, step, timestamp } = point(0)] = data.metrics ?? [];
      return [value, step, timestamp];
    };
    expect(await latestAfter(point(5, 1, 1), point(1, 2, 0))).toEqual([1, 2, 0]);
    expect(await latestAfter(point(9, 1, 9))).toEqual([1, 2, 0]);
    expect(await latestAfter(point(0.5, 2, 1))).toEqual([0.5, 2, 1]);
    expect(await latestAfter(point(0.7, 2, 1))).toEqual([0.7, 2, 1]);
    expect(await latestAfter(point(Number.NaN, 2, 1))).toEqual([0.7, 2, 1]);
    expect(await latestAfter(point(-1, 3, 1), point(Number.NaN, 3, 1))).toEqual([Number.NaN, 3, 1]);
  });

  test("a point that is there already is not stored twice", async () => {
    const { tracking, runId } = await storeWithRun();
    const metrics = [point(1), point(1), point(Number.NaN), point(Number.NaN), point(0)];
    for (let time = 0; time < 2; time += 1)
      await tracking.call("runs/log-batch", { run_id: runId, metrics });
    const { metrics: history } = await tracking.call("metrics/get-history", {
      run_id: runId,
      metric_key: "m",
    });
    expect(history?.map(({ value }) => value).toSorted()).toEqual([0, 1, Number.NaN]);
  });

  test("every finite number comes back bit for bit, but for the sign of zero", async () => {
    const { tracking, experimentId } = await storeWithRun();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 100 }),
        async (values) => {
          const runId = await startRun(tracking, experimentId);
          await tracking.call("runs/log-batch", {
            run_id: runId,
            metrics: values.map((value, step) => point(value, step, step)),
          });
          const { metrics = [] } = await tracking.call("metrics/get-history", {
            run_id: runId,
            metric_key: "m",
          });
          expect(metrics.map(({ value }) => value)).toEqual(values.map((value) => value + 0));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("every text comes back as it was", async () => {
    const { tracking, experimentId } = await storeWithRun();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
          { maxLength: 20 },
        ),
        async (texts) => {
          const runId = await startRun(tracking, experimentId);
          const params = texts.map((value, at) => ({ key: `p${at + 10}`, value }));
          await tracking.call("runs/log-batch", { run_id: runId, params });
          expect((await readBack(tracking, runId)).data.params ?? []).toEqual(params);
        },
      ),
      { numRuns: 50 },
    );
  });

  const full = (length: number, key: string) =>
    Array.from({ length }, (_, at) => ({ key: `${key}${at}`, value: "v" }));
  test.each([
    [
      "1001 metrics",
      { metrics: Array.from({ length: 1001 }, (_, at) => point(1, at)) },
      "one batch has 1001 metrics, MLflow takes 1000",
    ],
    ["101 params", { params: full(101, "p") }, "one batch has 101 params, MLflow takes 100"],
    ["101 tags", { tags: full(101, "t") }, "one batch has 101 tags, MLflow takes 100"],
    [
      "1001 items",
      { metrics: Array.from({ length: 901 }, (_, at) => point(1, at)), params: full(100, "p") },
      "one batch has 1001 items, MLflow takes 1000",
    ],
    [
      "a param twice",
      {
        params: [
          { key: "a", value: "1" },
          { key: "a", value: "1" },
        ],
      },
      'the param "a" is given twice',
    ],
    [
      "a long param",
      { params: [{ key: "a", value: "é".repeat(6001) }] },
      'the value of param "a" is longer than 6000 characters',
    ],
    [
      "a long tag",
      { tags: [{ key: "a", value: "é".repeat(8001) }] },
      'the value of tag "a" is longer than 8000 characters',
    ],
    [
      "a long key",
      { tags: [{ key: "a".repeat(251), value: "" }] },
      `the tag key "${"a".repeat(40)}" is longer than 250 characters`,
    ],
    [
      "a key with a bad character",
      { params: [{ key: "a,b", value: "" }] },
      'the param key "a,b" has a character that MLflow refuses',
    ],
    [
      "a key that is no path",
      { metrics: [point(1, 0, 0, "a//b")] },
      'the metric key "a//b" is no plain path, which MLflow refuses',
    ],
    ["a time before 1970", { metrics: [point(1, 0, -1)] }, 'the metric "m" has the timestamp -1'],
    ["half a step", { metrics: [point(1, 0.5)] }, 'the metric "m" has the step 0.5'],
  ])("%s: refused", async (_, batch, message) => {
    const { tracking, runId } = await storeWithRun();
    const before = await readBack(tracking, runId);
    expect(await refusal(tracking, "runs/log-batch", { run_id: runId, ...batch })).toBe(
      `INVALID_PARAMETER_VALUE: ${message}`,
    );
    expect(await readBack(tracking, runId)).toEqual(before);
  });

  test("values at the limits are stored", async () => {
    const { tracking, runId } = await storeWithRun();
    const tags = [{ key: "k".repeat(250), value: "🌷".repeat(8000) }];
    const params = [{ key: "p", value: "🌷".repeat(6000) }];
    await tracking.call("runs/log-batch", {
      run_id: runId,
      params,
      tags,
      metrics: Array.from({ length: 998 }, (_, at) => point(1, -at)),
    });
    const { data } = await readBack(tracking, runId);
    expect(data.params).toEqual(params);
    expect(data.tags).toContainEqual(tags[0]);
  });

  test("a page of no size and a token that nobody gave are refused", async () => {
    const { tracking, runId } = await storeWithRun();
    const history = { run_id: runId, metric_key: "m" };
    expect(await refusal(tracking, "metrics/get-history", { ...history, max_results: 0 })).toBe(
      "INVALID_PARAMETER_VALUE: max_results is 0",
    );
    for (const page_token of ["x", "e30=", Buffer.from('{"offset":-1}').toString("base64")]) {
      expect(await refusal(tracking, "metrics/get-history", { ...history, page_token })).toBe(
        "INVALID_PARAMETER_VALUE: the page token is none that this store gave",
      );
    }
  });
});
