/** The workshop's listings, with their blanks filled in, performed by `mlpipe run`: a script each, and the project that they end with. */
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Attempt, attempt, oneRun } from "./support/attempt.ts";
import { readFacts } from "./support/facts.ts";
import { type Folder, mlpipe, root, runProgram, temporaryFolder } from "./support/mlpipe.ts";
import { git, perform, readRuns } from "./support/project.ts";
import { noR } from "./support/r-step.ts";

const workshop = path.join(root, "spec", "workshop");

/** A listing as the script of a run. */
function listing(folder: Folder, code: string, ...items: readonly string[]): Promise<Attempt> {
  folder.write("listing.R", `library(mlflow)\n${code}`);
  return attempt(folder, oneRun(...items, '  script "listing.R"'));
}

/** It ran to its end, and complained of nothing. */
function expectWell(tried: Attempt): void {
  expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringMatching(/error|warning/i)]);
  expect(tried.left).toEqual([]);
}

describe.skipIf(noR)("the workshop's chapter on tracking", () => {
  test("1.2 lists the experiments", async () => {
    using folder = temporaryFolder();
    const tried = await listing(folder, "mlflow_list_experiments()\n");
    expectWell(tried);
    expect(tried.stdout).toMatch(/experiment_id +name[^]*0 +Default/);
  });

  test("1.3 creates an experiment, and makes it the default by its name and by its number", async () => {
    using folder = temporaryFolder();
    const tried = await listing(
      folder,
      `
mlflow_create_experiment("/Shared/ana")
mlflow_set_experiment(experiment_name = "/Shared/ana")
mlflow_set_experiment(experiment_id = 1)
mlflow_get_experiment(experiment_id = 1)
`,
    );
    expectWell(tried);
    expect(tried.stdout).toMatch(/\[1\] "1"\n\[1\] "1"\n\[1\] "1"\n[^]*\/Shared\/ana/);
  });

  test("1.4 starts the run that is performed, and tells of it", async () => {
    using folder = temporaryFolder();
    const tried = await listing(
      folder,
      `
run <- mlflow_start_run()
run$run_id
run$start_time
run$status
run <- mlflow_get_run()
run$run_id
run$start_time
run$status
`,
    );
    expectWell(tried);
    const [run] = await readRuns(undefined, folder.path);
    const said = `\\[1\\] "${run?.id}"\\n\\[1\\] "[-0-9]+ [:0-9]+ \\w+"\\n\\[1\\] "RUNNING"\\n`;
    expect(tried.stdout).toMatch(new RegExp(`${said}${said}`));
    expect(tried.facts.map(({ status }) => status)).toEqual(["FINISHED"]);
  });

  test("1.5 ends it, after which no run is active", async () => {
    using folder = temporaryFolder();
    const tried = await listing(
      folder,
      `
mlflow_start_run()
run <- mlflow_end_run()
run$run_id
try(mlflow_get_run())
`,
    );
    expect(tried.code).toBe(0);
    expect(tried.stderr).toContain("run_id must be specified when there is no active run.");
    expect(tried.facts.map(({ status }) => status)).toEqual(["FINISHED"]);
  });

  test("1.6, 1.7 and 1.10 log a param, a metric and a tag, and start the run by that", async () => {
    using folder = temporaryFolder();
    const tried = await listing(
      folder,
      `
mlflow_log_param("foo", 42)
mlflow_log_metric("rmse", 2.63)
mlflow_set_tag("omschrijving", "baseline model")
`,
      "  metric rmse",
    );
    expectWell(tried);
    expect(tried.facts).toMatchObject([
      { params: { foo: "42" }, metrics: { rmse: 2.63 }, tags: { omschrijving: "baseline model" } },
    ]);
  });

  test("1.8 logs a file that is gone afterwards, which is the declared artifact all the same", async () => {
    using folder = temporaryFolder();
    const tried = await listing(
      folder,
      `
writeLines("Hello World!", "output.txt")
mlflow_log_artifact("output.txt")
file.remove("output.txt")
`,
      '  artifact hello: text at "output.txt"',
    );
    expectWell(tried);
    expect(tried.facts[0]?.artifacts).toContain("output.txt");
    expect(tried.stdout).toContain("\n  output.txt\n");
  });

  test("1.9 and 1.11 log a model, and load it again", async () => {
    using folder = temporaryFolder();
    const tried = await listing(
      folder,
      `
linear_model <- lm(Sepal.Width ~ Sepal.Length, iris)    
predictor <- carrier::crate(
  function(x) stats::predict(model, newdata = x),      
  model = linear_model     
)     
mlflow_log_model(predictor, "model")
rm(linear_model) # Verwijder het model
new_obs <- data.frame(Sepal.Length = 5.4)
cat("Predictie:", predictor(new_obs), "\\n")
rm(list=ls()) # Verwijder alle objecten
run_id <- mlflow_get_run()$run_id
predictor <- mlflow_load_model(paste0("runs:/", run_id, "/model"))
new_obs <- data.frame(Sepal.Length = 5.4)
cat("Predictie:", predictor(new_obs), "\\n")
`,
      "  model model",
    );
    expectWell(tried);
    expect(tried.stdout).toContain("Predictie: 3.084");
    expect(tried.stdout).toMatch(/(Predictie: [\d.]+) \n\1 \n/);
    expect(tried.facts[0]?.artifacts).toEqual(
      expect.arrayContaining(["model/MLmodel", "model/crate.bin"]),
    );
  });

  test.each(["explicit.R", "context.R"])("1.12 (%s) logs a whole run", async (name) => {
    using folder = temporaryFolder();
    const code = readFileSync(path.join(workshop, name), "utf8");
    const tried = await listing(folder, code, "  metric intercept", "  model model");
    expect([tried.code, tried.facts.length]).toEqual([0, 1]);
    expect(tried.facts[0]).toMatchObject({
      status: "FINISHED",
      params: { column: "1" },
      metrics: { intercept: expect.closeTo(3.41894683610382, 12) as number },
      tags: { beschrijving: "baseline model" },
    });
    expect(tried.facts[0]?.artifacts).toEqual(expect.arrayContaining(["model/MLmodel"]));
  });

  test("1.13 compares the runs of an experiment by its number", async () => {
    using folder = temporaryFolder();
    for (const recall of [0.5, 0.25])
      await listing(
        folder,
        `mlflow_log_metric("recall", ${recall}); mlflow_log_metric("precision", 1)\n`,
      );
    const tried = await listing(
      folder,
      `
runs <- mlflow_list_run_infos(experiment_id = 0)$run_id
res <- lapply(runs[-1], function(x) {
  run <- mlflow_get_run(x)
  run_id <- run$run_id
  key <- run$metrics[[1]]$key
  value <- run$metrics[[1]]$value
  data.frame(run_id = run_id, recall = value[key == "recall"], precision = value[key == "precision"])
})
res <- do.call(rbind, res)
cat("recall", res$recall, "precision", res$precision, "\\n")
`,
    );
    expectWell(tried);
    expect(tried.stdout).toContain("recall 0.25 0.5 precision 1 1");
  });
});

