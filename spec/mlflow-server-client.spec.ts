/** What MLflow's own Python client does with its server, it does with mlpipe's. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askPython, mlflowFolder, runMlflow } from "./support/mlflow.ts";
import { serverOfTest } from "./support/server-process.ts";
import { temporaryFolder } from "./support/store.ts";

const mlflowTest = test.skipIf(mlflowFolder === undefined);
const patience = 120_000;

interface Place {
  readonly trackingUri: string;
  readonly folder: string;
}

async function startPlace(): Promise<Place> {
  const folder = await temporaryFolder();
  const server = await serverOfTest(join(folder, "server"));
  return { trackingUri: server.uri, folder };
}

mlflowTest(
  "runs: the fluent API logs all that it can, and reads it back",
  { timeout: patience },
  async () => {
    const place = await startPlace();
    const seen = await askPython(
      `
import math, pandas as pd
import matplotlib; matplotlib.use("Agg")
import matplotlib.pyplot as plt
mlflow.set_experiment("iris")
with mlflow.start_run(run_name="outer", tags={"stage": "test"}, description="why") as outer:
    mlflow.log_param("depth", 3)
    mlflow.log_params({"lr": 0.1, "name": "é 漢"})
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"nan": float("nan"), "inf": float("inf"), "tiny": 5e-324}, step=7)
    mlflow.set_tags({"a": 1, "b": "x"})
    mlflow.set_tag("mlflow.note.content", "note")
    mlflow.log_text("hello", "notes/hello.txt")
    mlflow.log_dict({"k": [1, 2]}, "d.json")
    figure = plt.figure(); plt.plot([1, 2]); mlflow.log_figure(figure, "plots/f.png")
    mlflow.log_table({"col": [1, 2]}, "table.json")
    data = mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="points", source="here.csv")
    mlflow.log_input(data, context="training", tags={"t": "1"})
    with mlflow.start_run(run_name="inner", nested=True) as inner:
        mlflow.log_metric("loss", 0.5)
mlflow.log_metric("later", 1, run_id=outer.info.run_id, synchronous=False).wait()
run = client.get_run(outer.info.run_id)
found = mlflow.search_runs(filter_string="metrics.loss < 0.4 and params.depth = '3' and tags.a = '1' and attributes.run_name LIKE 'out%'", order_by=["metrics.loss DESC"])
answer({
    "status": run.info.status, "name": run.info.run_name, "experiment": run.info.experiment_id,
    "params": run.data.params, "tags": {k: v for k, v in run.data.tags.items() if k in ("stage", "a", "b", "mlflow.note.content")},
    "metrics": {k: str(v) for k, v in run.data.metrics.items()},
    "history": [[m.step, m.value] for m in client.get_metric_history(outer.info.run_id, "loss")],
    "input": [[i.dataset.name, i.dataset.source_type, {t.key: t.value for t in i.tags}] for i in run.inputs.dataset_inputs],
    "files": sorted(f.path for f in client.list_artifacts(outer.info.run_id)),
    "text": mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/hello.txt"),
    "dict": mlflow.artifacts.load_dict(run.info.artifact_uri + "/d.json"),
    "table": mlflow.load_table("table.json", run_ids=[outer.info.run_id])["col"].tolist(),
    "found": found["run_id"].tolist() == [outer.info.run_id],
    "children": [r.info.run_name for r in client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{outer.info.run_id}'")],
    "by data": [r.info.run_name for r in client.search_runs([run.info.experiment_id], "datasets.name = 'points' and datasets.context = 'training'")],
    "last": mlflow.last_active_run().info.run_name,
})`,
      place,
    );
    expect(seen).toEqual({
      status: "FINISHED",
      name: "outer",
      experiment: "1",
      params: { depth: "3", lr: "0.1", name: "é 漢" },
      tags: { stage: "test", a: "1", b: "x", "mlflow.note.content": "note" },
      metrics: {
        loss: "0.3333333333333333",
        nan: "nan",
        inf: "1.7976931348623157e+308",
        tiny: "5e-324",
        later: "1.0",
      },
      history: [
        [0, 1],
        [1, 0.5],
        [2, 1 / 3],
      ],
      input: [["points", "local", { t: "1", "mlflow.data.context": "training" }]],
      files: ["d.json", "notes", "plots", "table.json"],
      text: "hello",
      dict: { k: [1, 2] },
      table: [1, 2],
      found: true,
      children: ["inner"],
      "by data": ["outer"],
      last: "outer",
    });
  },
);

mlflowTest(
  "runs and experiments: the client changes, deletes and restores them, and learns what is wrong",
  { timeout: patience },
  async () => {
    const place = await startPlace();
    const seen = await askPython(
      `
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
def code(work):
    try: work()
    except MlflowException as e: return e.error_code
experiment = client.create_experiment("a", tags={"team": "x"})
client.rename_experiment(experiment, "b")
client.set_experiment_tag(experiment, "k", "v")
run = client.create_run(experiment, start_time=1, tags={"t": "1"}, run_name="r").info.run_id
client.log_batch(run, [Metric("m", i / 7, 1000 + i, i) for i in range(1500)][:1000], [Param(f"p{i}", "v") for i in range(100)][:0], [RunTag("u", "2")])
client.log_param(run, "p", "1")
client.update_run(run, status="FAILED", name="renamed")
client.delete_tag(run, "t")
client.set_terminated(run, "KILLED", 5)
errors = [
    code(lambda: client.get_run("0" * 32)), code(lambda: client.log_param(run, "p", "2")), code(lambda: client.create_experiment("b")),
    code(lambda: client.get_experiment("99")), code(lambda: client.search_runs([experiment], "nonsense")), code(lambda: client.delete_tag(run, "t")),
]
client.delete_run(run)
errors.append(code(lambda: client.log_metric(run, "m", 1)))
deleted = [r.info.run_id == run for r in client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)]
client.restore_run(run)
client.delete_experiment(experiment)
gone = [e.name for e in client.search_experiments(view_type=ViewType.DELETED_ONLY, filter_string="name LIKE 'b%' and tags.team = 'x'")]
client.restore_experiment(experiment)
info = client.get_run(run).info
other = client.create_run(experiment).info.run_id
first = client.search_runs([experiment], max_results=1)
second = client.search_runs([experiment], max_results=1, page_token=first.token)
answer({"errors": errors, "deleted": deleted, "gone": gone, "info": [info.status, info.run_name, info.end_time, info.lifecycle_stage],
        "history": len(client.get_metric_history(run, "m")), "pages": {first[0].info.run_id, second[0].info.run_id} == {run, other},
        "experiment": [client.get_experiment_by_name("b").tags, client.get_experiment_by_name("none")]})`,
      place,
    );
    expect(seen).toEqual({
      errors: [
        "RESOURCE_DOES_NOT_EXIST",
        "INVALID_PARAMETER_VALUE",
        "RESOURCE_ALREADY_EXISTS",
        "RESOURCE_DOES_NOT_EXIST",
        "INVALID_PARAMETER_VALUE",
        "RESOURCE_DOES_NOT_EXIST",
        "INVALID_PARAMETER_VALUE",
      ],
      deleted: [true],
      gone: ["b"],
      info: ["KILLED", "renamed", 5, "active"],
      history: 1000,
      pages: true,
      experiment: [{ team: "x", k: "v" }, null],
    });
  },
);

mlflowTest(
  "models: one is logged with its run, found, loaded by every kind of address, and registered",
  { timeout: patience },
  async () => {
    const place = await startPlace();
    const seen = await askPython(
      `
import pandas as pd, mlflow.pyfunc
class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["x"] * 2
mlflow.set_experiment("models")
def predict(uri):
    return mlflow.pyfunc.load_model(uri).predict(pd.DataFrame({"x": [1, 2]})).tolist()
with mlflow.start_run() as run:
    logged = mlflow.pyfunc.log_model(name="model", python_model=Doubler(), registered_model_name="doubler", params={"factor": 2})
    mlflow.log_metric("acc", 0.9, step=1, model_id=logged.model_id)
run_id = run.info.run_id
client.set_registered_model_alias("doubler", "champion", "1")
client.transition_model_version_stage("doubler", "1", "Production")
uris = [logged.model_uri, f"runs:/{run_id}/model", "models:/doubler/1", "models:/doubler@champion", "models:/doubler/Production", "models:/doubler/latest"]
model = mlflow.get_logged_model(logged.model_id)
mlflow.set_logged_model_tags(logged.model_id, {"k": "v"})
second = mlflow.register_model(f"runs:/{run_id}/model", "second", tags={"a": "b"})
client.update_registered_model("second", "said")
client.update_model_version("second", "1", "said too")
client.set_model_version_tag("second", "1", "k", "v")
copied = client.copy_model_version("models:/doubler@champion", "copied")
answer({
    "predictions": [predict(uri) for uri in uris],
    "model": [model.name, str(model.status), model.source_run_id == run_id, model.params, [[m.key, m.value, m.step] for m in model.metrics]],
    "search": [m.model_id == logged.model_id for m in mlflow.search_logged_models(experiment_ids=[run.info.experiment_id], filter_string="metrics.acc > 0.5 and tags.k = 'v' and name = 'model'", output_format="list")],
    "outputs": [o.model_id == logged.model_id for o in client.get_run(run_id).outputs.model_outputs],
    "files": sorted(f.path for f in client.list_logged_model_artifacts(logged.model_id))[:2],
    "below the run": [f.path for f in client.list_artifacts(run_id, "model")][:2],
    "registered": sorted(m.name for m in client.search_registered_models()),
    "some": [m.name for m in client.search_registered_models("name LIKE 'd%'")],
    "versions": [[v.name, v.version, v.aliases, v.current_stage, v.run_id == run_id] for v in client.search_model_versions("name = 'doubler'")],
    "second": [client.get_registered_model("second").description, client.get_model_version("second", "1").description, client.get_model_version("second", "1").tags],
    "alias": client.get_model_version_by_alias("doubler", "champion").version,
    "copied": [copied.name, copied.version, predict("models:/copied/1")],
})`,
      place,
    );
    expect(seen).toEqual({
      predictions: Array.from({ length: 6 }, () => [2, 4]),
      model: ["model", "READY", true, { factor: "2" }, [["acc", 0.9, 1]]],
      search: [true],
      outputs: [true],
      files: ["MLmodel", "conda.yaml"],
      "below the run": ["model/MLmodel", "model/conda.yaml"],
      registered: ["copied", "doubler", "second"],
      some: ["doubler"],
      // Aliases are not in what a search finds.
      versions: [["doubler", "1", [], "Production", true]],
      second: ["said", "said too", { a: "b", k: "v" }],
      alias: "1",
      copied: ["copied", "1", [2, 4]],
    });
  },
);

mlflowTest(
  "artifacts: the command `mlflow artifacts` sends, lists and fetches them, with a token where one is asked for",
  { timeout: patience },
  async () => {
    const folder = await temporaryFolder();
    const { chmod, mkdir, writeFile } = await import("node:fs/promises");
    const token = "0123456789abcdef0123";
    await writeFile(join(folder, "tokens"), token);
    await chmod(join(folder, "tokens"), 0o600);
    const server = await serverOfTest(join(folder, "server"), {}, ["--token-file", "../tokens"]);
    const made = await fetch(`${server.uri}/api/2.0/mlflow/runs/create`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{}",
    });
    const { run } = (await made.json()) as { run: { info: { run_id: string } } };
    const runId = run.info.run_id;
    const mlflow = (
      words: readonly string[],
      more: Readonly<Record<string, string>>,
    ): Promise<string> =>
      runMlflow(["artifacts", ...words, "--run-id", runId], folder, {
        MLFLOW_TRACKING_URI: server.uri,
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1",
        ...more,
      });
    await mkdir(join(folder, "model", "deep"), { recursive: true });
    await writeFile(join(folder, "model", "deep", "a b é.txt"), "deep");
    await writeFile(join(folder, "model", "empty"), "");
    const bearer = { MLFLOW_TRACKING_TOKEN: token };
    const basic = { MLFLOW_TRACKING_USERNAME: "anybody", MLFLOW_TRACKING_PASSWORD: token };
    await mlflow(["log-artifacts", "--local-dir", "model", "--artifact-path", "m"], bearer);
    const [listed] = await Promise.all([
      mlflow(["list", "--artifact-path", "m"], basic),
      mlflow(["download", "--artifact-path", "m", "--dst-path", "got"], basic),
    ]);
    expect(JSON.parse(listed)).toEqual([
      { path: "m/deep", is_dir: true },
      // Python leaves a size of 0 out.
      { path: "m/empty", is_dir: false },
    ]);
    expect(
      await readFile(join(folder, "got/m/deep/a b é.txt"), "utf8").catch(() => "renamed"),
    ).toBe("deep");
    expect(await readFile(join(folder, "got/m/empty"), "utf8")).toBe("");
    await expect(mlflow(["list"], { MLFLOW_TRACKING_TOKEN: `${token}x` })).rejects.toThrow(
      /UNAUTHENTICATED|401/,
    );
  },
);
