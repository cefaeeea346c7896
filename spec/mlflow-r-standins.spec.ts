/** mlpipe's own {mlflow} against the real server: the workshop's listings, every function, and what Python reads afterwards. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, root, runProgram, type Folder } from "./support/mlpipe.ts";
import { type MlflowServer, askPython, mlflowFolder, startMlflow } from "./support/mlflow.ts";
import { noR, testFolder } from "./support/r-step.ts";
import { type Script, commandEnvironment, printedBy, runScript } from "./support/stand-ins.ts";

let served: Folder;
let server: MlflowServer;

beforeAll(async () => {
  if (mlflowFolder === undefined) return;
  served = temporaryFolder();
  server = await startMlflow(served.path);
});

afterAll(async () => {
  await server?.stop();
  served?.[Symbol.dispose]();
});

const listing = (name: string): string =>
  readFileSync(path.join(root, "spec", "workshop", name), "utf8");

const withServer = (script: Script = {}): Script => ({
  ...script,
  env: { MLFLOW_TRACKING_URI: server.uri, ...script.env },
});
const print = (code: string, script?: Script): Promise<string> =>
  printedBy(`library(mlflow)\n${code}`, withServer(script));
const lines = async (code: string, script?: Script): Promise<readonly string[]> =>
  (await print(code, script)).trimEnd().split("\n");

interface Read {
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  /** Values as Python prints them. */
  readonly metrics: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly artifacts: Readonly<Record<string, number>>;
}

/** What Python's client reads of the runs of an experiment, the oldest first. */
function readRuns(experiment: string): Promise<readonly Read[]> {
  return askPython<readonly Read[]>(
    `
def below(run, path=None):
    found = {}
    for file in client.list_artifacts(run.info.run_id, path):
        found.update(below(run, file.path) if file.is_dir else {file.path: file.file_size})
    return found
experiment = client.get_experiment_by_name(given)
runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
answer([{
    "status": run.info.status, "params": run.data.params,
    "metrics": {key: repr(value) for key, value in run.data.metrics.items()},
    "tags": {key: value for key, value in run.data.tags.items() if key not in ("mlflow.runName", "mlflow.log-model.history")},
    "artifacts": below(run),
} for run in runs])`,
    { trackingUri: server.uri, folder: served.path, given: experiment },
  );
}

const modelFiles = {
  "model/MLmodel": expect.any(Number) as number,
  "model/crate.bin": expect.any(Number) as number,
};