/** The workshop's project, with what starts R in it. */
function projectWith(command: string, files: Readonly<Record<string, string>> = {}): Folder {
  const folder = temporaryFolder();
  cpSync(path.join(workshop, "project"), folder.path, { recursive: true });
  const text = readFileSync(path.join(workshop, "project", "MLproject"), "utf8");
  folder.write("MLproject", text.replace(/command: .*/, `command: ${JSON.stringify(command)}`));
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  return folder;
}

const workshopCommand = "Rscript train.R -P cp={cp} maxdepth={maxdepth}";

/** What the tree in the model of a run was grown by, as R prints it. */
async function controlsOf(folder: Folder): Promise<readonly string[]> {
  const code = `
for (file in commandArgs(TRUE)) {
  control <- environment(unserialize(readRDS(file)))$model$control
  cat(format(control$cp), control$maxdepth, "\\n")
}`;
  const runs = await readRuns(undefined, folder.path);
  const projects = runs.filter(({ tags }) => tags["mlflow.source.type"] === "PROJECT");
  const files = projects.map(({ id }) => `mlruns/0/${id}/artifacts/model/crate.bin`);
  const { stdout } = await runProgram("Rscript", ["-e", code, ...files], { cwd: folder.path });
  return stdout.trimEnd().split(/ *\n/);
}

