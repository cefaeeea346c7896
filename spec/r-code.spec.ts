/** The code of an R step: executed as Rscript would, with every error at the line that the user knows. */
import { describe, expect, test } from "vitest";
import { eventsOf, findings, metric, noR, runR, wentWell } from "./support/r-step.ts";

const code = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;

describe.skipIf(noR)("what the code prints", () => {
  test("visible values are printed as Rscript prints them", async () => {
    const ran = wentWell(
      await runR({
        code: code(
          "1 + 1",
          "x <- 3",
          "(x)",
          "invisible(4)",
          "NULL",
          "factor(c('b', 'a'))",
          "f <- function(a,b) {",
          "  a+b # not shown",
          "}",
          "f",
          "setClass('P', representation(x = 'numeric'))",
          "setMethod('show', 'P', function(object) cat('<P>\\n'))",
          "new('P', x = 1)",
          "print.mine <- function(x, ...) cat('<mine>\\n')",
          "structure(1, class = 'mine')",
          "data.frame(a = 1:2)",
          "quote(x + y)",
          "if (FALSE) 1",
          "for (i in 1:2) i",
        ),
      }),
    );
    expect(ran.stdout.replace(/<environment: .*>/, "<environment>")).toBe(
      code(
        "[1] 2",
        "[1] 3",
        "NULL",
        "[1] b a",
        "Levels: a b",
        "function (a, b) ",
        "{",
        "    a + b",
        "}",
        "<environment>",
        "<P>",
        "<mine>",
        "  a",
        "1 1",
        "2 2",
        "x + y",
      ),
    );
    expect(ran.stderr).toBe("");
  });

  test("warnings are shown at once, with the call that gave them", async () => {
    const ran = wentWell(
      await runR({
        code: code(
          "as.integer('a')",
          "f <- function(x) warning('odd')",
          "f(1)",
          "message('after')",
        ),
      }),
    );
    expect(ran.stderr).toBe("Warning: NAs introduced by coercion\nWarning in f(1) : odd\nafter\n");
  });

  test("text beyond ASCII survives where the machine names no language", async () => {
    const ran = wentWell(
      await runR({
        env: { LANG: "", LC_ALL: "", LC_CTYPE: "" },
        code: "précision <- 'né 日本'\nprint(précision)\n",
      }),
    );
    expect(ran.stdout).toBe('[1] "né 日本"\n');
  });

  test("a plot leaves no Rplots.pdf behind, and can be recorded", async () => {
    const ran = wentWell(
      await runR({
        code: "plot(1:3)\np <- recordPlot()\ncat(class(p), file.exists('Rplots.pdf'))\n",
      }),
    );
    expect(ran.stdout).toBe("recordedplot FALSE");
  });
});