describe.skipIf(mlflowFolder === undefined || noR)("the workshop", () => {
  test("every listing on tracking runs, and Python reads what they have logged", async () => {
    const ended = await runScript(listing("tracking.R"), withServer());
    expect(ended.code).toBe(0);
    expect(ended.stderr.trimEnd()).toBe(
      "Error : run_id must be specified when there is no active run.",
    );
    expect(ended.stdout.match(/Predictie: 3\.0847/g)).toHaveLength(2);
    expect(ended.stdout.match(/\[1\] "RUNNING"/g)).toHaveLength(2);
    const [first, second, ...more] = await readRuns("/Shared/ana");
    expect(more).toEqual([]);
    expect(first).toMatchObject({ status: "FINISHED", params: {}, artifacts: {} });
    expect(second).toEqual({
      status: "RUNNING",
      params: { foo: "42" },
      metrics: { rmse: "2.63" },
      tags: {
        omschrijving: "baseline model",
        "mlflow.user": expect.any(String) as string,
        "mlflow.source.name": "script.R",
        "mlflow.source.type": "LOCAL",
      },
      artifacts: { "output.txt": 13, ...modelFiles },
    });
  });

  test("a run with an end and a run as a context come to the same", async () => {
    const explicit = await runScript(listing("explicit.R"), withServer());
    expect(explicit.stderr.trimEnd()).toBe(
      "Experiment `/Shared/jouw_naam` does not exist. Creating a new experiment.",
    );
    const context = await runScript(listing("context.R"), withServer());
    expect([explicit.code, context.code, context.stderr]).toEqual([0, 0, ""]);
    const [first, second] = await readRuns("/Shared/jouw_naam");
    expect(first).toMatchObject({
      status: "FINISHED",
      params: { column: "1" },
      metrics: { intercept: "3.418946836103818" },
      tags: { beschrijving: "baseline model" },
      artifacts: modelFiles,
    });
    expect({ ...first, artifacts: {} }).toEqual({ ...second, artifacts: {} });
  });

  test("the metrics of an experiment's runs are compared by its number", async () => {
    const id = await askPython<string>(
      `
mlflow.set_experiment("demo")
for recall in (0.5, 0.75):
    with mlflow.start_run() as run:
        mlflow.log_metrics({"recall": recall, "precision": 1 - recall})
answer(run.info.experiment_id)`,
      { trackingUri: server.uri, folder: served.path },
    );
    expect(await printedBy(listing("compare.R"), withServer({ args: [id] }))).toBe(
      "0.75 0.25\n0.5 0.5\n",
    );
  });

  test("a project runs by mlflow_run(), and its params arrive as numbers", async () => {
    const [id] = await lines('cat(mlflow_create_experiment("project"))');
    const folder = path.join(testFolder(), "project");
    mkdirSync(folder);
    for (const name of ["MLproject", "train.R"])
      writeFileSync(path.join(folder, name), listing(`project/${name}`));
    const bin = path.join(mlflowFolder ?? "", "bin");
    const env = {
      MLFLOW_BIN: path.join(bin, "mlflow"),
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    };
    await printedBy(listing("run.R"), withServer({ folder, args: [String(id)], env }));
    const [run] = await readRuns("project");
    expect(run).toMatchObject({
      status: "FINISHED",
      params: { cp: "0.01", maxdepth: "20" },
      tags: { "mlflow.source.type": "PROJECT" },
      artifacts: modelFiles,
    });
    const trained = await lines(
      `runs <- mlflow_search_runs(experiment_ids = "${String(id)}")
       f <- mlflow_load_model(paste0("runs:/", runs$run_id, "/model"))
       cat(environment(f)$model$control$cp, environment(f)$model$control$maxdepth, as.character(f(iris[150, ])))`,
    );
    expect(trained).toEqual(["0.01 20 virginica"]);
  });
});

describe.skipIf(mlflowFolder === undefined || noR)("values", () => {
  test("numbers keep every bit and have one text; texts keep every letter", async () => {
    const printed = await lines(
      `invisible(mlflow_set_experiment("values"))
       invisible(mlflow_start_run())
       cat(mlflow_log_param("text", "é\\"\\\\ 漢\\n\\U1F600"), mlflow_log_param("sum", 0.1 + 0.2), mlflow_log_param("big", 1e5), "\\n")
       cat(mlflow_log_param("yes", TRUE), mlflow_log_param("none", NA), mlflow_log_param("null", NULL), mlflow_log_param("empty", ""), "\\n")
       cat(mlflow_log_metric("nan", NaN), mlflow_log_metric("up", Inf), mlflow_log_metric("down", -Inf), mlflow_log_metric("third", 1/3), "\\n")
       mlflow_log_metric("whole", 7L); mlflow_log_metric("truth", TRUE); mlflow_log_metric("tiny", 5e-324)
       mlflow_log_metric("late", 1, timestamp = 1.7e12, step = 1e5)
       mlflow_set_tag("mlflow.note.content", "two\\nlines")
       mlflow_set_tag("gone", 1); mlflow_delete_tag("gone")
       cat(nrow(mlflow_get_run()$tags[[1]]), "\\n")
       late <- mlflow_get_metric_history("late")
       cat(format(late$step, scientific = FALSE), format(late$timestamp, tz = "UTC"), "\\n")
       last <- mlflow_end_run()$metrics[[1]]
       cat(last$value[last$key == "third"] == 1/3, last$value[last$key == "nan"], last$value[last$key == "down"], "\\n")`,
    );
    expect(printed).toEqual(
      [
        ['é"\\ 漢', "😀 0.30000000000000004 100000 "],
        ["TRUE NA NA  ", "NaN Infinity -Infinity 0.3333333333333333 "],
        ["5 ", "100000 2023-11-14 22:13:20 ", "TRUE NaN -1.797693e+308"],
      ].flat(),
    );
    const [run] = await readRuns("values");
    expect(run?.params).toEqual({
      text: 'é"\\ 漢\n😀',
      sum: "0.30000000000000004",
      big: "100000",
      yes: "TRUE",
      none: "NA",
      null: "NA",
      empty: "",
    });
    expect(run?.metrics).toEqual({
      nan: "nan",
      up: "1.7976931348623157e+308",
      down: "-1.7976931348623157e+308",
      third: "0.3333333333333333",
      whole: "7.0",
      truth: "1.0",
      tiny: "5e-324",
      late: "1.0",
    });
    expect(run?.tags["mlflow.note.content"]).toBe("two\nlines");
  });

  test("a batch is logged at once; what cannot be logged is told before", async () => {
    await print(
      `invisible(mlflow_set_experiment("batch"))
       mlflow_log_batch(
         metrics = data.frame(key = c("a", "a", "b"), value = c(1.5, NaN, -Inf), step = c(0, 1, 100000), timestamp = 1.7e12),
         params = data.frame(key = "p", value = 1e5), tags = data.frame(key = "t", value = "ü"))
       mlflow_log_batch(params = data.frame(key = "q", value = "y"))
       mlflow_log_batch()
       invisible(mlflow_end_run())`,
    );
    expect(await readRuns("batch")).toMatchObject([
      { params: { p: "100000", q: "y" }, metrics: { a: "nan" }, tags: { t: "ü" } },
    ]);
    const refused = await lines(
      `said <- function(code) cat(conditionMessage(tryCatch(code, error = identity)), "\\n")
       said(mlflow_log_batch(params = data.frame(key = "p")))
       said(mlflow_log_batch(metrics = data.frame(key = "p", value = NA_real_, step = 1, timestamp = 1)))
       said(mlflow_log_metric("m", NA))
       said(mlflow_log_metric("m", "1"))
       said(mlflow_log_param("p", 1:2))`,
    );
    expect(refused.map((line) => line.trimEnd())).toEqual([
      "params must be a data frame with the columns key, value",
      "metrics hold NA in the column value",
      "the metric `m` is NA; NaN can be logged",
      "the metric `m` must be one number",
      "the param `p` must be one value, not 2",
    ]);
  });
});

