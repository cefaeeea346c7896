/** Experiments and runs that are renamed, deleted and restored, and their tags. */
import { describe, expect, test } from "vitest";
import type { Tracking } from "../src/tracking/tracking.ts";
import { readBack, refusal, startRun, storeWithRun } from "./support/store.ts";

async function stageOf(tracking: Tracking, experiment_id: string): Promise<string> {
  const { experiment } = await tracking.call("experiments/get", { experiment_id });
  return experiment.lifecycle_stage;
}

describe("an experiment", () => {
  test("that is renamed is found by its new name only", async () => {
    const { tracking, experimentId } = await storeWithRun();
    await tracking.call("experiments/update", { experiment_id: experimentId, new_name: "neu" });
    const { experiment } = await tracking.call("experiments/get-by-name", {
      experiment_name: "neu",
    });
    expect(experiment.experiment_id).toBe(experimentId);
    expect(experiment.last_update_time).toBeGreaterThanOrEqual(experiment.creation_time ?? NaN);
    expect(await refusal(tracking, "experiments/get-by-name", { experiment_name: "iris" })).toBe(
      "RESOURCE_DOES_NOT_EXIST: Could not find experiment with name 'iris'",
    );
  });

  test("takes no name that another has, not even a deleted one, and none while it is deleted itself", async () => {
    const { tracking, experimentId } = await storeWithRun();
    const other = await tracking.call("experiments/create", { name: "other" });
    await tracking.call("experiments/delete", other);
    const renamed = { experiment_id: experimentId, new_name: "other" };
    expect(await refusal(tracking, "experiments/update", renamed)).toBe(
      'BAD_REQUEST: there is an experiment named "other" already',
    );
    expect(await refusal(tracking, "experiments/update", { ...other, new_name: "another" })).toBe(
      `INVALID_STATE: the experiment ${other.experiment_id} is deleted`,
    );
    await tracking.call("experiments/update", { ...renamed, new_name: "iris" });
  });

  test("that is deleted takes its runs along, and brings them back when it is restored", async () => {
    const { tracking, experimentId, runId } = await storeWithRun();
    const elsewhere = await startRun(tracking, "0");
    await tracking.call("experiments/delete", { experiment_id: experimentId });
    expect(await stageOf(tracking, experimentId)).toBe("deleted");
    expect((await readBack(tracking, runId)).info.lifecycle_stage).toBe("deleted");
    expect((await readBack(tracking, elsewhere)).info.lifecycle_stage).toBe("active");
    expect(
      await refusal(tracking, "runs/create", { experiment_id: experimentId, start_time: 1 }),
    ).toBe(`INVALID_PARAMETER_VALUE: the experiment ${experimentId} is deleted`);
    await tracking.call("experiments/restore", { experiment_id: experimentId });
    expect(await stageOf(tracking, experimentId)).toBe("active");
    expect((await readBack(tracking, runId)).info.lifecycle_stage).toBe("active");
  });

  test("is deleted once and restored once", async () => {
    const { tracking, experimentId } = await storeWithRun();
    const asked = { experiment_id: experimentId };
    expect(await refusal(tracking, "experiments/restore", asked)).toMatch(
      /^RESOURCE_DOES_NOT_EXIST/,
    );
    await tracking.call("experiments/delete", asked);
    expect(await refusal(tracking, "experiments/delete", asked)).toMatch(
      /^RESOURCE_DOES_NOT_EXIST/,
    );
  });

  test("loses a tag that is deleted, and has none to lose when it is gone", async () => {
    const { tracking, experimentId } = await storeWithRun();
    const tag = { experiment_id: experimentId, key: "team" };
    await tracking.call("experiments/set-experiment-tag", { ...tag, value: "red" });
    await tracking.call("experiments/delete-experiment-tag", tag);
    const { experiment } = await tracking.call("experiments/get", tag);
    expect(experiment.tags).toBeUndefined();
    expect(await refusal(tracking, "experiments/delete-experiment-tag", tag)).toBe(
      `RESOURCE_DOES_NOT_EXIST: the experiment ${experimentId} has no tag "team"`,
    );
  });

  test("is made with each tag once", async () => {
    const { tracking } = await storeWithRun();
    const tags = ["1", "2"].map((value) => ({ key: "a", value }));
    expect(await refusal(tracking, "experiments/create", { name: "x", tags })).toBe(
      "RESOURCE_ALREADY_EXISTS: a tag of the new experiment is given twice",
    );
  });

  test.each(["http://h/x", "https://h/x", "ftp://h/x", "hdfs://h/x", "mlflow-artifacts://h/x"])(
    "keeps its artifacts on no machine that a client names, as %s",
    async (artifact_location) => {
      const { tracking } = await storeWithRun();
      expect(
        await refusal(tracking, "experiments/create", { name: "x", artifact_location }),
      ).toMatch(/^INVALID_PARAMETER_VALUE: .* names a machine/);
    },
  );
});

