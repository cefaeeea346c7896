/** `mlpipe eject` writes files that do the same without mlpipe. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { mlpipe, runProgram, temporaryFolder } from "./support/mlpipe.ts";

const hasR = spawnSync("Rscript", ["--version"]).status === 0;
if (!hasR && process.env["CI"] === "true") throw new Error("no Rscript in CI");
if (!hasR) console.warn("skipped in part: no Rscript");

/** A stand-in for {mlflow} and {carrier} that prints what a script logs; the real ones are not on every machine. */
const standIn = `
library <- function(...) invisible()
mlflow_param <- function(name, default = NULL, type = "string") {
  words <- sub("^--", "", grep(paste0("^--", name, "="), commandArgs(TRUE), value = TRUE))
  value <- if (length(words)) sub("^[^=]*=", "", words[1]) else default
  switch(type, integer = as.integer(value), numeric = as.numeric(value), as.character(value))
}
say <- function(what) function(key, value = "", ...) cat(what, key, if (is.atomic(value)) format(value, digits = 15) else class(value)[1], "\\n")
mlflow_set_experiment <- say("experiment")
mlflow_start_run <- function() list()
mlflow_log_param <- say("param")
mlflow_log_metric <- say("metric")
mlflow_set_tag <- say("tag")
mlflow_log_artifact <- say("artifact")
mlflow_log_model <- function(model, path) cat("model", path, "\\n")
carrier_crate <- function(f, ...) { environment(f) <- list2env(list(...), parent = globalenv()); f }
`;

async function runEjected(
  folder: string,
  script: string,
  ...args: readonly string[]
): Promise<readonly string[]> {
  const text = readFileSync(path.join(folder, script), "utf8").replaceAll(
    "carrier::crate",
    "carrier_crate",
  );
  writeFileSync(
    path.join(folder, "it.R"),
    standIn + text.replace("library(rpart)", "base::library(rpart)"),
  );
  const { stdout, stderr, code } = await runProgram("Rscript", ["it.R", ...args], { cwd: folder });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}

