/** The embedded store and the real MLflow on one file, in turn and at once. */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { Tracking } from "../src/tracking/tracking.ts";
import { askPython, mlflowFolder, runMlflow, startMlflow } from "./support/mlflow.ts";
import { failureOf, openIn, readBack, startRun, temporaryFolder } from "./support/store.ts";

const uri = "sqlite:///mlflow.db";
/** MLflow takes seconds to start, more on a busy machine. */
const slow = { timeout: 240_000 };

const readEverything = `
def value(number):
    return number if number == number else "NaN"
def read(run):
    id = run.info.run_id
    return {
        "name": run.info.run_name, "status": run.info.status, "user": run.info.user_id,
        "start": run.info.start_time, "end": run.info.end_time,
        "params": run.data.params, "tags": run.data.tags,
        "metrics": {key: value(number) for key, number in run.data.metrics.items()},
        "history": {key: [[value(m.value), m.timestamp, m.step] for m in client.get_metric_history(id, key)] for key in run.data.metrics},
        "artifacts": sorted(walk(id, None)),
    }
def walk(id, path):
    for file in client.list_artifacts(id, path):
        if file.is_dir:
            yield from walk(id, file.path)
        else:
            with open(mlflow.artifacts.download_artifacts(run_id=id, artifact_path=file.path)) as text:
                yield [file.path, file.file_size, text.read()]
answer([{
    "name": e.name, "id": e.experiment_id, "tags": e.tags, "location": e.artifact_location,
    "runs": [read(run) for run in client.search_runs([e.experiment_id])],
} for e in client.search_experiments(order_by=["experiment_id"])])
`;

/** One run with something of everything. */
async function logEverything(
  tracking: Tracking,
  folder: string,
  experiment: string,
): Promise<string> {
  const { experiment_id } = await tracking.call("experiments/create", {
    name: experiment,
    tags: [{ key: "omschrijving", value: "bloemen 🌷" }],
  });
  const runId = await startRun(tracking, experiment_id, { run_name: "boom", user_id: "ada" });
  await tracking.call("runs/log-batch", {
    run_id: runId,
    params: [
      { key: "cp", value: "0.05" },
      { key: "leeg", value: "" },
    ],
    tags: [{ key: "mlflow.note.content", value: "# kop\n'één' \"twee\"" }],
    metrics: [
      { key: "loss", value: 0.1, timestamp: 30, step: 2 },
      { key: "loss", value: 0.3, timestamp: 10, step: -1 },
      { key: "loss", value: 0.2, timestamp: 20, step: 1 },
      { key: "loss", value: 0.2, timestamp: 20, step: 1 },
      { key: "raar", value: Number.NaN, timestamp: 1, step: 0 },
      { key: "hoog", value: Number.POSITIVE_INFINITY, timestamp: 1, step: 0 },
      { key: "laag", value: Number.NEGATIVE_INFINITY, timestamp: 1, step: 0 },
      { key: "precies", value: 0.1 + 0.2, timestamp: 1, step: 0 },
    ],
  });
  const file = join(folder, "plot.txt");
  await writeFile(file, "een plaatje");
  await tracking.upload(runId, file, "plots/mooi/plot.txt");
  await tracking.call("runs/update", {
    run_id: runId,
    status: "FINISHED",
    end_time: 1_700_000_001_000,
  });
  return runId;
}

const everything = {
  name: "boom",
  status: "FINISHED",
  user: "ada",
  start: 1_700_000_000_000,
  end: 1_700_000_001_000,
  params: { cp: "0.05", leeg: "" },
  tags: { "mlflow.note.content": "# kop\n'één' \"twee\"", "mlflow.runName": "boom" },
  metrics: {
    loss: 0.1,
    raar: "NaN",
    hoog: Number.MAX_VALUE,
    laag: -Number.MAX_VALUE,
    precies: 0.1 + 0.2,
  },
  history: {
    loss: [
      [0.3, 10, -1],
      [0.2, 20, 1],
      [0.1, 30, 2],
    ],
    raar: [["NaN", 1, 0]],
    hoog: [[Number.MAX_VALUE, 1, 0]],
    laag: [[-Number.MAX_VALUE, 1, 0]],
    precies: [[0.1 + 0.2, 1, 0]],
  },
  artifacts: [["plots/mooi/plot.txt", 11, "een plaatje"]],
};

function query(file: string, text: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(text).all();
  } finally {
    database.close();
  }
}

