/** What a trace says of a step in R, and that the step does the same as without it. */
import { expect, test } from "vitest";
import { noR } from "./support/r-step.ts";
import { calls, files, noStrace, read, trace, unlike } from "./support/traced.ts";

test.skipIf(noR)(
  "a call is told with its line, through functions, promises and sourced files",
  async () => {
    const { trace: seen } = await trace({
      language: "r",
      files: {
        "helper.R":
          "early <- Sys.Date()\n\nhelper <- function(n) {\n  b <- 2\n  if (n > 2) {\n    runif(n)\n  }\n}\n",
      },
      code: `draw <- function() {
  a <- 1
  sample(10)
}
x <- draw()
set.seed(as.integer(Sys.time()))
source("helper.R")
y <- helper(3)
k <- kmeans(c(1, 2, 9, 10), 2)
g <- factor(c("b", "a"))
h <- Sys.getenv("SOME_VARIABLE")`,
    });
    expect(calls(seen)).toEqual([
      "random sample at 12",
      "clock Sys.time at 15",
      "seed set.seed at 15",
      "read source at 16",
      "clock Sys.Date at helper.R:1",
      "random runif at helper.R:6",
      "random sample.int at 18 via kmeans",
      "locale factor at 19",
      "environment Sys.getenv SOME_VARIABLE at 20",
    ]);
  },
);

test.skipIf(noR).each(["source('helper.R')", "sys.source('helper.R', globalenv())"])(
  "after %s, what its functions call is told with lines of that file",
  async (code) => {
    const { trace: seen } = await trace({
      language: "r",
      files: { "helper.R": "helper <- function(n) {\n  a <- 1\n  runif(n)\n}\n" },
      code: `${code}\ny <- helper(3)`,
    });
    expect(calls(seen)).toContain("random runif at helper.R:3");
  },
);

test.skipIf(noR)(
  "two executions differ from the first expression on that gives something else",
  async () => {
    const code = "a <- 1\nb <- a + 1\nx <- rnorm(2)\ny <- mean(x)";
    const [{ trace: one }, { trace: other }] = [
      await trace({ language: "r", code }),
      await trace({ language: "r", code }),
    ];
    expect(unlike(one, other)).toEqual(["12-12: x .Random.seed", "13-13: y"]);
    expect(one.calls).toMatchObject([{ name: "rnorm", expression: 3 }]);
  },
);

const reading = {
  language: "r",
  step: '    input data from "data.csv"\n    artifact out: csv',
  files: {
    "data.csv": "a\n1\n",
    "extra.csv": "b\n2\n",
    "helper.R": "k <- 1\n",
    "folder/x.txt": "x\n",
  },
  code: `source("helper.R")
extra <- read.csv("extra.csv")
names <- list.files("folder")
writeLines("left", "left.txt")
again <- readLines("left.txt")
saveRDS(1, file.path(tempdir(), "own.rds"))
invisible(file.copy("extra.csv", "copy.csv"))
out <- data.frame(a = 1)`,
} as const;

test.skipIf(noR)("files that a step does not declare are told with their lines", async () => {
  const { trace: seen } = await trace(reading);
  expect(seen.recorder).toBe("hooks");
  expect(files(seen)).toEqual([
    "undeclared read extra.csv at 11",
    "undeclared list folder at 12",
    "undeclared write left.txt at 13",
    "undeclared write copy.csv at 16",
  ]);
});

test.skipIf(noR || noStrace)("with strace, files of other programs are told too", async () => {
  const { trace: seen } = await trace(
    { ...reading, code: `${reading.code}\nsystem("cat folder/x.txt > /dev/null")` },
    { exact: true },
  );
  expect(seen.recorder).toBe("strace");
  expect(files(seen)).toEqual([
    "input read data.csv",
    "undeclared read extra.csv at 11",
    "undeclared list folder at 12",
    "undeclared write left.txt at 13",
    "undeclared write copy.csv at 16",
    "undeclared read folder/x.txt at 18",
  ]);
});

const params = "  param cp = 0.5\n  param depth = 3\n  param trees = 10";

