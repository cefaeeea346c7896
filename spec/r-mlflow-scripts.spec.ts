/** Scripts that speak {mlflow}, as people bring them from a workshop, performed unmodified: what they log counts, how they end counts. */
import { describe, expect, test } from "vitest";
import { attempt, oneRun } from "./support/attempt.ts";
import { type Folder, temporaryFolder } from "./support/mlpipe.ts";

/** What the workshop ends with, with its blanks filled in. */
const train = `
library(mlflow)
library(rpart)
cp <- mlflow_param("cp", 0.01)
maxdepth <- mlflow_param("maxdepth", 5L)
with(mlflow_start_run(), {
  tree <- rpart(
    Species ~ .,
    data = iris,
    method = "class",
    control = rpart.control(cp = cp, maxdepth = maxdepth)
  )
  guess <- rpart:::predict.rpart(tree, iris, type = "class")
  mlflow_log_metric("accuracy", mean(guess == iris$Species))
  predictor <- carrier::crate(
    function(x) {rpart:::predict.rpart(model, x, type = "class")},
    model = tree
  )
  mlflow_log_model(predictor, "model")
  writeLines(capture.output(print(tree)), "tree.txt")
  mlflow_log_artifact("tree.txt")
  mlflow_set_tag("omschrijving", "baseline model")
  cat("cp", cp, class(cp), "maxdepth", maxdepth, class(maxdepth), "\\n")
})
`;

const declared = [
  "  param cp: float = 0.05",
  "  param maxdepth: int = 3",
  "  metric accuracy maximize",
  "  model model",
  '  artifact note: text at "tree.txt"',
  '  script "train.R"',
];

function scripted(folder: Folder, code: string, ...items: readonly string[]): string {
  folder.write("train.R", code);
  return oneRun(...items, '  script "train.R"');
}

describe("a script of the workshop", () => {
  test("logs to the run that performs it, with its params, and what it logs counts as produced", async () => {
    using folder = temporaryFolder();
    folder.write("train.R", train);
    const tried = await attempt(folder, oneRun(...declared), { words: ["-P", "cp=0.02"] });
    expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(tried.stdout + tried.stderr).toContain("cp 0.02 numeric maxdepth 3 integer");
    expect(tried.facts).toHaveLength(1);
    expect(tried.facts[0]).toMatchObject({
      status: "FINISHED",
      params: { cp: "0.02", maxdepth: "3" },
      tags: { omschrijving: "baseline model" },
    });
    expect(tried.facts[0]?.metrics["accuracy"]).toBeGreaterThan(0.9);
    expect(tried.facts[0]?.histories["accuracy"]).toHaveLength(1);
    expect(tried.facts[0]?.artifacts).toEqual(
      expect.arrayContaining(["model/MLmodel", "model/crate.bin", "tree.txt"]),
    );
    expect(tried.left).toEqual([]);
  });

  test("that fails inside with() ends FAILED with the line that failed, though R goes on", async () => {
    using folder = temporaryFolder();
    const source = scripted(
      folder,
      'library(mlflow)\nwith(mlflow_start_run(), {\n  mlflow_log_metric("m", 1)\n  stop("no such luck")\n})\ncat("went on\\n")\n',
      "  metric m",
    );
    const tried = await attempt(folder, source);
    expect(tried.stdout + tried.stderr).toContain("went on");
    expect(tried.stderr).toMatch(/train\.R:4.*error R0813 {2}no such luck/);
    expect([tried.code, tried.facts[0]?.status]).toEqual([1, "FAILED"]);
    expect(tried.facts[0]?.metrics).toEqual({ m: 1 });
  });

  test("that ends its run as FAILED by itself is believed", async () => {
    using folder = temporaryFolder();
    const source = scripted(
      folder,
      'library(mlflow)\nmlflow_start_run()\nmlflow_log_metric("m", 1)\nmlflow_end_run(status = "FAILED")\n',
      "  metric m",
    );
    const tried = await attempt(folder, source);
    expect(tried.stderr).toContain("error R0814");
    expect([tried.code, tried.facts[0]?.status]).toEqual([1, "FAILED"]);
  });

  test("that logs without a declared output names it, and is FAILED", async () => {
    using folder = temporaryFolder();
    const source = scripted(
      folder,
      "library(mlflow)\nmlflow_log_metric('other', 1)\n",
      "  metric m",
    );
    const tried = await attempt(folder, source);
    expect(tried.stderr).toContain("error R0801  the metric `m` is declared");
    expect([tried.code, tried.facts[0]?.status]).toEqual([1, "FAILED"]);
  });

  test("logs a metric step by step, and its last value is what an expectation sees", async () => {
    using folder = temporaryFolder();
    const code = "library(mlflow)\nfor (i in 1:20) mlflow_log_metric('loss', 1 / i, step = i)\n";
    const source = scripted(
      folder,
      code,
      "  metric loss over epoch minimize",
      "  expect loss < 0.06",
    );
    const tried = await attempt(folder, source);
    expect([tried.code, tried.facts[0]?.status]).toEqual([0, "FINISHED"]);
    expect(tried.facts[0]?.histories["loss"]).toHaveLength(20);
  });

  test("starts runs of its own in experiments of its own, and none stays RUNNING", async () => {
    using folder = temporaryFolder();
    const code = `
library(mlflow)
mlflow_log_metric("m", 1)
Sys.unsetenv("MLFLOW_RUN_ID")
mlflow_end_run()
mlflow_set_experiment("/Shared/jouw_naam")
run <- mlflow_start_run()
mlflow_log_param("foo", 42)
`;
    const tried = await attempt(folder, scripted(folder, code, "  metric m"));
    expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(tried.facts.map(({ experiment, status }) => [experiment, status])).toEqual([
      ["Default", "FINISHED"],
      ["/Shared/jouw_naam", "FINISHED"],
    ]);
    expect(tried.facts[1]?.params).toEqual({ foo: "42" });
  });

  test("loads by runs:/ the model that it has logged", async () => {
    using folder = temporaryFolder();
    const code = `
library(mlflow)
linear_model <- lm(Sepal.Width ~ Sepal.Length, iris)
predictor <- carrier::crate(function(x) stats::predict(model, newdata = x), model = linear_model)
run <- mlflow_start_run()
mlflow_log_model(predictor, "model")
again <- mlflow_load_model(paste0("runs:/", run$run_id, "/model"))
new_obs <- data.frame(Sepal.Length = 5.4)
cat("Predictie:", identical(again(new_obs), predictor(new_obs)), again(new_obs), "\\n")
mlflow_log_metric("same", as.numeric(identical(again(new_obs), predictor(new_obs))))
mlflow_end_run()
`;
    const tried = await attempt(folder, scripted(folder, code, "  metric same"));
    expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(tried.facts[0]?.metrics).toEqual({ same: 1 });
  });

  test("cannot be reached by others: without the run's token nobody is let in", async () => {
    using folder = temporaryFolder();
    const code = `
address <- sub("^http://", "", Sys.getenv("MLFLOW_TRACKING_URI"))
parts <- strsplit(address, ":")[[1]]
door <- socketConnection(parts[1], as.integer(parts[2]), blocking = TRUE, open = "r+b")
writeLines(c("GET /api/2.0/mlflow/experiments/get?experiment_id=0 HTTP/1.1", paste0("Host: ", address), "Connection: close", ""), door, sep = "\\r\\n")
cat(readLines(door, 1), "\\n")
m <- 1
`;
    const tried = await attempt(folder, scripted(folder, code, "  metric m"));
    expect(tried.stdout + tried.stderr).toContain("401 Unauthorized");
  });
});