/** Names and columns of all tables and indexes of MLflow's, white space and order aside: alembic shuffles constraints. */
function schemaOf(file: string): readonly string[] {
  return query(
    file,
    "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'mlpipe%'",
  )
    .map(({ name, sql }) => {
      const parts = String(sql)
        .replace(/[\s"]+/g, " ")
        .replace(/ \)$/, "")
        .split(/, | \( /);
      return `${String(name)}: ${parts.toSorted().join("; ")}`;
    })
    .toSorted();
}

interface Logged {
  readonly name: string;
  readonly model: string;
  readonly run: string;
}

/** A run with a data set and a logged model, of which one of two versions of a registered model is made. */
async function logModels(tracking: Tracking, name: string): Promise<Logged> {
  const run_id = await startRun(tracking, "0");
  const { model } = await tracking.call("logged-models/create", {
    experiment_id: "0",
    name,
    source_run_id: run_id,
    params: [{ key: "p", value: "1" }],
    tags: [{ key: "t", value: "x" }],
  });
  const { model_id } = model.info;
  const source = { name: "iris", digest: "ab", source_type: "local", source: "{}" };
  const tags = [{ key: "mlflow.data.context", value: "train" }];
  await tracking.call("runs/log-inputs", { run_id, datasets: [{ tags, dataset: source }] });
  await tracking.call("runs/outputs", { run_id, models: [{ model_id, step: 3 }] });
  await tracking.call("runs/log-metric", {
    run_id,
    key: "acc",
    value: 0.5,
    timestamp: 1,
    step: 2,
    model_id,
  });
  await tracking.call("logged-models/finalize", { model_id, status: "LOGGED_MODEL_READY" });
  await tracking.call("registered-models/create", { name });
  await tracking.call("model-versions/create", { name, source: "s3://bucket/model" });
  await tracking.call("model-versions/create", {
    name,
    source: `models:/${model_id}`,
    model_id,
    tags: [{ key: "k", value: "v" }],
  });
  await tracking.call("registered-models/set-tag", { name, key: "k", value: "v" });
  await tracking.call("registered-models/set-alias", { name, alias: "best", version: "2" });
  await tracking.call("model-versions/transition-stage", {
    name,
    version: "2",
    stage: "Production",
    archive_existing_versions: false,
  });
  return { name, model: model_id, run: run_id };
}

describe.skipIf(mlflowFolder === undefined)(
  "one file, written by mlpipe and by MLflow",
  slow,
  () => {
    test("MLflow migrates a store of mlpipe by itself and reads all of it; mlpipe then goes on writing, and MLflow reads that", async () => {
      const folder = await temporaryFolder();
      const tracking = await openIn(folder);
      await logEverything(tracking, folder, "vooraf");
      const before = await askPython<unknown[]>(readEverything, { trackingUri: uri, folder });
      expect(before).toEqual([
        { name: "Default", id: "0", tags: {}, location: join(folder, "mlruns/0"), runs: [] },
        {
          name: "vooraf",
          id: "1",
          tags: { omschrijving: "bloemen 🌷" },
          location: join(folder, "mlruns/1"),
          runs: [everything],
        },
      ]);
      await logEverything(tracking, folder, "daarna");
      await tracking.close();
      const reopened = await openIn(folder);
      await logEverything(reopened, folder, "later");
      const after = await askPython<{ name: string; runs: unknown[] }[]>(readEverything, {
        trackingUri: uri,
        folder,
      });
      expect(after.map(({ name, runs }) => [name, runs])).toEqual([
        ["Default", []],
        ["vooraf", [everything]],
        ["daarna", [everything]],
        ["later", [everything]],
      ]);
      expect(query(join(folder, "mlflow.db"), "PRAGMA foreign_key_check")).toEqual([]);
      expect(query(join(folder, "mlflow.db"), "PRAGMA integrity_check")).toEqual([
        { integrity_check: "ok" },
      ]);
    });

    test("a migrated store of mlpipe has the tables and indexes of one that MLflow made", async () => {
      const folder = await temporaryFolder();
      await (await openIn(folder)).close();
      await askPython(
        `
for file in ("mlflow.db", "fresh.db"):
    MlflowClient("sqlite:///" + file).search_experiments()
answer(None)`,
        { trackingUri: uri, folder },
      );
      const ownIndexes = "SELECT name FROM sqlite_master WHERE name LIKE 'mlpipe%' ORDER BY name";
      expect(query(join(folder, "mlflow.db"), ownIndexes)).toEqual([
        { name: "mlpipe_latest_metrics_by_value" },
        { name: "mlpipe_params_by_value" },
        { name: "mlpipe_runs_by_start" },
        { name: "mlpipe_tags_by_value" },
      ]);
      const ours = schemaOf(join(folder, "mlflow.db"));
      expect(ours.length).toBeGreaterThan(30);
      expect(ours).toEqual(schemaOf(join(folder, "fresh.db")));
    });

    test("logged models, data sets and registered models of mlpipe are MLflow's too, before it migrates the file and after", async () => {
      const folder = await temporaryFolder();
      const tracking = await openIn(folder);
      const before = await logModels(tracking, "vooraf");
      const read = `
answer([{
    "model": [m.name, str(m.status), m.params, m.tags.get("t"), [[x.key, x.value, x.step] for x in m.metrics]],
    "found": [x.model_id == m.model_id for x in client.search_logged_models(["0"], filter_string="name = '%s'" % g["name"])],
    "inputs": [[i.dataset.name, i.tags[0].value] for i in r.inputs.dataset_inputs],
    "outputs": [[o.model_id == m.model_id, o.step] for o in r.outputs.model_outputs],
    "version": [v.version, v.source, v.run_id == r.info.run_id, v.tags, v.aliases, v.current_stage],
    "registered": [x.name for x in client.search_registered_models("name = '%s'" % g["name"])],
    "uri": client.get_model_version_download_uri(g["name"], "1"),
} for g in given for m, r, v in [(
    client.get_logged_model(g["model"]), client.get_run(g["run"]), client.get_model_version_by_alias(g["name"], "best"))]])`;
      const expected = (given: Logged): unknown => ({
        model: [given.name, "READY", { p: "1" }, "x", [["acc", 0.5, 2]]],
        found: [true],
        inputs: [["iris", "train"]],
        outputs: [[true, 3]],
        version: [2, `models:/${given.model}`, true, { k: "v" }, ["best"], "Production"],
        registered: [given.name],
        uri: "s3://bucket/model",
      });
      const options = { trackingUri: uri, folder };
      expect(await askPython(read, { ...options, given: [before] })).toEqual([expected(before)]);
      const after = await logModels(tracking, "daarna");
      expect(await askPython(read, { ...options, given: [before, after] })).toEqual(
        [before, after].map(expected),
      );
      expect(query(join(folder, "mlflow.db"), "PRAGMA foreign_key_check")).toEqual([]);
      await tracking.call("registered-models/rename", { name: "vooraf", new_name: "omgedoopt" });
      await tracking.call("registered-models/delete", { name: "daarna" });
      const names = await askPython(
        "answer([[m.name, [v.version for v in m.latest_versions]] for m in client.search_registered_models()])",
        options,
      );
      expect(names).toEqual([["omgedoopt", [1, 2]]]);
    });

    test("a store of the first revision that mlpipe brought up to date is one that MLflow migrates", async () => {
      const folder = await temporaryFolder();
      const database = new DatabaseSync(join(folder, "mlflow.db"), {
        enableForeignKeyConstraints: false,
      });
      database.exec(await readFile(join(import.meta.dirname, "stores/5b0e9adcef9c.sql"), "utf8"));
      database.close();
      await (await openIn(folder)).close();
      const names = await askPython(
        "answer([[r.info.run_name, r.data.params['cp'], r.inputs.dataset_inputs[0].dataset.name] for r in client.search_runs(['1'])])",
        { trackingUri: uri, folder },
      );
      expect(names).toEqual([["boom", "0.05", "iris"]]);
      await (await openIn(folder)).close();
    });

    test("mlpipe writes into a store that MLflow made, and MLflow and its server read it", async () => {
      const folder = await temporaryFolder();
      const pythonRun = await askPython<string>(
        `
mlflow.set_experiment("van python")
with mlflow.start_run(run_name="slang") as run:
    mlflow.log_param("p", 1)
    mlflow.log_metric("m", 2.5, step=3)
answer(run.info.run_id)`,
        { trackingUri: uri, folder },
      );
      const tracking = await openIn(folder);
      const run = await readBack(tracking, pythonRun);
      expect(run.info.run_name).toBe("slang");
      expect(run.data.params).toEqual([{ key: "p", value: "1" }]);
      expect(run.data.metrics).toMatchObject([{ key: "m", value: 2.5, step: 3 }]);
      await logEverything(tracking, folder, "van mlpipe");
      const all = await askPython<{ name: string; runs: unknown[] }[]>(readEverything, {
        trackingUri: uri,
        folder,
      });
      expect(all.find(({ name }) => name === "van mlpipe")?.runs).toEqual([everything]);

      const server = await startMlflow(folder, ["--backend-store-uri", uri]);
      try {
        const answered = await fetch(`${server.uri}/api/2.0/mlflow/runs/search`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ experiment_ids: ["2"], filter: "metrics.loss < 0.15" }),
        });
        const { runs } = (await answered.json()) as {
          runs: { info: { run_name: string; run_id: string } }[];
        };
        expect(runs.map(({ info }) => info.run_name)).toEqual(["boom"]);
        const artifacts = await fetch(
          `${server.uri}/ajax-api/2.0/mlflow/artifacts/list?run_id=${runs[0]?.info.run_id}&path=plots/mooi`,
        );
        expect(await artifacts.json()).toMatchObject({
          files: [{ path: "plots/mooi/plot.txt", is_dir: false, file_size: 11 }],
        });
      } finally {
        await server.stop();
      }
    });

    test("artifacts of an experiment that a server made land where that server serves them", async () => {
      const folder = await temporaryFolder();
      const server = await startMlflow(folder);
      try {
        const tracking = await openIn(folder);
        const runId = await startRun(tracking, "0");
        const file = join(folder, "a.txt");
        await writeFile(file, "hallo");
        await tracking.upload(runId, file, "map/a.txt");
        expect((await readBack(tracking, runId)).info.artifact_uri).toBe(
          `mlflow-artifacts:/0/${runId}/artifacts`,
        );
        const answered = await fetch(`${server.uri}/get-artifact?run_uuid=${runId}&path=map/a.txt`);
        expect(await answered.text()).toBe("hallo");
      } finally {
        await server.stop();
      }
    });

    test("nothing is lost or refused while MLflow migrates the file under an open store", async () => {
      const folder = await temporaryFolder();
      const tracking = await openIn(folder);
      const runId = await startRun(tracking, "0");
      let migrated = false;
      const migration = askPython("answer(len(client.search_runs(['0'])))", {
        trackingUri: uri,
        folder,
      }).finally(() => (migrated = true));
      let count = 0;
      while (!migrated) {
        await tracking.call("runs/log-batch", {
          run_id: runId,
          metrics: [{ key: "m", value: count, timestamp: count, step: count }],
          tags: [{ key: `tag ${count % 50}`, value: String(count) }],
        });
        count += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await migration;
      const history = await askPython<number[]>(
        "answer([m.value for m in client.get_metric_history(given, 'm')])",
        { trackingUri: uri, folder, given: runId },
      );
      expect(history).toEqual(Array.from({ length: count }, (_, at) => at));
      expect(count).toBeGreaterThan(50);
    });

    test("a folder whose name needs escaping keeps its artifacts where MLflow finds them", async () => {
      const folder = join(await temporaryFolder(), "een map %41 é");
      await mkdir(folder);
      const tracking = await openIn(folder);
      await logEverything(tracking, folder, "x");
      const all = await askPython<{ runs: unknown[] }[]>(readEverything, {
        trackingUri: uri,
        folder,
      });
      expect(all[1]?.runs).toEqual([everything]);
    });

    test("MLflow's garbage collector and deletions are respected", async () => {
      const folder = await temporaryFolder();
      const tracking = await openIn(folder);
      const runId = await startRun(tracking, "0");
      await askPython("client.delete_run(given); answer(None)", {
        trackingUri: uri,
        folder,
        given: runId,
      });
      expect(
        await failureOf(tracking.call("runs/set-tag", { run_id: runId, key: "a", value: "b" })),
      ).toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
        message: `the run ${runId} is deleted`,
      });
      expect(await tracking.call("runs/search", { experiment_ids: ["0"] })).toEqual({});
      await runMlflow(["gc", "--backend-store-uri", uri, "--run-ids", runId], folder, {
        MLFLOW_TRACKING_URI: uri,
      });
      expect(await failureOf(tracking.call("runs/get", { run_id: runId }))).toMatchObject({
        code: "RESOURCE_DOES_NOT_EXIST",
      });
    });
  },
);

test("a store of mlpipe that was copied while nobody wrote it is whole", async () => {
  const folder = await temporaryFolder();
  const tracking = await openIn(folder);
  const runId = await startRun(tracking, "0");
  await tracking.close();
  await copyFile(join(folder, "mlflow.db"), join(folder, "copy.db"));
  expect((await readFile(join(folder, "copy.db"))).subarray(0, 15).toString()).toBe(
    "SQLite format 3",
  );
  const copy = await openIn(folder, "sqlite:///copy.db");
  expect((await readBack(copy, runId)).info.run_id).toBe(runId);
});