describe.skipIf(noR)("the workshop's chapter on projects", () => {
  test.each([
    ["as the workshop writes it", workshopCommand, {}],
    [
      "as MLflow understands it",
      "Rscript -e \"mlflow::mlflow_source('train.R')\" --args --cp={cp} --maxdepth={maxdepth}",
      {},
    ],
    [
      "by way of a shell script",
      "bash train.sh {cp} {maxdepth}",
      { "train.sh": 'Rscript train.R "--cp=$1" "--maxdepth=$2"\n' },
    ],
  ])("3.2 trains with the values given, %s", async (_, command, files) => {
    using folder = projectWith(command, files);
    const { code, stderr, runs } = await perform(folder, [
      ".",
      "-P",
      "cp=0.02",
      "-P",
      "maxdepth=2",
    ]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(await controlsOf(folder)).toEqual(["0.02 2"]);
    expect(runs).toMatchObject([
      { status: "FINISHED", params: { cp: "0.02", maxdepth: "2" }, artifacts: ["mlpipe", "model"] },
    ]);
  });

  test("3.2 trains with the defaults of the MLproject, not with those of the script", async () => {
    using folder = projectWith(workshopCommand);
    expect((await perform(folder, ["."])).code).toBe(0);
    expect(await controlsOf(folder)).toEqual(["0.05 3"]);
  });

  test("3.3 runs the script alone, with any params", async () => {
    using folder = projectWith(workshopCommand);
    const words = [".", "-e", "train.R", "-P", "cp=0.03", "-P", "maxdepth=4"];
    const { code, stderr } = await perform(folder, words);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(await controlsOf(folder)).toEqual(["0.03 4"]);
  });

  test("3.4 is started by mlflow_run() inside a run: a run of its own, which has ended when R goes on", async () => {
    using folder = projectWith(workshopCommand);
    const tried = await listing(
      folder,
      `
mlflow_log_metric("before", 1)
id <- mlflow_run(
  uri = '.', 
  experiment_id = 0, 
  parameters = list(cp = 0.01, maxdepth = 20), 
  no_conda = TRUE
)
cat("inner:", mlflow_get_run(id)$status, nrow(mlflow_get_run(id)$params[[1]]), "\\n")
mlflow_log_metric("after", 1)
`,
      "  metric before",
      "  metric after",
    );
    expect(tried.code).toBe(0);
    expect(tried.stderr).toMatch(/=== Run \(ID '[0-9a-f]{32}'\) succeeded ===/);
    expect(tried.stdout).toContain("inner: FINISHED 2");
    expect(tried.facts).toMatchObject([
      { name: "it", status: "FINISHED", metrics: { before: 1, after: 1 }, params: {} },
      { status: "FINISHED", params: { cp: "0.01", maxdepth: "20" }, metrics: {} },
    ]);
    expect(await controlsOf(folder)).toEqual(["0.01 20"]);
    expect(tried.left).toEqual([]);
  });

  test("3.5 is fetched from a git repository, whose commit the run names", async () => {
    using repository = projectWith(workshopCommand);
    git(repository.path, "init", "--quiet");
    git(repository.path, "add", "-A");
    git(repository.path, "commit", "--quiet", "-m", "one");
    using folder = temporaryFolder();
    const tried = await listing(
      folder,
      `mlflow_run(uri = "file://${repository.path}/.git", experiment_id = 0, parameters = list(cp = 0.02, maxdepth = 13), no_conda = TRUE)\n`,
    );
    expect(tried.code).toBe(0);
    const [, inner] = await readRuns(undefined, folder.path);
    expect(inner).toMatchObject({
      status: "FINISHED",
      params: { cp: "0.02", maxdepth: "13" },
      tags: { "mlflow.source.git.commit": git(repository.path, "rev-parse", "HEAD") },
    });
  });

  test("3.6 on a cluster is refused, before anything is run", async () => {
    using folder = projectWith(workshopCommand);
    const tried = await listing(
      folder,
      'mlflow_run(uri = ".", experiment_id = 0, backend = "databricks", backend_config = "cluster-spec.json")\n',
    );
    expect(tried.code).toBe(1);
    expect(tried.stderr).toContain("mlpipe runs projects on this machine, not on `databricks`");
    expect(tried.facts.map(({ status }) => status)).toEqual(["FAILED"]);
  });
});

describe.skipIf(noR)("all listings on tracking as one script", () => {
  test("leave one run, which holds what they log", async () => {
    using folder = temporaryFolder();
    cpSync(path.join(workshop, "tracking.R"), path.join(folder.path, "tracking.R"));
    folder.write("it.mlpipe", oneRun("  metric rmse", "  model model", '  script "tracking.R"'));
    const { code } = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    expect(code).toBe(0);
    expect(await readFacts(undefined, folder.path)).toMatchObject([
      {
        experiment: "Default",
        status: "FINISHED",
        params: { foo: "42" },
        metrics: { rmse: 2.63 },
        tags: { omschrijving: "baseline model" },
      },
    ]);
  });
});
