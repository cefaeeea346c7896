import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askPython, mlflowFolder, startMlflow, type MlflowServer } from "./support/mlflow.ts";
import { nothing, stockOf, transfer } from "./support/transfer.ts";

const fixture = join(import.meta.dirname, "support/mlruns-fixture/store");

describe.skipIf(mlflowFolder === undefined)("a push to the real MLflow server", () => {
  let folder = "";
  let server: MlflowServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlpipe-transfer-"));
    server = await startMlflow(folder);
    await transfer({ from: fixture, to: server.uri, folder });
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("brings everything: runs, deleted ones too, history, artifacts, models and the registry", async () => {
    expect(await stockOf(server.uri, folder)).toEqual(await stockOf(fixture, folder));
  });

  test("changes nothing when it is repeated", async () => {
    const before = await stockOf(server.uri, folder);
    const { counts, bytes, told } = await transfer({ from: fixture, to: server.uri, folder });
    expect({ counts, bytes, told }).toEqual({
      counts: {
        run: { ...nothing, unchanged: 5 },
        "logged model": { ...nothing, unchanged: 1 },
        "model version": { ...nothing, unchanged: 2 },
      },
      bytes: 0,
      told: [],
    });
    expect(await stockOf(server.uri, folder)).toEqual(before);
  });

  test("is read back by MLflow's own client", async () => {
    const seen = await askPython<Record<string, unknown>>(
      `
experiment = client.get_experiment_by_name("iris: trees & more")
runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id], run_view_type=3)}
first, child = runs["first"], runs["child"]
version = client.get_model_version_by_alias("Tree", "champion")
model = client.get_logged_model(version.source.removeprefix("models:/"))
answer({
    "loss": [str(point.value) for point in client.get_metric_history(first.info.run_id, "loss")],
    "params": first.data.params,
    "parent": child.data.tags["mlflow.parentRunId"] == first.info.run_id,
    "text": mlflow.artifacts.load_text(first.info.artifact_uri + "/notes/hello.txt"),
    "version": version.version,
    "metrics": [(point.key, point.value, point.run_id == child.info.run_id) for point in model.metrics],
    "origin": model.source_run_id == child.info.run_id,
    "MLmodel": mlflow.artifacts.load_text(model.artifact_location + "/MLmodel"),
    "deleted": [e.name for e in client.search_experiments(view_type=2)],
})
`,
      { trackingUri: server.uri, folder },
    );
    expect(seen).toMatchObject({
      loss: [
        "0.5",
        "1e-05",
        "nan",
        "1.7976931348623157e+308",
        "-1.7976931348623157e+308",
        "5e-324",
      ],
      params: { cp: "0.01", empty: "", lines: "a\nb\n", "tree/depth": "ünïcode 🌳" },
      parent: true,
      text: "hello\n",
      version: "3",
      metrics: [["score", 0.75, true]],
      origin: true,
      MLmodel: expect.stringMatching(/^model_id: m-/),
      deleted: ["gone"],
    });
  });
});