describe.skipIf(mlflowFolder === undefined || noR)("experiments", () => {
  test("are created, found, renamed, tagged, deleted and restored", async () => {
    const printed = await lines(
      `id <- mlflow_create_experiment("fruit/été", tags = list(season = "summer"))
       found <- mlflow_get_experiment(name = "fruit/été")
       cat(class(found), found$experiment_id == id, found$lifecycle_stage, found$tags[[1]]$value, "\\n")
       mlflow_rename_experiment("fruit/hiver", id)
       mlflow_set_experiment_tag("season", "winter", id)
       found <- mlflow_get_experiment(as.numeric(id))
       cat(found$name, mlflow_id(found) == id, found$tags[[1]]$value, "\\n")
       mlflow_delete_experiment(id)
       cat(id %in% mlflow_list_experiments()$experiment_id, id %in% mlflow_list_experiments("DELETED_ONLY")$experiment_id, "\\n")
       mlflow_restore_experiment(id)
       some <- mlflow_search_experiments("name LIKE 'fruit%'", order_by = "name DESC", max_results = 1)
       cat(some$experiments$name, is.null(some$next_page_token), "\\n")
       invisible(mlflow_set_experiment(experiment_id = id))
       cat(conditionMessage(tryCatch(mlflow_delete_experiment(id), error = identity)), "\\n")
       cat(conditionMessage(tryCatch(mlflow_get_experiment("999"), error = identity)), "\\n")
       cat(conditionMessage(tryCatch(mlflow_create_experiment("fruit/hiver"), error = identity)), "\\n")`,
    );
    expect(printed.map((line) => line.trimEnd()).slice(0, 6)).toEqual([
      "mlflow_experiment data.frame TRUE active summer",
      "fruit/hiver TRUE winter",
      "FALSE TRUE",
      "fruit/hiver TRUE",
      "Cannot delete an active experiment.",
      "the tracking server answered 404 to experiments/get: RESOURCE_DOES_NOT_EXIST; No Experiment with id=999 exists",
    ]);
    expect(printed[6]).toContain(
      "the tracking server answered 400 to experiments/create: RESOURCE_ALREADY_EXISTS; ",
    );
  });

  test("the environment names the one of a run, its name before its id", async () => {
    const [id] = await lines(
      'cat(mlflow_create_experiment("by id")); mlflow_create_experiment("by name")',
    );
    const code = "cat(mlflow_get_experiment(mlflow_start_run()$experiment_id)$name)";
    const env = { MLFLOW_EXPERIMENT_ID: String(id).replace(/\[1\].*$/, "") };
    expect(await print(code, { env })).toBe("by id");
    expect(await print(code, { env: { ...env, MLFLOW_EXPERIMENT_NAME: "by name" } })).toBe(
      "by name",
    );
    expect(await print(code)).toBe("Default");
  });
});

