/** What a trace says of a step in R, and that the step does the same as without it. */
import { expect, test } from "vitest";
import { firstDivergence } from "../src/repro/trace/first-divergence.ts";
import { noR } from "./support/r-step.ts";
import { calls, trace } from "./support/traced.ts";

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
      "read file at 16 via source",
      "locale Sys.getlocale at 16 via source",
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
