/** R as WebAssembly executes the same steps by the same runtime, and gives the same numbers. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type FoundR, findR } from "../src/run/r.ts";
import {
  type Ran,
  artifact,
  eventsOf,
  findings,
  metric,
  model,
  native,
  noR,
  runR,
  wentWell,
} from "./support/r-step.ts";

const webr: FoundR = findR({ MLPIPE_R: "webr" });

const quickstart = {
  seed: 2026,
  params: [{ name: "share", type: "float", value: { float: "0x1.5555555555555p-1" } }],
  code: `rows  <- sample(nrow(iris), share * nrow(iris))
train <- iris[rows, ]
test  <- iris[-rows, ]
fit   <- lm(Sepal.Length ~ Petal.Length + Species, data = train)
model <- carrier::crate(function(flowers) stats::predict(fit, flowers), fit = fit)
guess <- unname(model(test))
truth <- test$Sepal.Length
rmse  <- sqrt(mean((truth - guess)^2))
losses <- cumsum(rnorm(20))
scored <- cbind(test, guess)
summary(fit)
`,
  metrics: [
    metric("rmse"),
    metric("losses", { over: true }),
    metric("mae", {
      variable: null,
      call: {
        function: "mae",
        arguments: [
          { name: "truth", variable: "truth" },
          { name: "guess", variable: "guess" },
        ],
      },
    }),
  ],
  artifacts: [artifact("scored", "csv"), artifact("losses", "json")],
  models: [model("model", { probe: "test" })],
} as const;

const numbers = (ran: Ran) => [
  eventsOf(ran, "metric").map(({ key, value }) => [key, value]),
  eventsOf(ran, "metrics").map(({ key, values, steps }) => [key, values, steps]),
  ran.output("scored.csv"),
  ran.output("losses.json"),
  ran.output("model/probe.json"),
];

const predict = (ran: Ran) => ({
  inputs: [
    {
      variable: "model",
      kind: "model",
      flavor: "crate",
      path: join(ran.folder, "out/model"),
    },
  ] as const,
  code: "p <- unname(model(iris[c(1, 60, 120), ]))\n",
  artifacts: [artifact("p", "json")],
});

describe("WebR", { timeout: 240_000 }, () => {
  test.skipIf(noR)(
    "gives the same numbers as native R, to the last bit, and crates that each reads",
    async () => {
      const there = wentWell(await runR({ ...quickstart, by: webr }));
      const here = wentWell(await runR({ ...quickstart, by: native }));
      expect(eventsOf(there, "start")[0]?.runtime).toMatch(/^R 4\.\d+\.\d+ \(WebR\)$/);
      expect(numbers(there)).toEqual(numbers(here));
      expect(there.stdout).toBe(here.stdout);
      const crossed = wentWell(await runR({ ...predict(there), by: native }));
      const back = wentWell(await runR({ ...predict(here), by: webr }));
      expect(crossed.output("p.json")).toBe(back.output("p.json"));
    },
  );

  test("a package that is not there is explained, with what to install", async () => {
    const ran = await runR({ by: webr, code: "x <- 1\nlibrary(rpart)\n", line: 5 });
    expect(findings(ran)).toEqual([
      "R0812 test.mlpipe:6:1 the package `rpart` is not there: this step runs in WebR (R as WebAssembly), which has R's own packages only | install R itself, for example `sudo apt install r-base-core r-cran-rpart`, and run again",
    ]);
    expect(ran.exitCode).toBe(1);
  });

  test("errors, streams, secrets and the exit status come through", async () => {
    const ran = await runR({
      by: webr,
      secrets: { token: "MY_TOKEN" },
      env: { MY_TOKEN: "s3cret", TZ: "UTC", LC_COLLATE: "C" },
      code: "cat('two\\nlines, é')\nmessage('aside')\nstopifnot(token == 's3cret', Sys.timezone() == 'UTC')\nsort(c('b', 'A', 'a', 'B'))\nf <- function(x) {\n  log(x)\n}\nquit(status = 7)\n",
    });
    expect(ran.stdout).toBe('two\nlines, é[1] "A" "B" "a" "b"\n');
    expect(ran.stderr).toBe("aside\n");
    expect(ran.exitCode).toBe(7);
    expect(findings(ran)[0]).toContain("R0820 test.mlpipe:8:1 the code ended R with status 7");
  });

  test("an error inside a function names its line, and a last line without a break is kept", async () => {
    const ran = await runR({
      by: webr,
      line: 3,
      code: "f <- function(x) {\n  cat('almost')\n  stop('boo ', x)\n}\nf(1)\n",
    });
    expect(findings(ran)).toEqual(["R0810 test.mlpipe:5:3 boo 1"]);
    expect(ran.stdout).toBe("almost");
    expect(ran.stderr).toBe("Error in f(1) : boo 1\n");
    expect(ran.exitCode).toBe(1);
  });
});