describe.skipIf(noR)("what goes wrong in the code", () => {
  test("stop() at the top level names its line", async () => {
    const ran = await runR({ code: "x <- 1\nstop('the cat is out')\n", line: 23 });
    expect(findings(ran)).toEqual(["R0810 test.mlpipe:24:1 the cat is out"]);
    expect(ran.stderr).toBe("Error: the cat is out\n");
    expect(ran.exitCode).toBe(1);
    expect(ran.events.at(-1)).toMatchObject({ kind: "end", ok: false });
  });

  test("an error inside a function names the innermost line of the code", async () => {
    const ran = await runR({
      line: 10,
      code: code(
        "half <- function(x) {",
        "  y <- x",
        "    y / 'two'",
        "}",
        "all <- function(xs) sapply(xs, half)",
        "all(1:3)",
      ),
    });
    expect(findings(ran)).toEqual([
      "R0810 test.mlpipe:12:5 non-numeric argument to binary operator",
    ]);
    expect(eventsOf(ran, "error")[0]?.trace).toEqual([
      "all(1:3)",
      "sapply(xs, half)",
      "lapply(X = X, FUN = FUN, ...)",
      "FUN(X[[i]], ...)",
    ]);
    expect(ran.stderr).toBe('Error in y/"two" : non-numeric argument to binary operator\n');
  });

  test("an error in a package names the line of the code that called it", async () => {
    const ran = await runR({
      code: "d <- data.frame(a = 1)\n{\n  1\n  lm(b ~ a, data = d)\n}\n",
    });
    expect(findings(ran)).toEqual(["R0810 test.mlpipe:4:3 object 'b' not found"]);
  });

  test("an error in a compiled function names its line too", async () => {
    const ran = await runR({
      code: "f <- function(x) {\n  1\n  log(x)\n}\nfor (i in 1:5) try(f('a'), silent = TRUE)\nf('a')\n",
    });
    expect(findings(ran)).toEqual([
      "R0810 test.mlpipe:3:3 non-numeric argument to mathematical function",
    ]);
  });

  test("infinite recursion names the line that began it", async () => {
    const ran = await runR({ code: "f <- function() f()\n\nf()\n" });
    expect(findings(ran)[0]).toMatch(/^R0810 test\.mlpipe:[13]:\d+ .*(infinite recursion|stack)/);
  });

  test("an unknown variable brings the nearest known one", async () => {
    const ran = await runR({ code: "weights <- 3\nwieghts + 1\n" });
    expect(findings(ran)).toEqual([
      "R0810 test.mlpipe:2:1 object 'wieghts' not found | did you mean `weights`?",
    ]);
  });

  test("a condition of the code's own making is told as far as it goes", async () => {
    const ran = await runR({
      code: "stop(structure(class = c('mine', 'error', 'condition'), list(message = NULL, call = NULL)))\n",
    });
    expect(ran.exitCode).toBe(1);
    expect(findings(ran)).toEqual(["R0810 test.mlpipe:1:1"]);
  });

  test("a message of several lines becomes one, without colours", async () => {
    const ran = await runR({ code: "stop('first\\n  second \\033[31mred\\033[0m')\n" });
    expect(findings(ran)).toEqual(["R0810 test.mlpipe:1:1 first second red"]);
  });

  test("a caught error is no error", async () => {
    const ran = await runR({
      code: "x <- tryCatch(stop('a'), error = function(e) 1)\ny <- try(stop('b'), silent = TRUE)\nm <- 2\n",
      metrics: [metric("m")],
    });
    wentWell(ran);
    expect(findings(ran)).toEqual([]);
  });

  test.each([
    [
      "x <- 1\ny <- 2 3\n",
      "R0811 test.mlpipe:8:8 R cannot read the code: unexpected numeric constant",
    ],
    [
      "f <- function(x) {\n  x\n",
      "R0811 test.mlpipe:8 R cannot read the code: unexpected end of input | close the bracket, brace or text that is still open",
    ],
    ["x <- 'abc\n", "R0811 test.mlpipe:7:6 R cannot read the code: unexpected INCOMPLETE_STRING"],
  ])("code that cannot be parsed is told before any of it runs: %j", async (text, finding) => {
    const ran = await runR({ code: `cat('ran')\n${text}`, line: 6 });
    expect(findings(ran)).toEqual([finding]);
    expect(ran.stdout).toBe("");
  });

  test("a missing package is named, with how to get it", async () => {
    const ran = await runR({ code: "x <- 1\nlibrary(notThere)\n" });
    const [finding] = findings(ran);
    expect(finding).toMatch(
      /^R0812 test\.mlpipe:2:1 the package `notThere` is not installed \| in R: install\.packages\("notThere"\)/,
    );
  });

  test("quit() with a status is a failure with that status and its line", async () => {
    const ran = await runR({ code: "f <- function() quit(status = 3)\nf()\n" });
    expect(ran.exitCode).toBe(3);
    expect(findings(ran)).toEqual([
      'R0820 test.mlpipe:1:6 the code ended R with status 3 before its outputs were saved | let the code run to its last line; stop("why") says what is wrong',
    ]);
  });

  test("quit() without a status is an early, good end", async () => {
    const ran = wentWell(
      await runR({ code: "m <- 4\nq('no')\nstop('never')\n", metrics: [metric("m")] }),
    );
    expect(eventsOf(ran, "metric")).toMatchObject([{ key: "m", value: "0x1p+2" }]);
  });

  test("an interrupt ends the step with 130 and says so", async () => {
    const ran = await runR({
      code: "cat('ready\\n')\nSys.sleep(60)\n",
      onOutput: (printed, kill) => {
        if (printed.includes("ready")) kill("SIGINT");
      },
    });
    expect(ran.exitCode).toBe(130);
    expect(findings(ran)[0]).toMatch(/^R0823 /);
  });

  test("a step that is killed has no closing event", async () => {
    const ran = await runR({
      code: "cat('ready\\n')\nSys.sleep(60)\n",
      onOutput: (printed, kill) => {
        if (printed.includes("ready")) kill("SIGKILL");
      },
    });
    expect(eventsOf(ran, "end")).toEqual([]);
  });
});

