/** Scripts that speak {mlflow}, as people bring them from a workshop, performed unmodified: what they log counts, how they end counts. */
import { readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, fence, oneRun } from "./support/attempt.ts";
import { readArtifact, readFacts } from "./support/facts.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";

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

  test("is taken at its word: what it has logged is not looked for in its variables", async () => {
    using folder = temporaryFolder();
    const code = `
library(mlflow)
for (i in 1:3) {
  loss <- 1 / 2^i
  mlflow_log_metric("loss", loss, step = i)
}
rmse <- c(1, 2, 3)
mlflow_log_metric("rmse", mean(rmse))
model <- lm(Sepal.Width ~ Sepal.Length, iris)
mlflow_log_model(carrier::crate(function(x) stats::predict(m, x), m = model), "model")
note <- sum
writeLines("a note", "note.txt")
mlflow_log_artifact("note.txt")
writeLines("another one", "note.txt")
`;
    const items = [
      "  metric loss over epoch",
      "  metric rmse",
      "  model model",
      "  artifact note: text",
    ];
    const tried = await attempt(folder, scripted(folder, code, ...items));
    expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(tried.facts[0]?.histories).toEqual({ loss: [0.5, 0.25, 0.125], rmse: [2] });
    expect(await readArtifact(undefined, folder.path, "note.txt")).toBe("a note\n");
  });

  test("hands on to later steps what it has logged and not kept", async () => {
    using folder = temporaryFolder();
    folder.write(
      "train.R",
      `library(mlflow)
writeLines("a note", "note.txt")
mlflow_log_artifact("note.txt")
file.remove("note.txt")
linear <- lm(Sepal.Width ~ Sepal.Length, iris)
mlflow_log_model(carrier::crate(function(x) stats::predict(linear, x), linear = linear), "fit")
mlflow_log_metric("done", 1)
`,
    );
    const source = `mlpipe 1

run it {
  metric done

  step train {
    artifact note: text
    model fit

    script "train.R"
  }

  step use {
    input note, fit from train
    metric width

${fence("r", 'width <- if (note == "a note") fit(data.frame(Sepal.Length = 5.4))')}
  }
}
`;
    const tried = await attempt(folder, source);
    expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(tried.facts[0]?.metrics).toEqual({
      done: 1,
      width: expect.closeTo(3.0848, 3) as number,
    });
  });

  test("tells the tracker no secret", async () => {
    using folder = temporaryFolder();
    const code = `
library(mlflow)
mlflow_log_param("key", Sys.getenv("KEY"))
mlflow_set_tag("said", paste("the key is", key))
mlflow_log_batch(params = data.frame(key = "all", value = Sys.getenv("KEY")))
`;
    const source = scripted(folder, code, '  secret key from env "KEY"');
    const tried = await attempt(folder, source, { env: { KEY: "open sesame" } });
    expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(tried.facts).toMatchObject([
      { params: { key: "***", all: "***" }, tags: { said: "the key is ***" } },
    ]);
  });
});

/** Speaks HTTP by itself: address, headers, and the first line of the answer. */
const ask = `
address <- sub("^http://", "", Sys.getenv("MLFLOW_TRACKING_URI"))
ask <- function(host, token) {
  parts <- strsplit(address, ":")[[1]]
  door <- socketConnection(parts[1], as.integer(parts[2]), blocking = TRUE, open = "r+b")
  on.exit(close(door))
  lines <- c("GET /api/2.0/mlflow/experiments/get?experiment_id=0 HTTP/1.1", paste("Host:", host), paste("Authorization: Bearer", token), "Connection: close", "")
  writeLines(lines, door, sep = "\\r\\n")
  cat(host == address, readLines(door, 1), "\\n")
}
`;

