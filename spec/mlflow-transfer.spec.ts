import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
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

/** What a person leaves in a store: runs below runs, a model of MLflow 3 that can be loaded, versions of it. */
const work = `
import mlflow.pyfunc, pandas

class Doubling(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[float]) -> list[float]:
        return [2 * value for value in model_input]

mlflow.set_experiment("real")
with mlflow.start_run(run_name="outer", tags={"team": "flora"}) as outer:
    mlflow.log_params({"depth": 3, "name": "ünïcode"})
    for step in range(30):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("odd", float("nan"))
    mlflow.log_text("hello", "notes/a.txt")
    data = mlflow.data.from_pandas(pandas.DataFrame({"x": [1.0, 2.0]}), name="two")
    mlflow.log_input(data, context="training")
    with mlflow.start_run(run_name="inner", nested=True):
        logged = mlflow.pyfunc.log_model(
            name="doubling", python_model=Doubling(), pip_requirements=[], registered_model_name="Doubling",
            params={"factor": "2"},
        )
        mlflow.log_metric("auc", 0.9, model_id=logged.model_id, dataset=data)
mlflow.register_model(f"models:/{logged.model_id}", "Doubling", tags={"again": "yes"})
client.update_model_version("Doubling", "2", "the second")
client.set_registered_model_alias("Doubling", "best", "2")
with mlflow.start_run(run_name="gone") as gone:
    mlflow.log_param("p", "x" * 500)
mlflow.delete_run(gone.info.run_id)
client.delete_experiment(client.create_experiment("deleted", tags={"a": "b"}))
answer(logged.model_id)
`;

describe.skipIf(mlflowFolder === undefined)("an import of what the real MLflow has kept", () => {
  let folder = "";
  let server: MlflowServer;
  const here = (name: string): string => `sqlite:///${join(folder, name)}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlpipe-transfer-"));
    server = await startMlflow(folder);
    await askPython(work, { trackingUri: server.uri, folder });
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("from its server brings all that it shows, once", async () => {
    const places = { from: server.uri, to: here("from-server.db"), folder };
    expect((await transfer(places)).told).toEqual([]);
    expect(await stockOf(places.to, folder)).toEqual(await stockOf(server.uri, folder));
    const { counts, bytes } = await transfer(places);
    expect([counts.run, bytes]).toEqual([{ ...nothing, unchanged: 3 }, 0]);
  });

  test("from its database brings the same as from the server that keeps it", async () => {
    const places = { from: join(folder, "mlflow.db"), to: here("from-database.db"), folder };
    expect((await transfer(places)).told).toEqual([]);
    expect(await stockOf(places.to, folder)).toEqual(await stockOf(server.uri, folder));
  });

  test("is what MLflow itself opens: runs, and a model that is loaded by its alias and predicts", async () => {
    const there = await mkdtemp(join(tmpdir(), "mlpipe-transfer-"));
    onTestFinished(() => rm(there, { recursive: true, force: true }));
    const to = `sqlite:///${join(there, "mlflow.db")}`;
    await transfer({ from: server.uri, to, folder: there });
    const seen = await askPython(
      `
runs = client.search_runs([client.get_experiment_by_name("real").experiment_id], run_view_type=3)
model = mlflow.pyfunc.load_model("models:/Doubling@best")
outer = [run for run in runs if run.info.run_name == "outer"][0]
answer({
    "names": sorted(run.info.run_name for run in runs),
    "points": len(client.get_metric_history(outer.info.run_id, "loss")),
    "predicts": model.predict([1.0, 2.5]),
    "data": outer.inputs.dataset_inputs[0].dataset.name,
})
`,
      { trackingUri: to, folder: there },
    );
    expect(seen).toEqual({
      names: ["gone", "inner", "outer"],
      points: 30,
      predicts: [2, 5],
      data: "two",
    });
  });
});