describe.skipIf(mlflowFolder === undefined || noR)("runs", () => {
  test("nest, are searched, deleted and restored", async () => {
    const printed = await lines(
      `invisible(mlflow_set_experiment("nested"))
       outer <- mlflow_start_run()
       cat(conditionMessage(tryCatch(mlflow_start_run(), error = identity)) == paste("Run with UUID", outer$run_id, "is already active."), "\\n")
       inner <- mlflow_start_run(nested = TRUE)
       mlflow_log_param("which", "inner")
       cat(mlflow_end_run()$run_id == inner$run_id, mlflow_get_run()$run_id == outer$run_id, "\\n")
       mlflow_log_metric("m", 2)
       cat(mlflow_end_run("KILLED", end_time = 1.7e12)$status, "\\n")
       cat(inner$tags[[1]]$value[inner$tags[[1]]$key == "mlflow.parentRunId"] == outer$run_id, "\\n")
       found <- mlflow_search_runs("metrics.m > 1")
       cat(class(found), nrow(found), found$run_id == outer$run_id, format(found$end_time, tz = "UTC"), is.na(found$params), "\\n")
       cat(mlflow_search_runs(order_by = list("metrics.m DESC"))$run_id[1] == outer$run_id, "\\n")
       mlflow_delete_run(inner$run_id)
       cat(nrow(mlflow_list_run_infos()), nrow(mlflow_list_run_infos("DELETED_ONLY")), nrow(mlflow_search_runs("params.none = 'x'")), "\\n")
       cat(mlflow_restore_run(inner$run_id)$lifecycle_stage, mlflow_id(inner) == inner$run_uuid, "\\n")
       cat(conditionMessage(tryCatch(mlflow_end_run(), error = identity)), "\\n")
       cat(conditionMessage(tryCatch(mlflow_get_run("nope"), error = identity)), "\\n")`,
    );
    expect(printed.map((line) => line.trimEnd())).toEqual([
      "TRUE",
      "TRUE TRUE",
      "KILLED",
      "TRUE",
      "mlflow_run data.frame 1 TRUE 2023-11-14 22:13:20 TRUE",
      "TRUE",
      "1 1 0",
      "active TRUE",
      "There is no active run to end.",
      "the tracking server answered 404 to runs/get: RESOURCE_DOES_NOT_EXIST; Run with id=nope not found",
    ]);
  });

  test("a client makes runs beside the active one", async () => {
    const printed = await lines(
      `client <- mlflow_client("${server.uri}/")
       run <- mlflow_start_run(client = client, experiment_id = "0", start_time = 1.7e12, tags = list(mlflow.user = "bob", x = 1))
       cat(run$user_id, format(run$start_time, tz = "UTC"), "\\n")
       mlflow_log_metric("q", 1, run_id = run$run_id, client = client)
       cat(mlflow_end_run(run_id = run$run_id, client = client)$status, "\\n")
       cat(conditionMessage(tryCatch(mlflow_get_run(), error = identity)), "\\n")
       cat(conditionMessage(tryCatch(mlflow_log_param("a", 1, client = client), error = identity)), "\\n")`,
    );
    expect(printed.map((line) => line.trimEnd())).toEqual([
      "bob 2023-11-14 22:13:20",
      "FINISHED",
      "run_id must be specified when there is no active run.",
      "`run_id` must be specified when `client` is specified.",
    ]);
  });

  test("an error in with() ends the run FAILED, is printed, and the script goes on", async () => {
    const ended = await runScript(
      'library(mlflow)\ninvisible(mlflow_set_experiment("failing"))\nout <- with(mlflow_start_run(), {\n  mlflow_log_param("a", 1)\n  stop("boo")\n})\ncat(is.null(out), conditionMessage(tryCatch(mlflow_get_run(), error = identity)))\n',
      withServer(),
    );
    expect([ended.code, ended.stdout]).toEqual([
      0,
      "TRUE run_id must be specified when there is no active run.",
    ]);
    expect(ended.stderr).toContain("\nError: boo\n");
    expect(await readRuns("failing")).toMatchObject([{ status: "FAILED", params: { a: "1" } }]);
  });

  test("MLFLOW_RUN_ID names the run that everything goes to, and its params may be logged again", async () => {
    const [id] = await lines(
      `invisible(mlflow_set_experiment("given"))
       client <- mlflow_client()
       cat(mlflow_start_run(client = client)$run_id)`,
    );
    const printed = await lines(
      `mlflow_log_param("cp", 0.01); mlflow_log_param("depth", 3L); mlflow_log_param("other", "x")
       with(mlflow_start_run(nested = TRUE), mlflow_log_metric("m", 1))
       cat(mlflow_get_run()$status)`,
      { env: { MLFLOW_RUN_ID: String(id), MLPIPE_PARAMS: '{"cp":"1e-2","depth":"3"}' } },
    );
    expect(printed).toEqual(["FINISHED"]);
    expect(await readRuns("given")).toMatchObject([
      { params: { cp: "1e-2", depth: "3", other: "x" }, metrics: { m: "1.0" } },
    ]);
  });

  test("mlflow_source() ends the run by what became of the script", async () => {
    const env = commandEnvironment({ MLFLOW_TRACKING_URI: server.uri });
    const folder = testFolder();
    const source = (script: string) => {
      writeFileSync(path.join(folder, "train.R"), script);
      const words = ["-e", "mlflow::mlflow_source('train.R')", "--args", "--cp=0.5"];
      return runProgram("Rscript", words, { cwd: folder, env });
    };
    const log = `library(mlflow)\ninvisible(mlflow_set_experiment("sourced"))\nmlflow_log_param("cp", mlflow_param("cp", 1))\n`;
    expect(await source(log)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("Creating") as string,
    });
    const failed = await source(`${log}stop("boo")\n`);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("boo");
    expect(await readRuns("sourced")).toMatchObject([
      { status: "FINISHED", params: { cp: "0.5" } },
      { status: "FAILED", params: { cp: "0.5" } },
    ]);
  });
});