describe("an ejected run", () => {
  test.skipIf(!hasR)(
    "in R gives the numbers that mlpipe gives, and takes its params from the command line",
    async () => {
      using folder = temporaryFolder("iris");
      expect(
        (await mlpipe(["eject", "iris.mlpipe", "baseline", "out"], { cwd: folder.path })).code,
      ).toBe(0);
      const out = path.join(folder.path, "out");
      expect(await runEjected(out, "baseline.R")).toEqual([
        "experiment /Shared/iris",
        "param cp 0.05",
        "param maxdepth 3",
        "tag omschrijving baseline model",
        "metric accuracy 0.9",
        "metric recall 0.903174603174603",
        "metric precision 0.878917378917379",
        "model model",
        "artifact session_info.txt",
      ]);
      expect(await runEjected(out, "baseline.R", "--cp=0.01")).toContain("param cp 0.01");
      expect(readFileSync(path.join(out, "MLproject"), "utf8")).toContain(
        `command: Rscript -e "mlflow::mlflow_source('baseline.R')" --args --cp={cp} --maxdepth={maxdepth}`,
      );
    },
  );

  test.skipIf(!hasR)(
    "of several steps hands values from step to step, each step with its own seed",
    async () => {
      using folder = temporaryFolder("houses");
      expect(
        (await mlpipe(["eject", "houses.mlpipe", "learn", "out"], { cwd: folder.path })).code,
      ).toBe(0);
      const lines = await runEjected(path.join(folder.path, "out"), "learn.R");
      const ran = await mlpipe(["run", "houses.mlpipe", "learn"], { cwd: folder.path });
      const rmse = Number(/rmse = (\S+)/.exec(ran.stdout)?.[1]);
      expect(rmse).toBeGreaterThan(0);
      expect(
        Number(lines.find((line) => line.startsWith("metric rmse"))?.split(" ")[2]),
      ).toBeCloseTo(rmse, 10);
    },
  );

  test("in JavaScript gives the numbers that mlpipe gives", async () => {
    using folder = temporaryFolder("epochs");
    expect(
      (await mlpipe(["eject", "epochs.mlpipe", "perceptron", "out"], { cwd: folder.path })).code,
    ).toBe(0);
    const project = readFileSync(path.join(folder.path, "out", "MLproject"), "utf8");
    expect(project).toContain(
      "command: node --random-seed=42 perceptron.mjs --epochs={epochs} --rate={rate}",
    );
    const { stdout, code } = await runProgram(
      process.execPath,
      ["--random-seed=42", "perceptron.mjs"],
      {
        cwd: path.join(folder.path, "out"),
        env: { PATH: process.env["PATH"] },
      },
    );
    expect(code).toBe(0);
    expect(stdout).toContain('"key":"accuracy","value":0.945');
    expect(stdout).toContain('"key":"loss","value":0.3828047561522734,"step":20');
  });

  test("takes the standard metrics along", async () => {
    using folder = temporaryFolder();
    folder.write(
      "it.mlpipe",
      `mlpipe 1

run it {
  metric rmse = rmse(truth, guess)

  \`\`\`js
  const truth = [1, 2, 3]
  const guess = [1, 2, 5]
  \`\`\`
}
`,
    );
    expect((await mlpipe(["eject", "it.mlpipe", "it", "out"], { cwd: folder.path })).code).toBe(0);
    const { stdout } = await runProgram(process.execPath, ["it.mjs"], {
      cwd: path.join(folder.path, "out"),
      env: {},
    });
    expect(stdout).toContain(`"key":"rmse","value":${Math.sqrt(4 / 3)}`);
  });

  test("has the splits that its code asks for, by the seed of each step, and the options of metrics", async () => {
    using folder = temporaryFolder();
    folder.write(
      "it.mlpipe",
      `mlpipe 1

run it {
  seed 5
  metric hit = recall(guess: guess, truth, positive: "b")
  metric rows

  \`\`\`js
  const truth = ["a", "b", "b"]
  const guess = ["b", "b", "a"]
  const rows = Number(holdout(9, 0.4).train.join("")) + metrics.mae([1], [1])
  \`\`\`
}
`,
    );
    const ran = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    const rows = /rows = (\d+)/.exec(ran.stdout)?.[1];
    expect((await mlpipe(["eject", "it.mlpipe", "it", "out"], { cwd: folder.path })).code).toBe(0);
    const { stdout, stderr } = await runProgram(process.execPath, ["it.mjs"], {
      cwd: path.join(folder.path, "out"),
      env: {},
    });
    expect(stderr).toBe("");
    expect(stdout).toContain(`"key":"hit","value":0.5,`);
    expect(stdout).toContain(`"key":"rows","value":${rows},`);
  });

  test.skipIf(!hasR)("has them in R too, in every step", async () => {
    using folder = temporaryFolder();
    folder.write(
      "it.mlpipe",
      `mlpipe 1

run it {
  seed 5

  step cut {
    artifact picked: json

    \`\`\`r
    picked <- holdout(9, 0.4)$train
    \`\`\`
  }

  step test {
    input picked from cut
    metric hit = recall(guess: guess, truth, positive: "b")
    metric rows

    \`\`\`r
    truth <- c("a", "b", "b")
    guess <- c("b", "b", "a")
    rows <- as.numeric(paste(unlist(picked), collapse = "")) + holdout(9, 0.4)$test[1] + metrics$mae(1, 1)
    \`\`\`
  }
}
`,
    );
    const ran = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    const rows = /rows = (\d+)/.exec(ran.stdout)?.[1];
    expect((await mlpipe(["eject", "it.mlpipe", "it", "out"], { cwd: folder.path })).code).toBe(0);
    const out = path.join(folder.path, "out");
    const script = readFileSync(path.join(out, "it.R"), "utf8");
    writeFileSync(
      path.join(out, "it.R"),
      script.replace(/^.*(?:write_json|log_artifact).*$/gm, ""),
    );
    const lines = await runEjected(out, "it.R");
    expect(lines).toContain("metric hit 0.5");
    expect(lines).toContain(`metric rows ${rows}`);
  });

  test("of templates of the standard library has their arguments, and its data sets", async () => {
    using folder = temporaryFolder();
    folder.write(
      "it.mlpipe",
      `mlpipe 1

import knn from "std/node"

run learn {
  param k: int = 3
  param near: int = 4

  step fit = knn {
    formula = "Species ~ Petal.Width"
    train = "std/data/iris.csv"
    k = near
  }

  step test {
    input iris from "std/data/iris.csv"
    input neighbours from fit
    metric hits = accuracy(truth, guess)

    \`\`\`js
    const truth = iris.map((row) => row.Species)
    const guess = neighbours.predict(iris)
    console.log("k", k, near)
    \`\`\`
  }
}
`,
    );
    const ran = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    const hits = / hits = (\S+)/.exec(ran.stdout)?.[1];
    expect((await mlpipe(["eject", "it.mlpipe", "learn", "out"], { cwd: folder.path })).code).toBe(
      0,
    );
    const out = path.join(folder.path, "out");
    const { stdout, stderr } = await runProgram(process.execPath, ["learn.mjs"], {
      cwd: out,
      env: {},
    });
    expect(stderr).toBe("");
    expect(stdout).toContain(`"key":"hits","value":${hits},`);
    expect(stdout).toContain("k 3 4\n");
  });

  test.skipIf(!hasR)("of templates in R has their arguments", async () => {
    using folder = temporaryFolder();
    folder.write(
      "it.mlpipe",
      `mlpipe 1

import rpart from "std/r"

run learn {
  param depth: int = 1

  step fit = rpart {
    formula = "Species ~ ."
    train = "std/data/iris.csv"
    maxdepth = depth
  }

  step test {
    input iris from "std/data/iris.csv"
    input tree from fit
    metric hits = accuracy(truth, guess)

    \`\`\`r
    truth <- iris$Species
    guess <- tree(iris)
    \`\`\`
  }
}
`,
    );
    expect((await mlpipe(["eject", "it.mlpipe", "learn", "out"], { cwd: folder.path })).code).toBe(
      0,
    );
    const lines = await runEjected(path.join(folder.path, "out"), "learn.R");
    expect(lines).toContain("metric hits 0.666666666666667");
  });

  test("copies scripts, and keeps its own name apart from theirs", async () => {
    using folder = temporaryFolder("script");
    expect((await mlpipe(["eject", "cars.mlpipe", "cars", "out"], { cwd: folder.path })).code).toBe(
      0,
    );
    expect(readFileSync(path.join(folder.path, "out", "cars.R"), "utf8")).toBe(
      readFileSync(path.join(folder.path, "cars.R"), "utf8"),
    );
    expect(readFileSync(path.join(folder.path, "out", "run-cars.R"), "utf8")).toContain(
      'source("cars.R", local = TRUE)',
    );
  });

  test("replaces nothing that is there, and refuses what plain files cannot do", async () => {
    using folder = temporaryFolder("houses");
    mkdirSync(path.join(folder.path, "out"));
    folder.write("out/MLproject", "mine\n");
    const taken = await mlpipe(["eject", "houses.mlpipe", "learn", "out"], { cwd: folder.path });
    expect([taken.code, taken.stderr]).toEqual([
      2,
      "mlpipe: out/MLproject exists already, and nothing was written\n  name another folder\n",
    ]);
    expect(existsSync(path.join(folder.path, "out", "learn.R"))).toBe(false);
    const refused = await mlpipe(["eject", "houses.mlpipe", "score", "other"], {
      cwd: folder.path,
    });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      'mlpipe: the input `prices` comes from another run that mlpipe chooses\n  name the run itself: from run "<run id>"\n',
    ]);
  });
});
