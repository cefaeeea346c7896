"""Makes the folder store beside this file with the real MLflow (made with 3.17.2):
rm -r store; MLFLOW_ALLOW_FILE_STORE=true python make.py
Times and ids differ from one making to the next; spec/file-store.spec.ts takes them from the files."""

import os, sys

here = os.path.dirname(os.path.abspath(__file__))
store = os.path.join(here, "store")
os.environ["MLFLOW_TRACKING_URI"] = "file://" + store

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag

client = MlflowClient()

iris = client.create_experiment("iris: trees & more", tags={"team": "flora", "nested/tag": "zwei\nZeilen"})
run = client.create_run(iris, start_time=1_700_000_000_000, run_name="first", tags={"mlflow.user": "ada"}).info.run_id
client.log_batch(
    run,
    metrics=[Metric("loss", value, 1_700_000_000_000 + at, at) for at, value in enumerate([0.5, 1e-05, float("nan"), float("inf"), float("-inf"), 5e-324])]
    + [Metric("train/accuracy", 0.1 + 0.2, 1_700_000_000_500, -3)],
    params=[Param("cp", "0.01"), Param("tree/depth", "ünïcode 🌳"), Param("empty", ""), Param("lines", "a\nb\n")],
    tags=[RunTag("mlflow.note.content", "# Note\n"), RunTag("a/b/c", "deep")],
)
dataset = Dataset(name="iris.csv", digest="ab12cd34", source_type="local", source='{"uri": "iris.csv"}', schema='{"a": 1}', profile='{"rows": 150}')
client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
client.log_text(run, "hello\n", "notes/hello.txt")
client.log_text(run, "", "empty.txt")
client.log_metric(run, "auc", 0.9, timestamp=1_700_000_000_900, step=7, dataset_name="iris.csv", dataset_digest="ab12cd34")
with open(os.path.join(store, iris, run, "metrics", "old"), "w") as file:
    file.write("1700000000000 1\n1700000000001 2\n")  # before MLflow 1.0 there was no step
client.set_terminated(run, "FINISHED", 1_700_000_060_000)

child = client.create_run(iris, start_time=1_700_000_001_000, run_name="child", tags={"mlflow.parentRunId": run}).info.run_id
model = client.create_logged_model(iris, name="tree", source_run_id=child, tags={"kind": "rpart"}, params={"depth": "3"}, model_type="tree")
client.log_outputs(child, [LoggedModelOutput(model.model_id, 2)])
client.log_inputs(child, models=[LoggedModelInput(model.model_id)])
client.log_metric(child, "score", 0.75, timestamp=1_700_000_002_000, step=1, model_id=model.model_id, dataset_name="iris.csv", dataset_digest="ab12cd34")
folder = os.path.join(store, iris, "models", model.model_id, "artifacts")
os.makedirs(folder)
with open(os.path.join(folder, "MLmodel"), "w") as file:
    file.write(f"model_id: {model.model_id}\n")
client.finalize_logged_model(model.model_id, "READY")
client.set_terminated(child, "FAILED", 1_700_000_003_000)

killed = client.create_run(iris, start_time=1_700_000_004_000, run_name="deleted run").info.run_id
client.set_terminated(killed, "KILLED", 1_700_000_005_000)
client.delete_run(killed)
client.create_run(iris, start_time=1_700_000_006_000, run_name="still running")

gone = client.create_experiment("gone")
client.log_param(client.create_run(gone, start_time=1_700_000_007_000, run_name="in the bin").info.run_id, "p", "1")
client.delete_experiment(gone)

client.create_registered_model("Tree", tags={"stage/x": "y"}, description="all trees")
for description in ["first", "second", "third"]:
    client.create_model_version("Tree", f"models:/{model.model_id}", run_id=child, tags={"nr": description}, description=description, model_id=model.model_id)
client.delete_model_version("Tree", "2")
client.set_registered_model_alias("Tree", "champion", "3")
client.transition_model_version_stage("Tree", "1", "Production")
