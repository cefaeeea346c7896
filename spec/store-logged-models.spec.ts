/** Logged models and data sets: what runs were given, what they made, and what was measured of it. */
import { describe, expect, test } from "vitest";
import type { DatasetInput, LoggedModel } from "../src/tracking/entities.ts";
import type { RequestOf } from "../src/tracking/endpoints.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { readBack, refusal, startRun, storeWithRun } from "./support/store.ts";

async function logModel(
  tracking: Tracking,
  request: RequestOf<"logged-models/create">,
): Promise<LoggedModel> {
  return (await tracking.call("logged-models/create", request)).model;
}

function dataset(name: string, digest: string, context?: string): DatasetInput {
  return {
    ...(context !== undefined && { tags: [{ key: "mlflow.data.context", value: context }] }),
    dataset: { name, digest, source_type: "local", source: `{"uri": "${name}"}` },
  };
}

describe("a logged model", () => {
  test("is pending in a place of its own until it is finished", async () => {
    const { tracking, experimentId, runId } = await storeWithRun();
    const made = await logModel(tracking, {
      experiment_id: experimentId,
      name: "tree",
      model_type: "rpart",
      source_run_id: runId,
      params: [{ key: "cp", value: "0.1" }],
      tags: [{ key: "t", value: "1" }],
    });
    const { info, data } = made;
    expect(info).toMatchObject({
      experiment_id: experimentId,
      name: "tree",
      model_type: "rpart",
      source_run_id: runId,
      status: "LOGGED_MODEL_PENDING",
      tags: [{ key: "t", value: "1" }],
    });
    expect(info.model_id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(info.artifact_uri).toMatch(new RegExp(`/models/${info.model_id}/artifacts$`));
    expect(data).toEqual({ params: [{ key: "cp", value: "0.1" }] });
    const ready = await tracking.call("logged-models/finalize", {
      model_id: info.model_id,
      status: "LOGGED_MODEL_READY",
    });
    expect(ready.model.info.status).toBe("LOGGED_MODEL_READY");
    expect(await tracking.call("logged-models/get", { model_id: info.model_id })).toEqual(ready);
  });

  test("gets a name when it has none, and takes params once and tags again and again", async () => {
    const { tracking } = await storeWithRun();
    const { info } = await logModel(tracking, { experiment_id: "0" });
    expect(info.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    const { model_id } = info;
    const params = [{ key: "p", value: "1" }];
    await tracking.call("logged-models/log-params", { model_id, params });
    expect(await refusal(tracking, "logged-models/log-params", { model_id, params })).toBe(
      `BAD_REQUEST: the model ${model_id} has a param "p" already`,
    );
    for (const value of ["1", "2"])
      await tracking.call("logged-models/set-tags", { model_id, tags: [{ key: "t", value }] });
    const { model } = await tracking.call("logged-models/get", { model_id });
    expect([model.data.params, model.info.tags]).toEqual([params, [{ key: "t", value: "2" }]]);
    await tracking.call("logged-models/delete-tag", { model_id, tag_key: "t" });
    expect(await refusal(tracking, "logged-models/delete-tag", { model_id, tag_key: "t" })).toBe(
      `RESOURCE_DOES_NOT_EXIST: the model ${model_id} has no tag "t"`,
    );
  });

  test.each(["a/b", "a:b", "a.b", "50%", "it's", 'say "x"'])("is not called %s", async (name) => {
    const { tracking } = await storeWithRun();
    expect(await refusal(tracking, "logged-models/create", { experiment_id: "0", name })).toBe(
      `INVALID_PARAMETER_VALUE: ${JSON.stringify(name)} is no name for a model`,
    );
  });

  test("that is deleted is found no more", async () => {
    const { tracking } = await storeWithRun();
    const { info } = await logModel(tracking, { experiment_id: "0" });
    const { model_id } = info;
    await tracking.call("logged-models/delete", { model_id });
    expect(await refusal(tracking, "logged-models/get", { model_id })).toBe(
      `RESOURCE_DOES_NOT_EXIST: the model ${model_id} is deleted`,
    );
    expect(await tracking.call("logged-models/search", { experiment_ids: ["0"] })).toEqual({});
    expect(await refusal(tracking, "logged-models/get", { model_id: "m-x" })).toBe(
      "RESOURCE_DOES_NOT_EXIST: there is no logged model with the id m-x",
    );
  });

  test("has the metrics that runs logged about it, each value once", async () => {
    const { tracking, runId } = await storeWithRun();
    const { info } = await logModel(tracking, { experiment_id: "0" });
    const { model_id } = info;
    const point = { key: "acc", value: 0.5, timestamp: 1, step: 2 };
    const about = { ...point, model_id, dataset_name: "iris", dataset_digest: "ab" };
    await tracking.call("runs/log-metric", { run_id: runId, ...about });
    await tracking.call("runs/log-batch", {
      run_id: runId,
      metrics: [about, { ...point, key: "x" }],
    });
    const { model } = await tracking.call("logged-models/get", { model_id });
    expect(model.data.metrics).toEqual([{ ...about, run_id: runId }]);
    expect((await readBack(tracking, runId)).data.metrics).toEqual([point, { ...point, key: "x" }]);
    const other = { run_id: runId, metrics: [{ ...about, value: 1 }] };
    expect(await refusal(tracking, "runs/log-batch", other)).toMatch(
      /^BAD_REQUEST: .* another value/,
    );
    const lost = { run_id: runId, ...about, model_id: "m-x" };
    expect(await refusal(tracking, "runs/log-metric", lost)).toBe(
      "BAD_REQUEST: there is no logged model with the id m-x",
    );
  });

  test("is searched by its own language, page by page", async () => {
    const { tracking, runId } = await storeWithRun();
    const ids: string[] = [];
    for (const [at, name] of ["a", "b", "c", "d"].entries()) {
      const { info } = await logModel(tracking, {
        experiment_id: "0",
        name,
        params: [{ key: "lr", value: `0.${at}` }],
      });
      ids.push(info.model_id);
      if (at < 3)
        await tracking.call("runs/log-metric", {
          run_id: runId,
          key: "loss",
          value: 3 - at,
          timestamp: at,
          step: 0,
          model_id: info.model_id,
          dataset_name: at === 1 ? "test" : "train",
          dataset_digest: "x",
        });
    }
    const search = async (
      more: Partial<RequestOf<"logged-models/search">>,
    ): Promise<readonly string[]> => {
      const { models = [] } = await tracking.call("logged-models/search", {
        experiment_ids: ["0"],
        order_by: [{ field_name: "name", ascending: true }],
        ...more,
      });
      return models.map(({ info }) => info.name);
    };
    expect(await search({ filter: "params.lr = 0.1" })).toEqual(["b"]);
    expect(await search({ filter: "params.lr IN ('0.1', '0.2') AND name != b" })).toEqual(["c"]);
    expect(await search({ filter: "metrics.loss < 2.5" })).toEqual(["b", "c"]);
    expect(await search({ filter: "creation_timestamp > 0 AND name LIKE 'a'" })).toEqual(["a"]);
    expect(await search({ datasets: [{ dataset_name: "train" }] })).toEqual(["a", "c"]);
    const byLoss = [{ field_name: "metrics.loss", ascending: true }];
    expect(await search({ order_by: byLoss })).toEqual(["c", "b", "a", "d"]);
    const onTest = byLoss.map((key) => ({ ...key, dataset_name: "test" }));
    expect((await search({ order_by: onTest }))[0]).toBe("b");

    const asked = { experiment_ids: ["0"], max_results: 3 };
    const first = await tracking.call("logged-models/search", asked);
    const page_token = first.next_page_token ?? "";
    const second = await tracking.call("logged-models/search", { ...asked, page_token });
    const paged = [...(first.models ?? []), ...(second.models ?? [])].map(({ info }) => info);
    const newestFirst = paged.toSorted(
      (a, b) =>
        b.creation_timestamp_ms - a.creation_timestamp_ms || (a.model_id < b.model_id ? -1 : 1),
    );
    expect(paged).toEqual(newestFirst);
    expect(new Set(paged.map(({ model_id }) => model_id))).toEqual(new Set(ids));
    expect(second.next_page_token).toBeUndefined();
    expect(
      await refusal(tracking, "logged-models/search", {
        ...asked,
        page_token,
        filter: "name = 'a'",
      }),
    ).toBe("INVALID_PARAMETER_VALUE: the page token is of a search with another filter_string");
  });
});

describe("a run", () => {
  test("shows what it was given and what it made, when it is read and when it is searched", async () => {
    const { tracking, experimentId, runId } = await storeWithRun();
    await startRun(tracking, experimentId);
    await tracking.call("runs/log-inputs", {
      run_id: runId,
      datasets: [dataset("iris", "ab", "train"), dataset("iris", "ab", "test"), dataset("mt", "c")],
      models: [{ model_id: "m-1" }],
    });
    await tracking.call("runs/log-inputs", {
      run_id: runId,
      datasets: [dataset("iris", "ab", "x")],
    });
    await tracking.call("runs/outputs", { run_id: runId, models: [{ model_id: "m-2", step: 7 }] });
    const run = await readBack(tracking, runId);
    expect(run.inputs).toEqual({
      dataset_inputs: [dataset("iris", "ab", "train"), dataset("mt", "c")],
      model_inputs: [{ model_id: "m-1" }],
    });
    expect(run.outputs).toEqual({ model_outputs: [{ model_id: "m-2", step: 7 }] });
    const { runs = [] } = await tracking.call("runs/search", { experiment_ids: [experimentId] });
    expect(runs.find(({ info }) => info.run_id === runId)).toEqual(run);
    expect(runs.find(({ info }) => info.run_id !== runId)).toMatchObject({
      inputs: {},
      outputs: {},
    });
    const again = { run_id: runId, models: [{ model_id: "m-2", step: 8 }] };
    expect(await refusal(tracking, "runs/outputs", again)).toBe(
      `BAD_REQUEST: the model m-2 is an output of run ${runId} already`,
    );
  });

  test("is found by its data sets, and an experiment tells which it has", async () => {
    const { tracking, experimentId, runId } = await storeWithRun();
    const other = await startRun(tracking, experimentId);
    await tracking.call("runs/log-inputs", {
      run_id: runId,
      datasets: [dataset("iris", "ab", "train")],
    });
    await tracking.call("runs/log-inputs", { run_id: other, datasets: [dataset("iris", "ab")] });
    const found = async (filter: string): Promise<readonly string[]> => {
      const asked = { experiment_ids: [experimentId], filter };
      const { runs = [] } = await tracking.call("runs/search", asked);
      return runs.map(({ info }) => info.run_id);
    };
    expect((await found("dataset.name = 'iris'")).toSorted()).toEqual([runId, other].toSorted());
    expect(await found("dataset.context ILIKE 'TR%'")).toEqual([runId]);
    expect(await found("datasets.digest NOT IN ('ab')")).toEqual([]);
    const { dataset_summaries = [] } = await tracking.call("experiments/search-datasets", {
      experiment_ids: [experimentId, "0"],
    });
    const summary = { experiment_id: experimentId, name: "iris", digest: "ab" };
    expect(dataset_summaries).toHaveLength(2);
    expect(dataset_summaries).toContainEqual(summary);
    expect(dataset_summaries).toContainEqual({ ...summary, context: "train" });
    expect(await refusal(tracking, "experiments/search-datasets", { experiment_ids: [] })).toBe(
      "INVALID_PARAMETER_VALUE: name 1 to 20 experiments, not 0",
    );
  });

  test.each([
    ["name", 500],
    ["digest", 36],
    ["source", 65_535],
  ])("takes no data set whose %s is longer than %d characters", async (field, length) => {
    const { tracking, runId } = await storeWithRun();
    const given = dataset("iris", "ab");
    const put = (size: number): RequestOf<"runs/log-inputs"> => ({
      run_id: runId,
      datasets: [{ dataset: { ...given.dataset, [field]: "x".repeat(size) } }],
    });
    await tracking.call("runs/log-inputs", put(length));
    expect(await refusal(tracking, "runs/log-inputs", put(length + 1))).toBe(
      `INVALID_PARAMETER_VALUE: the ${field} of a data set is longer than ${length} characters`,
    );
  });
});