describe.skipIf(mlflowFolder === undefined || noR)("artifacts", () => {
  test("folders go and come back byte by byte, whatever the names and sizes", async () => {
    const printed = await lines(
      `invisible(mlflow_set_experiment("artifacts"))
       dir.create("here/deep er/é", recursive = TRUE)
       set.seed(1)
       bytes <- as.raw(sample(0:255, 11e6, TRUE))
       writeBin(bytes, "here/big.bin"); invisible(writeBin(raw(), "here/empty")); writeLines("x", "here/deep er/é/100 & +.txt"); writeLines("h", "here/.hidden")
       mlflow_log_artifact("here", "to/it")
       mlflow_log_artifact("here/.hidden")
       top <- mlflow_list_artifacts()
       cat(top$path, top$is_dir, "\\n")
       got <- mlflow_download_artifacts("to/it")
       cat(sort(list.files(got, all.files = TRUE, recursive = TRUE)), sep = "|"); cat("\\n")
       cat(identical(readBin(file.path(got, "big.bin"), "raw", 2e7), bytes), file.size(file.path(got, "empty")), "\\n")
       cat(readLines(mlflow_download_artifacts("to/it/deep er/é/100 & +.txt")), "\\n")
       cat(nrow(mlflow_list_artifacts("nothing")), "\\n")
       cat(class(tryCatch(mlflow_download_artifacts("nothing"), error = identity))[1], "\\n")
       cat(conditionMessage(tryCatch(mlflow_log_artifact("missing"), error = identity)), "\\n")
       cat(class(tryCatch(mlflow_log_artifact("here/.hidden", "../out"), error = identity))[1], "\\n")
       invisible(mlflow_end_run())`,
    );
    expect(printed.map((line) => line.trimEnd())).toEqual([
      ".hidden to FALSE TRUE",
      ".hidden|big.bin|deep er/é/100 & +.txt|empty",
      "TRUE 0",
      "x",
      "0",
      "mlflow_refusal",
      "there is no file `missing` to log",
      "mlflow_refusal",
    ]);
    expect((await readRuns("artifacts"))[0]?.artifacts).toEqual({
      ".hidden": 2,
      "to/it/.hidden": 2,
      "to/it/big.bin": 11_000_000,
      "to/it/deep er/é/100 & +.txt": 2,
      "to/it/empty": 0,
    });
  });
});