describe.skipIf(noR)("scripts", () => {
  test("see their own arguments and path, as under Rscript", async () => {
    const ran = wentWell(
      await runR({
        script: true,
        args: ["--cp", "0.05", "--name", "a b"],
        code: "dput(commandArgs(TRUE))\ncat(basename(sub('--file=', '', grep('--file=', commandArgs(), value = TRUE))), '\\n')\ndput(utils::tail(commandArgs(), 5)[1])\n",
      }),
    );
    expect(ran.stdout).toBe('c("--cp", "0.05", "--name", "a b")\ncode \n"--args"\n');
  });

  test("find params as variables of the global environment, for the files that they source", async () => {
    const ran = wentWell(
      await runR({
        script: true,
        params: [{ name: "depth", type: "int", value: 3 }],
        files: { "helper.R": "twice <- function() depth * 2L\n" },
        code: "source('helper.R')\nm <- twice()\ncat(class(m), mlflow_param('depth'), basename(getwd()) == basename(dirname(normalizePath('code'))))\n",
        metrics: [metric("m")],
      }),
    );
    expect(ran.stdout).toBe("integer 3 TRUE");
    expect(eventsOf(ran, "metric")).toMatchObject([{ value: "0x1.8p+2" }]);
  });
});

describe.skipIf(noR)("random numbers and packages", () => {
  test("the seed gives the draws of set.seed(), whatever a profile says", async () => {
    const files = { ".Rprofile": "RNGkind(sample.kind = 'Rounding')\n" };
    const ran = wentWell(
      await runR({ seed: 2026, cleanStart: false, files, code: "cat(sample(150, 3), runif(1))\n" }),
    );
    const plain = await runR({ code: "set.seed(2026); cat(sample(150, 3), runif(1))\n" });
    expect(ran.stdout).toBe(plain.stdout);
    expect(eventsOf(ran, "end")[0]?.unseeded).toBe(false);
  });

  test.each([
    ["runif(1)", true],
    ["set.seed(1); runif(1)", false],
    ["1", false],
  ])("unseeded draws are told: %s is %s", async (text, unseeded) => {
    expect(eventsOf(wentWell(await runR({ code: text })), "end")[0]?.unseeded).toBe(unseeded);
  });

  test("packages that the code loaded are told with their versions, R's own are not", async () => {
    const ran = wentWell(await runR({ code: "library(rpart)\nlibrary(splines)\n" }));
    expect(eventsOf(ran, "end")[0]?.packages).toEqual([
      { name: "rpart", version: expect.stringMatching(/^\d+\.\d+/) as string },
    ]);
  });

  test("a clean start reads no profile of the user", async () => {
    const files = { ".Rprofile": "cat('hello from the profile')\n" };
    expect((await runR({ files, code: "1", cleanStart: false })).stdout).toContain("hello");
    expect((await runR({ files, code: "1" })).stdout).toBe("[1] 1\n");
  });
});