describe("a run", () => {
  test("that is deleted is read but not written, until it is restored", async () => {
    const { tracking, runId } = await storeWithRun();
    await tracking.call("runs/delete", { run_id: runId });
    await tracking.call("runs/delete", { run_id: runId });
    expect((await readBack(tracking, runId)).info.lifecycle_stage).toBe("deleted");
    const gone = `INVALID_PARAMETER_VALUE: the run ${runId} is deleted`;
    const point = { run_id: runId, key: "m", value: 1, timestamp: 1, step: 0 };
    expect(await refusal(tracking, "runs/log-metric", point)).toBe(gone);
    const param = { run_id: runId, key: "p", value: "1" };
    expect(await refusal(tracking, "runs/log-parameter", param)).toBe(gone);
    expect(await refusal(tracking, "runs/delete-tag", { run_id: runId, key: "a" })).toBe(gone);
    expect(await refusal(tracking, "runs/log-inputs", { run_id: runId })).toBe(gone);
    expect(await refusal(tracking, "runs/outputs", { run_id: runId, models: [] })).toBe(gone);
    expect(await refusal(tracking, "runs/update", { run_id: runId, end_time: 1 })).toBe(gone);
    await tracking.call("runs/restore", { run_id: runId });
    await tracking.call("runs/log-metric", point);
    expect((await readBack(tracking, runId)).data.metrics).toHaveLength(1);
  });

  test("is deleted and restored by its id only", async () => {
    const { tracking } = await storeWithRun();
    for (const endpoint of ["runs/delete", "runs/restore"] as const)
      expect(await refusal(tracking, endpoint, { run_id: "x" })).toBe(
        "RESOURCE_DOES_NOT_EXIST: there is no run with the id x",
      );
  });

  test("takes metrics and params one by one as it takes them in batches", async () => {
    const { tracking, runId } = await storeWithRun();
    const point = { key: "m", value: 2, timestamp: 3, step: 4 };
    await tracking.call("runs/log-metric", { run_id: runId, ...point });
    await tracking.call("runs/log-metric", { run_id: runId, ...point });
    await tracking.call("runs/log-metric", { run_id: runId, ...point, value: 1 });
    await tracking.call("runs/log-parameter", { run_id: runId, key: "p", value: "1" });
    await tracking.call("runs/log-parameter", { run_id: runId, key: "p", value: "1" });
    const { data } = await readBack(tracking, runId);
    expect(data.metrics).toEqual([point]);
    expect(data.params).toEqual([{ key: "p", value: "1" }]);
    expect(
      await refusal(tracking, "runs/log-parameter", { run_id: runId, key: "p", value: "2" }),
    ).toMatch(/^INVALID_PARAMETER_VALUE: the param "p" .* cannot become "2"$/);
    expect(
      await refusal(tracking, "runs/log-metric", { run_id: runId, ...point, timestamp: -1 }),
    ).toBe('INVALID_PARAMETER_VALUE: the metric "m" has the timestamp -1');
  });

  test("loses a tag that is deleted, and has none to lose when it is gone", async () => {
    const { tracking, runId } = await storeWithRun();
    await tracking.call("runs/set-tag", { run_id: runId, key: "a", value: "b" });
    await tracking.call("runs/delete-tag", { run_id: runId, key: "a" });
    expect((await readBack(tracking, runId)).data.tags?.map(({ key }) => key)).toEqual([
      "mlflow.runName",
    ]);
    expect(await refusal(tracking, "runs/delete-tag", { run_id: runId, key: "a" })).toBe(
      `RESOURCE_DOES_NOT_EXIST: the run ${runId} has no tag "a"`,
    );
  });
});
