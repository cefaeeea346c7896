/** mlpipe's own {mlflow} logs to servers: the workshop's listings, experiments, runs and values, as Python reads them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { mlflowFolder } from "./support/mlflow.ts";
import { root, runProgram } from "./support/mlpipe.ts";
import { describeServers } from "./support/r-servers.ts";
import { testFolder } from "./support/r-step.ts";
import { commandEnvironment } from "./support/stand-ins.ts";

const listing = (name: string): string =>
  readFileSync(path.join(root, "spec", "workshop", name), "utf8");

const modelFiles = {
  "model/MLmodel": expect.any(Number) as number,
  "model/crate.bin": expect.any(Number) as number,
};

describeServers((server) => {
  describe("the workshop", () => {
    test("every listing on tracking runs, and Python reads what they have logged", async () => {
      const ended = await server.run(listing("tracking.R"));
      expect(ended.code).toBe(0);
      expect(ended.stderr.trimEnd()).toBe(
        "Error : run_id must be specified when there is no active run.",
      );
      expect(ended.stdout.match(/Predictie: 3\.0847/g)).toHaveLength(2);
      expect(ended.stdout.match(/\[1\] "RUNNING"/g)).toHaveLength(2);
      const [first, second, ...more] = await server.runsOf("/Shared/ana");
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
      const explicit = await server.run(listing("explicit.R"));
      expect(explicit.stderr.trimEnd()).toBe(
        "Experiment `/Shared/jouw_naam` does not exist. Creating a new experiment.",
      );
      const context = await server.run(listing("context.R"));
      expect([explicit.code, context.code, context.stderr]).toEqual([0, 0, ""]);
      const [first, second] = await server.runsOf("/Shared/jouw_naam");
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
      const id = await server.python<string>(
        `
mlflow.set_experiment("demo")
for recall in (0.5, 0.75):
    with mlflow.start_run() as run:
        mlflow.log_metrics({"recall": recall, "precision": 1 - recall})
answer(run.info.experiment_id)`,
      );
      expect(await server.run(listing("compare.R"), { args: [id] })).toMatchObject({
        code: 0,
        stdout: "0.75 0.25\n0.5 0.5\n",
      });
    });

    test("a project runs by mlflow_run(), and its params arrive as numbers", async () => {
      const [id] = await server.lines('cat(mlflow_create_experiment("project"))');
      const folder = path.join(testFolder(), "project");
      mkdirSync(folder);
      for (const name of ["MLproject", "train.R"])
        writeFileSync(path.join(folder, name), listing(`project/${name}`));
      const bin = path.join(mlflowFolder ?? "", "bin");
      const env = {
        MLFLOW_BIN: path.join(bin, "mlflow"),
        PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      };
      expect((await server.run(listing("run.R"), { folder, args: [String(id)], env })).code).toBe(
        0,
      );
      const [run] = await server.runsOf("project");
      expect(run).toMatchObject({
        status: "FINISHED",
        params: { cp: "0.01", maxdepth: "20" },
        tags: { "mlflow.source.type": "PROJECT" },
        artifacts: modelFiles,
      });
      const trained = await server.lines(
        `runs <- mlflow_search_runs(experiment_ids = "${String(id)}")
       f <- mlflow_load_model(paste0("runs:/", runs$run_id, "/model"))
       cat(environment(f)$model$control$cp, environment(f)$model$control$maxdepth, as.character(f(iris[150, ])))`,
      );
      expect(trained).toEqual(["0.01 20 virginica"]);
    });
  });

  describe("values", () => {
    test("numbers keep every bit and have one text; texts keep every letter", async () => {
      const printed = await server.lines(
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
          ['é"\\ 漢', "😀 0.30000000000000004 100000"],
          ["TRUE NA NA", "NaN Infinity -Infinity 0.3333333333333333"],
          ["5", "100000 2023-11-14 22:13:20", "TRUE NaN -1.797693e+308"],
        ].flat(),
      );
      const [run] = await server.runsOf("values");
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
      await server.lines(
        `invisible(mlflow_set_experiment("batch"))
       mlflow_log_batch(
         metrics = data.frame(key = c("a", "a", "b"), value = c(1.5, NaN, -Inf), step = c(0, 1, 100000), timestamp = 1.7e12),
         params = data.frame(key = "p", value = 1e5), tags = data.frame(key = "t", value = "ü"))
       mlflow_log_batch(params = data.frame(key = "q", value = "y"))
       mlflow_log_batch()
       invisible(mlflow_end_run())`,
      );
      expect(await server.runsOf("batch")).toMatchObject([
        { params: { p: "100000", q: "y" }, metrics: { a: "nan" }, tags: { t: "ü" } },
      ]);
      const refused = await server.lines(
        `said <- function(code) cat(conditionMessage(tryCatch(code, error = identity)), "\\n")
       said(mlflow_log_batch(params = data.frame(key = "p")))
       said(mlflow_log_batch(metrics = data.frame(key = "p", value = NA_real_, step = 1, timestamp = 1)))
       said(mlflow_log_metric("m", NA))
       said(mlflow_log_metric("m", "1"))
       said(mlflow_log_param("p", 1:2))`,
      );
      expect(refused).toEqual([
        "params must be a data frame with the columns key, value",
        "metrics hold NA in the column value",
        "the metric `m` is NA; NaN can be logged",
        "the metric `m` must be one number",
        "the param `p` must be one value, not 2",
      ]);
    });
  });

  describe("experiments", () => {
    test("are created, found, renamed, tagged, deleted and restored", async () => {
      const printed = await server.lines(
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
       cat(nrow(mlflow_search_experiments("name = 'nowhere'")$experiments), "\\n")
       invisible(mlflow_set_experiment(experiment_id = id))
       cat(conditionMessage(tryCatch(mlflow_delete_experiment(id), error = identity)), "\\n")
       cat(conditionMessage(tryCatch(mlflow_get_experiment("999"), error = identity)), "\\n")
       cat(conditionMessage(tryCatch(mlflow_create_experiment("fruit/hiver"), error = identity)), "\\n")`,
      );
      expect(printed.slice(0, 7)).toEqual([
        "mlflow_experiment data.frame TRUE active summer",
        "fruit/hiver TRUE winter",
        "FALSE TRUE",
        "fruit/hiver TRUE",
        "0",
        "Cannot delete an active experiment.",
        expect.stringContaining(
          "the tracking server answered 404 to experiments/get: RESOURCE_DOES_NOT_EXIST; ",
        ),
      ]);
      expect(printed[7]).toContain(
        "the tracking server answered 400 to experiments/create: RESOURCE_ALREADY_EXISTS; ",
      );
    });

    test("the environment names the one of a run, its name before its id", async () => {
      const [id] = await server.lines(
        'cat(mlflow_create_experiment("by id"), "\\n"); invisible(mlflow_create_experiment("by name"))',
      );
      const code = "cat(mlflow_get_experiment(mlflow_start_run()$experiment_id)$name)";
      const env = { MLFLOW_EXPERIMENT_ID: String(id) };
      expect(await server.lines(code, { env })).toEqual(["by id"]);
      expect(
        await server.lines(code, { env: { ...env, MLFLOW_EXPERIMENT_NAME: "by name" } }),
      ).toEqual(["by name"]);
      expect(await server.lines(code)).toEqual(["Default"]);
    });
  });

  describe("runs", () => {
    test("nest, are searched, deleted and restored", async () => {
      const printed = await server.lines(
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
      expect(printed).toEqual([
        "TRUE",
        "TRUE TRUE",
        "KILLED",
        "TRUE",
        "mlflow_run data.frame 1 TRUE 2023-11-14 22:13:20 TRUE",
        "TRUE",
        "1 1 0",
        "active TRUE",
        "There is no active run to end.",
        expect.stringContaining(
          "the tracking server answered 404 to runs/get: RESOURCE_DOES_NOT_EXIST; ",
        ),
      ]);
    });

    test("a client makes runs beside the active one", async () => {
      const printed = await server.lines(
        `client <- mlflow_client("${server.uri()}/")
       run <- mlflow_start_run(client = client, experiment_id = "0", start_time = 1.7e12, tags = list(mlflow.user = "bob", x = 1))
       cat(run$user_id, format(run$start_time, tz = "UTC"), "\\n")
       mlflow_log_metric("q", 1, run_id = run$run_id, client = client)
       cat(mlflow_end_run(run_id = run$run_id, client = client)$status, "\\n")
       cat(conditionMessage(tryCatch(mlflow_get_run(), error = identity)), "\\n")
       cat(conditionMessage(tryCatch(mlflow_log_param("a", 1, client = client), error = identity)), "\\n")`,
      );
      expect(printed).toEqual([
        "bob 2023-11-14 22:13:20",
        "FINISHED",
        "run_id must be specified when there is no active run.",
        "`run_id` must be specified when `client` is specified.",
      ]);
    });

    test("an error in with() ends the run FAILED, is printed, and the script goes on", async () => {
      const ended = await server.run(
        'library(mlflow)\ninvisible(mlflow_set_experiment("failing"))\nout <- with(mlflow_start_run(), {\n  mlflow_log_param("a", 1)\n  stop("boo")\n})\ncat(is.null(out), conditionMessage(tryCatch(mlflow_get_run(), error = identity)))\n',
      );
      expect([ended.code, ended.stdout]).toEqual([
        0,
        "TRUE run_id must be specified when there is no active run.",
      ]);
      expect(ended.stderr).toContain("\nError: boo\n");
      expect(await server.runsOf("failing")).toMatchObject([
        { status: "FAILED", params: { a: "1" } },
      ]);
    });

    test("MLFLOW_RUN_ID names the run that everything goes to, and its params may be logged again", async () => {
      const [id] = await server.lines(
        `invisible(mlflow_set_experiment("given"))
       client <- mlflow_client()
       cat(mlflow_start_run(client = client)$run_id)`,
      );
      const printed = await server.lines(
        `mlflow_log_param("cp", 0.01); mlflow_log_param("depth", 3L); mlflow_log_param("other", "x")
       with(mlflow_start_run(nested = TRUE), mlflow_log_metric("m", 1))
       cat(mlflow_get_run()$status)`,
        { env: { MLFLOW_RUN_ID: String(id), MLPIPE_PARAMS: '{"cp":"1e-2","depth":"3"}' } },
      );
      expect(printed).toEqual(["FINISHED"]);
      expect(await server.runsOf("given")).toMatchObject([
        { params: { cp: "1e-2", depth: "3", other: "x" }, metrics: { m: "1.0" } },
      ]);
    });

    test("mlflow_source() ends the run by what became of the script", async () => {
      const env = commandEnvironment({ MLFLOW_TRACKING_URI: server.uri() });
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
      expect(await server.runsOf("sourced")).toMatchObject([
        { status: "FINISHED", params: { cp: "0.5" } },
        { status: "FAILED", params: { cp: "0.5" } },
      ]);
    });
  });
});