test.skipIf(noR).each([
  ["cp + 1; depth <- 2", "cp"],
  ["f <- function() depth\nx <- f()", "depth"],
  ["if (FALSE) cp", ""],
  ["params$cp; mlflow_param('trees', 1)", "cp, trees"],
  ["for (i in 1:2) cp <- cp * 2; saveRDS(environment(), 'x.rds'); depth", "cp, depth"],
  ["saveRDS(1, 'x.rds')\ndepth", "depth"],
])("of the params, `%s` reads: %s", async (code, names) => {
  expect(read((await trace({ language: "r", code, run: params })).trace)).toBe(names);
});

test.skipIf(noR)("params of a script are read as variables, and on the command line", async () => {
  const script = (text: string) => ({
    language: "r" as const,
    run: params,
    code: { script: "fit.R" },
    files: { "fit.R": text },
  });
  expect(read((await trace(script("x <- cp + 1\n"))).trace)).toBe("cp");
  const asking = 'args <- commandArgs(TRUE)\ntrees <- args[match("--trees", args) + 1]\n';
  expect(read((await trace(script(asking))).trace)).toBe("trees");
  const { trace: seen } = await trace(script("library(mlflow)\nx <- mlflow_param('depth', 1)\n"));
  expect(read(seen)).toBe("depth");
});

test.skipIf(noR)("what happens to the generator of random numbers is told", async () => {
  const code = `a <- 1
b <- runif(1)
set.seed(1)
c <- runif(1)
RNGkind("L'Ecuyer-CMRG")
rm(.Random.seed, envir = globalenv())`;
  const words = async (run: string): Promise<unknown> => {
    const { trace: seen } = await trace({ language: "r", code, run });
    return seen.expressions.map(({ random }) => random.join(" "));
  };
  const after = ["seeded", "drawn", "seeded kind", "removed"];
  expect(await words("  seed 1")).toEqual(["", "drawn", ...after]);
  expect(await words("")).toEqual(["", "created drawn", ...after]);
});

test.skipIf(noR)("draws in forked processes are told as theirs", async () => {
  const code = "library(parallel)\nx <- mclapply(1:2, function(i) rnorm(1), mc.cores = 2)";
  const { trace: seen } = await trace({ language: "r", code });
  expect(calls(seen)).toContain("parallel mclapply at 11");
  expect(seen.calls.filter(({ name }) => name === "rnorm")).toMatchObject([
    { line: 11, forked: true, count: 2 },
  ]);
  expect(calls(seen).join()).not.toContain("library");
});

test.skipIf(noR)("many calls cost little and are counted from samples", async () => {
  const code = "x <- 0\nfor (i in 1:20000) x <- x + runif(1)";
  const { trace: seen } = await trace({ language: "r", code });
  const [call, ...others] = seen.calls;
  expect(others).toEqual([]);
  expect(call).toMatchObject({ name: "runif", line: 11 });
  expect(call?.count).toBeGreaterThan(15_000);
  expect(call?.count).toBeLessThan(25_000);
});

test.skipIf(noR)("code that ends early is traced to there", async () => {
  const code = "x <- 1\nif (x > 0) quit()\nx <- 2";
  const { trace: seen } = await trace({ language: "r", code });
  expect(seen.complete).toBe(true);
  expect(seen.expressions.map(({ line }) => line)).toEqual([10, 11]);
  const failing = await trace({ language: "r", code: "x <- 1\nstop('no')" });
  expect(failing.trace.complete).toBe(false);
  expect(failing.trace.expressions.map(({ line }) => line)).toEqual([10]);
});

test.skipIf(noR)("a profile of the user's is told, unless R starts clean", async () => {
  const files = { ".Rprofile": "options(digits = 4)\n" };
  const started = await trace({ language: "r", code: "x <- 1", files });
  expect(started.trace.startup.join()).toContain(".Rprofile");
  const clean = await trace({ language: "r", code: "x <- 1", files, run: "  reproducible exact" });
  expect(clean.trace.startup).toEqual([]);
});

test.skipIf(noR)("of many files none is missed", async () => {
  const code = 'for (i in 1:100) writeLines("x", paste0(i, ".txt"))';
  const { trace: seen } = await trace({ language: "r", code });
  expect(files(seen)).toHaveLength(100);
  expect(files(seen)[99]).toBe("undeclared write 100.txt at 10");
});
