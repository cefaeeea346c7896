/** What a trace says of a step in R, and that the step does the same as without it. */
import { expect, test } from "vitest";
import { firstDivergence } from "../src/repro/trace/first-divergence.ts";
import { noR } from "./support/r-step.ts";
import { calls, files, noStrace, trace } from "./support/traced.ts";

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

test.skipIf(noR)("the first expression that differs is found, with what it called", async () => {
  const code = "a <- 1\nb <- a + 1\nx <- rnorm(2)\ny <- mean(x)";
  const [{ trace: one }, { trace: other }] = [
    await trace({ language: "r", code }),
    await trace({ language: "r", code }),
  ];
  const found = firstDivergence(one, other);
  expect(found).toMatchObject({ expression: 3, line: 12, variables: ["x", ".Random.seed"] });
  expect(found?.calls.map(({ name }) => name)).toEqual(["rnorm"]);
});

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
    "undeclared read folder/x.txt",
  ]);
});