describe("the server that such a script speaks to", () => {
  test("lets nobody in who has not its token, and no page whose name leads here", async () => {
    using folder = temporaryFolder();
    const code = `${ask}
token <- Sys.getenv("MLFLOW_TRACKING_TOKEN")
ask(address, token)
ask(address, substr(token, 2, 43))
ask(address, "")
ask(sub("127.0.0.1", "evil.example", address), token)
`;
    const tried = await attempt(folder, scripted(folder, code));
    expect(tried.stdout.match(/^(TRUE|FALSE) HTTP.*$/gm)?.map((line) => line.trim())).toEqual([
      "TRUE HTTP/1.1 200 OK",
      "TRUE HTTP/1.1 401 Unauthorized",
      "TRUE HTTP/1.1 401 Unauthorized",
      "FALSE HTTP/1.1 403 Forbidden",
    ]);
  });

  test("is gone with the script, and its token is told to nobody", async () => {
    using folder = temporaryFolder();
    const code = `
library(mlflow)
token <- Sys.getenv("MLFLOW_TRACKING_TOKEN")
cat("address", Sys.getenv("MLFLOW_TRACKING_URI"), "\n")
cat("token", token, "\n")
message("token ", token)
mlflow_set_tag("token", token)
writeLines(token, "token.txt")
warning(token)
`;
    const tried = await attempt(folder, scripted(folder, code));
    expect(tried.stdout).toContain("token ***");
    const token = readFileSync(path.join(folder.path, "token.txt"), "utf8").trim();
    expect(token).toHaveLength(43);
    rmSync(path.join(folder.path, "token.txt"));
    const shown = await mlpipe(["runs", "show", "it", "--json"], { cwd: folder.path });
    expect(JSON.stringify([tried, shown])).not.toContain(token);
    expect(filesWith(folder.path, token)).toEqual([]);
    const address = /address (\S+)/.exec(tried.stdout)?.[1] ?? "";
    await expect(fetch(address)).rejects.toThrow();
  });

  test("keeps other users of the machine from its program and its files", async () => {
    using folder = temporaryFolder();
    const code = `
program <- Sys.getenv("MLFLOW_BIN")
folders <- program
while (basename(folders[1]) != ".mlpipe") folders <- c(dirname(folders[1]), folders)
cat("modes", format(file.mode(folders)), "\n")
`;
    const tried = await attempt(folder, scripted(folder, code));
    expect(tried.stdout).toMatch(/modes (700 ?)+\n/);
  });

  test("is reached past a proxy, which hears nothing", async () => {
    using folder = temporaryFolder();
    const code = 'cat("except", Sys.getenv(c("no_proxy", "NO_PROXY")), "\n")\n';
    const env = { HTTP_PROXY: "http://127.0.0.1:9", no_proxy: "intranet" };
    const tried = await attempt(folder, scripted(folder, code), { env });
    expect(tried.stdout).toContain("except intranet,127.0.0.1 intranet,127.0.0.1 \n");
  });
});

describe("a script below another runner, or another tracker's settings", () => {
  test("logs to its own run where its file is compiled and started as a project", async () => {
    using folder = temporaryFolder();
    const code = 'library(mlflow)\nmlflow_log_metric("m", 1)\nmlflow_log_param("p", 2)\n';
    folder.write("it.mlpipe", scripted(folder, code, "  metric m"));
    await mlpipe(["compile", "it.mlpipe"], { cwd: folder.path });
    const ended = await mlpipe(["run", "."], { cwd: folder.path });
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    const facts = await readFacts(undefined, folder.path);
    expect(facts.map(({ status, metrics, params }) => [status, metrics, params])).toEqual([
      ["FINISHED", { m: 1 }, { p: "2" }],
    ]);
    expect(facts[0]?.histories["m"]).toHaveLength(1);
  });

  test("finds nothing of how its user reaches another tracker, not even empty", async () => {
    using folder = temporaryFolder();
    const names = ["USERNAME", "PASSWORD", "INSECURE_TLS"].map((end) => `MLFLOW_TRACKING_${end}`);
    const code = `found <- Sys.getenv(c("${names.join('", "')}"), unset = "none")\nm <- sum(found == "none")\n`;
    const env = Object.fromEntries(names.map((name) => [name, "true"]));
    const tried = await attempt(folder, scripted(folder, code, "  metric m"), { env });
    expect([tried.code, tried.facts.at(-1)?.metrics]).toEqual([0, { m: names.length }]);
  });
});

/** Files below a folder that hold the text. */
function filesWith(folder: string, text: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