describe.skipIf(mlflowFolder === undefined || noR)("models", () => {
  test("are loaded again in another session by run, version, stage and alias; Python reads their description", async () => {
    const [id] = await lines(
      `invisible(mlflow_set_experiment("models"))
       invisible(mlflow_start_run())
       fit <- lm(dist ~ speed, cars)
       mlflow_log_model(carrier::crate(function(x) stats::predict(fit, x), fit = fit), "fitted model")
       id <- mlflow_get_run()$run_id
       made <- mlflow_create_registered_model("cars", tags = list(a = "b"), description = "d")
       v1 <- mlflow_create_model_version("cars", paste0("runs:/", id, "/fitted model"), run_id = id, description = "one")
       v2 <- mlflow_create_model_version("cars", paste0(mlflow_get_run()$artifact_uri, "/fitted model"), run_id = id, tags = list(x = 1))
       moved <- mlflow_transition_model_version_stage("cars", v1$version, "Production")
       cat(id, made$name, v1$version, v2$version, moved$current_stage, "\\n")`,
    ).then((printed) => printed.map((line) => line.split(" ")[0] ?? ""));
    await askPython("client.set_registered_model_alias('cars', 'best', '1'); answer(1)", {
      trackingUri: server.uri,
      folder: served.path,
    });
    const printed = await lines(
      `uris <- c("runs:/${String(id)}/fitted model", "models:/cars/1", "models:/cars/2", "models:/cars/latest", "models:/cars/Production", "models:/cars@best")
       for (uri in uris) cat(mlflow_load_model(uri)(data.frame(speed = 10)), "")`,
    );
    expect(printed).toEqual([Array<string>(6).fill("21.74499").join(" ")]);
    const flavors = await askPython<object>(
      `
from mlflow.models import Model
found = Model.load(mlflow.artifacts.download_artifacts("runs:/" + given + "/fitted model"))
history = json.loads(client.get_run(given).data.tags["mlflow.log-model.history"])
answer([found.flavors["crate"], found.run_id == given, history[0]["artifact_path"]])`,
      { trackingUri: server.uri, folder: served.path, given: id },
    );
    expect(flavors).toEqual([{ version: "0.1.0", model: "crate.bin" }, true, "fitted model"]);
  });

  test("the registry is read and changed", async () => {
    const printed = await lines(
      `r <- function(...) cat(..., "\\n")
       invisible(mlflow_create_registered_model("regs"))
       invisible(mlflow_create_model_version("regs", "s3://bucket/m"))
       r(mlflow_update_registered_model("regs", "about")$description, mlflow_get_registered_model("regs")$name)
       r(mlflow_update_model_version("regs", 1, "about one")$description, mlflow_get_model_version("regs", "1")$status)
       mlflow_set_model_version_tag("regs", 1, "k", "v")
       mlflow_set_model_version_tag("regs", key = "s", value = "w", stage = "None")
       r(vapply(mlflow_get_model_version("regs", 1)$tags, function(tag) tag$value, ""))
       r(vapply(mlflow_get_latest_versions("regs"), function(version) version$version, ""))
       r(vapply(mlflow_search_registered_models("name LIKE 'reg%'", order_by = list("name DESC"))$registered_models, function(model) model$name, ""))
       r(mlflow_rename_registered_model("regs", "renamed")$name)
       r(conditionMessage(tryCatch(mlflow_load_model("models:/renamed/1"), error = identity)))
       mlflow_delete_model_version("renamed", 1)
       mlflow_delete_registered_model("renamed")
       r(conditionMessage(tryCatch(mlflow_get_registered_model("renamed"), error = identity)))`,
    );
    expect(printed.map((line) => line.trimEnd())).toEqual([
      "about regs",
      "about one READY",
      "v w",
      "1",
      "regs",
      "renamed",
      "there is no model at `s3://bucket/m`",
      "the tracking server answered 404 to registered-models/get: RESOURCE_DOES_NOT_EXIST; Registered Model with name=renamed not found",
    ]);
  });
});
