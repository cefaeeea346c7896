/** What an R step gives: metrics, artifacts and models looked up by name, or logged by call. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  artifact,
  eventsOf,
  findings,
  metric,
  model,
  noR,
  runR,
  wentWell,
} from "./support/r-step.ts";

describe.skipIf(noR)("metrics", () => {
  test("are looked up by name, one number each", async () => {
    const ran = wentWell(
      await runR({
        code: "a <- 0.1\nb <- 3L\nc1 <- matrix(2)\nd <- c(named = -0)\n",
        metrics: [metric("a"), metric("b"), metric("c1"), metric("d")],
      }),
    );
    expect(eventsOf(ran, "metric").map(({ key, value, step }) => [key, value, step])).toEqual([
      ["a", "0x1.999999999999ap-4", 0],
      ["b", "0x1.8p+1", 0],
      ["c1", "0x1p+1", 0],
      ["d", "-0x0p+0", 0],
    ]);
  });

  test("a truth value is logged as 1 or 0, with a warning", async () => {
    const ran = wentWell(await runR({ code: "x <- 1\nok <- TRUE\n", metrics: [metric("ok")] }));
    expect(eventsOf(ran, "metric")).toMatchObject([{ value: "0x1p+0" }]);
    expect(findings(ran, "warning")).toEqual([
      "R0807 test.mlpipe:2:1 the metric `ok` is true, and is logged as 1 | assign 1 or 0 if that is what you mean",
    ]);
  });

  test("over something: element i is step i, or its name is the step", async () => {
    const ran = wentWell(
      await runR({
        code: "loss <- c(3, 2, 1)\nlate <- c(`10` = 1, `-5` = 2)\n",
        metrics: [metric("loss", { over: true }), metric("late", { over: true })],
      }),
    );
    expect(eventsOf(ran, "metrics").map(({ key, values, steps }) => [key, values, steps])).toEqual([
      ["loss", ["0x1.8p+1", "0x1p+1", "0x1p+0"], [1, 2, 3]],
      ["late", ["0x1p+0", "0x1p+1"], [10, -5]],
    ]);
  });

  test("logged by call they count as given, and the loop's variable is left alone", async () => {
    const ran = wentWell(
      await runR({
        code: "for (epoch in 1:3) { loss <- 1 / epoch; log_metric('loss', loss, step = epoch) }\nlog_metric('other', NaN)\nlog_metric('v', c(1, 2), step = c(5, 100000))\n",
        metrics: [metric("loss", { over: true })],
      }),
    );
    expect(eventsOf(ran, "metric").map(({ key, value, step }) => [key, value, step])).toEqual([
      ["loss", "0x1p+0", 1],
      ["loss", "0x1p-1", 2],
      ["loss", "0x1.5555555555555p-2", 3],
      ["other", "nan", 0],
    ]);
    expect(eventsOf(ran, "metrics")).toMatchObject([{ key: "v", steps: [5, 100000] }]);
  });

  test("a standard call is computed from the code's variables", async () => {
    const call = (name: string, ...names: readonly string[]) => ({
      function: name,
      arguments: names.map((variable, at) => ({ name: ["truth", "guess"][at] ?? "", variable })),
    });
    const ran = wentWell(
      await runR({
        code: "truth <- factor(c('a', 'b', 'b', 'c'))\nguess <- c('a', 'b', 'c', 'c')\ny <- c(1, 2, 3)\nz <- c(1, 2, 5)\n",
        metrics: [
          metric("accuracy", { variable: null, call: call("accuracy", "truth", "guess") }),
          metric("recall", { variable: null, call: call("recall", "truth", "guess") }),
          metric("precision", { variable: null, call: call("precision", "truth", "guess") }),
          metric("f1", { variable: null, call: call("f1", "truth", "guess") }),
          metric("rmse", { variable: null, call: call("rmse", "y", "z") }),
          metric("mae", { variable: null, call: call("mae", "y", "z") }),
          metric("r2", { variable: null, call: call("r2", "y", "z") }),
        ],
      }),
    );
    expect(
      eventsOf(ran, "metric").map(({ key, value }) => [key, Number(hex(value)).toFixed(6)]),
    ).toEqual([
      ["accuracy", "0.750000"],
      ["recall", "0.833333"],
      ["precision", "0.833333"],
      ["f1", "0.777778"],
      ["rmse", "1.154701"],
      ["mae", "0.666667"],
      ["r2", "-1.000000"],
    ]);
  });

  test.each([
    [
      "acuracy <- 1",
      "R0801 test.mlpipe the metric `m_accuracy` is declared, but the code did not produce it",
      "m_accuracy",
    ],
    [
      "acuracy <- 1",
      "R0801 test.mlpipe the metric `accuracy` is declared, but the code did not produce it; the code has `acuracy`, is that the one? | assign `accuracy` before the code ends, or remove the declaration of the metric",
      "accuracy",
    ],
    [
      "\nm <- 'high'",
      'R0802 test.mlpipe:2:1 the metric `m` is the text "high", not a finite number | assign one finite number',
      "m",
    ],
    [
      "m <- NA",
      "R0802 test.mlpipe:1:1 the metric `m` is NA, not a finite number | assign one finite number",
      "m",
    ],
    [
      "if (TRUE) {\n  m <- 0 / 0\n}",
      "R0802 test.mlpipe:2:3 the metric `m` is NaN, not a finite number | assign one finite number",
      "m",
    ],
    [
      "m <- c(1, 2)",
      "R0802 test.mlpipe:1:1 the metric `m` is a vector of 2 numbers, not a finite number | declare it over something: metric m over step",
      "m",
    ],
    [
      "m <- mean",
      "R0802 test.mlpipe:1:1 the metric `m` is a function, not a finite number | assign one finite number",
      "m",
    ],
    [
      "m <- NULL",
      "R0802 test.mlpipe:1:1 the metric `m` is NULL, not a finite number | assign one finite number",
      "m",
    ],
    [
      "m <- as.Date('2026-01-01')",
      "R0802 test.mlpipe:1:1 the metric `m` is an object of class Date, not a finite number | assign one finite number",
      "m",
    ],
  ])("what is no metric is told with its line: %j", async (code, finding, key) => {
    const ran = await runR({ code, metrics: [metric(key)] });
    expect(findings(ran)[0]?.startsWith(finding)).toBe(true);
    expect(ran.exitCode).toBe(1);
    expect(eventsOf(ran, "end")).toMatchObject([{ ok: false }]);
  });

  test.each([
    ["l <- c(1, NaN)", "the metric `l` is NaN at step 2, not a finite number"],
    ["l <- c(a = 1)", "the metric `l` has the step `a`, which is not a whole number"],
    ["l <- numeric()", "the metric `l` is an empty vector"],
    ["l <- list(1)", "the metric `l` is a list of 1, not a vector of numbers"],
  ])("what is no metric over something is told: %j", async (code, message) => {
    const ran = await runR({ code, metrics: [metric("l", { over: true })] });
    expect(findings(ran)[0]).toContain(`R0802 test.mlpipe:1:1 ${message}`);
  });

  test("each missing output is told, and one that is not required is not", async () => {
    const ran = await runR({
      code: "1",
      metrics: [metric("a"), metric("b", { required: false })],
      artifacts: [artifact("c", "csv")],
      models: [model("d")],
    });
    expect(findings(ran).map((line) => line.slice(0, 40))).toEqual([
      "R0801 test.mlpipe the metric `a` is decl",
      "R0801 test.mlpipe the artifact `c` is de",
      "R0801 test.mlpipe the model `d` is decla",
    ]);
  });

  test("calls with nonsense are errors at their line", async () => {
    const ran = await runR({ code: "x <- 1\nlog_metric('m', 'high')\n" });
    expect(findings(ran)).toEqual([
      'R0810 test.mlpipe:2:1 the metric `m` is the text "high", not a number',
    ]);
  });
});

const hex = (value: string): string => {
  const [, sign = "", fraction = "", exponent = "0"] =
    /^(-?)0x1(?:\.([0-9a-f]+))?p([+-]\d+)$/.exec(value) ?? [];
  const digits = 1 + (fraction === "" ? 0 : parseInt(fraction, 16) / 16 ** fraction.length);
  return String((sign === "-" ? -1 : 1) * digits * 2 ** Number(exponent));
};

describe.skipIf(noR)("artifacts", () => {
  test("a table is written as csv that every reader takes", async () => {
    const ran = wentWell(
      await runR({
        code: 't <- data.frame(id = 1:3, x = c(0.1, NA, -0), s = c("a", \'b "c", d\', NA), f = factor(c("u", "v", "u")), on = c(TRUE, NA, FALSE), day = as.Date("2026-11-22") + 0:2, big = c(1e5, 1e15, 123456789), odd = c(NaN, Inf, -Inf))\nm <- mtcars[1:2, 1:2]\ncounts <- table(c("a", "b", "a"))\nv <- c(0.1, 0.2)\n',
        artifacts: [
          artifact("t", "csv", { path: "deep/er/t.csv" }),
          artifact("m", "csv"),
          artifact("counts", "csv"),
          artifact("v", "csv"),
        ],
      }),
    );
    expect(ran.output("deep/er/t.csv")).toBe(
      "id,x,s,f,on,day,big,odd\n" +
        '1,0.1,"a","u",TRUE,"2026-11-22",100000,NaN\n' +
        '2,NA,"b ""c"", d","v",NA,"2026-11-23",1000000000000000,Inf\n' +
        '3,-0,NA,"u",FALSE,"2026-11-24",123456789,-Inf\n',
    );
    expect(ran.output("m.csv")).toBe("mpg,cyl\n21,6\n21,6\n");
    expect(ran.output("counts.csv")).toBe('Var1,Freq\n"a",2\n"b",1\n');
    expect(ran.output("v.csv")).toBe("value\n0.1\n0.2\n");
    expect(eventsOf(ran, "artifact").map(({ key, path, folder }) => [key, path, folder])).toEqual([
      ["t", "deep/er/t.csv", false],
      ["m", "m.csv", false],
      ["counts", "counts.csv", false],
      ["v", "v.csv", false],
    ]);
  });

  test("json has rows for tables, objects for named lists, scalars unboxed", async () => {
    const ran = wentWell(
      await runR({
        code: 'j <- list(a = 1, v = c(1.5, NA), one = I(2), s = "é\\n\\"", n = NULL, rows = data.frame(x = 1:2, y = c("u", NA)), none = list(), m = matrix(1:4, 2), named = c(p = 0.1, q = 1/3), when = as.POSIXct(0.25, origin = "1970-01-01"), inf = -Inf)\n',
        artifacts: [artifact("j", "json")],
      }),
    );
    expect(JSON.parse(ran.output("j.json"))).toEqual({
      a: 1,
      v: [1.5, null],
      one: [2],
      s: 'é\n"',
      n: null,
      rows: [
        { x: 1, y: "u" },
        { x: 2, y: null },
      ],
      none: [],
      m: [
        [1, 3],
        [2, 4],
      ],
      named: { p: 0.1, q: 1 / 3 },
      when: "1970-01-01T00:00:00.25Z",
      inf: -Infinity,
    });
  });

  test("text is lines, or what print() shows", async () => {
    const ran = wentWell(
      await runR({
        code: 'lines <- c("één", "two")\nshown <- list(a = 1)\n',
        artifacts: [artifact("lines", "text"), artifact("shown", "text")],
      }),
    );
    expect(ran.output("lines.text")).toBe("één\ntwo\n");
    expect(ran.output("shown.text")).toBe("$a\n[1] 1\n\n");
  });

  test("a plot is drawn from a function, a recording, or taken from a file", async () => {
    const ran = wentWell(
      await runR({
        code: "f <- function() plot(1:3)\nplot(3:1)\nr <- recordPlot()\npng('own.png'); plot(1); invisible(dev.off())\np <- 'own.png'\n",
        artifacts: [artifact("f", "png"), artifact("r", "png"), artifact("p", "png")],
      }),
    );
    for (const name of ["f.png", "r.png", "p.png"])
      expect(
        readFileSync(join(ran.folder, "out", name))
          .subarray(1, 4)
          .toString(),
      ).toBe("PNG");
  });

  test("a file lying at the path is taken where there is no variable", async () => {
    const ran = wentWell(
      await runR({
        code: "dir.create('d/e', recursive = TRUE); writeLines('x', 'd/e/f'); writeLines('y', 'a.txt')\n",
        artifacts: [
          artifact("a", "text", { path: "a.txt" }),
          artifact("d", "folder", { path: "d" }),
        ],
      }),
    );
    expect(ran.output("a.txt")).toBe("y\n");
    expect(ran.output("d/e/f")).toBe("x\n");
    expect(eventsOf(ran, "artifact").map(({ folder }) => folder)).toEqual([false, true]);
  });

  test("html is a text or a file; rds holds no source of functions", async () => {
    const ran = wentWell(
      await runR({
        code: "page <- '<h1>é</h1>'\no <- list(f = function(x) x, m = lm(dist ~ speed, cars))\n",
        artifacts: [artifact("page", "html"), artifact("o", "rds")],
      }),
    );
    expect(ran.output("page.html")).toBe("<h1>é</h1>\n");
    const read = await runR({
      code: `o <- readRDS('${ran.folder}/out/o.rds'); cat(coef(o$m)[[2]] > 3.9, is.null(attr(o$f, 'srcref')), o$f(3))\n`,
    });
    expect(read.stdout).toBe("TRUE TRUE 3");
  });

  test.each([
    [
      "x <- mean",
      "csv",
      "is a function, which cannot be written as csv | assign a data.frame, a matrix or a table",
    ],
    [
      "x <- data.frame(a = I(list(1, 2)))",
      "csv",
      "holds an object of class AsIs in column `a`, which a csv cannot hold",
    ],
    [
      "x <- list(f = mean)",
      "json",
      "cannot be written: holds a function at `x$f`, which is not data",
    ],
    [
      "x <- 'nowhere.bin'",
      "file",
      "is `nowhere.bin`, but there is nothing at that path | write the file",
    ],
    ["x <- 3", "file", "is 3, not the path of a file | assign the path of the file"],
    ["x <- '.'", "file", "is a folder, not a file | declare it as folder"],
    ["x <- 3", "png", "is 3, which cannot be written as png | assign a plot"],
    ["x <- 3", "parquet", "is parquet, which needs the package `arrow`; it is not installed"],
  ] as const)("what does not fit its format is told: %s as %s", async (code, format, problem) => {
    const ran = await runR({ code: `\n${code}\n`, artifacts: [artifact("x", format)] });
    expect(findings(ran)[0]).toMatch(/^R08(02|09|12) test\.mlpipe:2:1 the artifact `x` /);
    expect(findings(ran)[0]).toContain(problem);
    expect(readdirSync(join(ran.folder, "out"))).toEqual([]);
  });

  test("what the code has set or left open does not reach the outputs", async () => {
    const ran = wentWell(
      await runR({
        code: "writeLines('y', 'a.txt')\ndir.create('d'); setwd('d'); writeLines('z', 'own.bin')\noptions(warn = 2, OutDec = ',', scipen = -9, digits = 3, encoding = 'latin1')\nt <- data.frame(x = c(100000, 0.1234567890123), s = 'é')\nown <- 'own.bin'\nprint <- cat <- paste0 <- c <- function(...) stop('not for you')\nlog_artifact('own.bin')\n",
        artifacts: [
          artifact("t", "csv"),
          artifact("own", "file"),
          artifact("a", "text", { path: "a.txt" }),
          artifact("bin", "file", { variable: null, path: "own.bin" }),
        ],
      }),
    );
    expect(ran.output("t.csv")).toBe('x,s\n100000,"é"\n0.1234567890123,"é"\n');
    expect(ran.output("own.file")).toBe("z\n");
    expect(eventsOf(ran, "artifact").map(({ path }) => path)).toEqual([
      "own.bin",
      "t.csv",
      "own.file",
      "a.txt",
    ]);
  });

  test("log_artifact copies a file or folder, and nothing out of the run", async () => {
    const ran = wentWell(
      await runR({
        code: "writeLines('x', 'a.txt'); dir.create('d'); writeLines('y', 'd/b')\nlog_artifact('a.txt')\nlog_artifact('d', 'deep')\nset_tag('stage', 'late'); set_tag('n', 100000); set_tag('on', TRUE)\ncat(class(try(log_artifact('a.txt', '../..'), silent = TRUE)))\n",
      }),
    );
    expect(ran.output("a.txt")).toBe("x\n");
    expect(ran.output("deep/d/b")).toBe("y\n");
    expect(ran.stdout).toBe("try-error");
    expect(eventsOf(ran, "artifact").map(({ path, folder }) => [path, folder])).toEqual([
      ["a.txt", false],
      ["deep/d", true],
    ]);
    expect(eventsOf(ran, "tag").map(({ key, value }) => [key, value])).toEqual([
      ["stage", "late"],
      ["n", "100000"],
      ["on", "true"],
    ]);
    expect(existsSync(join(ran.folder, "..", "a.txt"))).toBe(false);
  });
});

describe.skipIf(noR)("speed", () => {
  test("ten thousand metrics by call cost less than a second over the bare loop", async () => {
    const ran = wentWell(
      await runR({
        code: "used <- function(t) t[['user.self']] + t[['sys.self']]\nnone <- function(...) NULL\nbare <- used(system.time(for (i in 1:10000) none('loss', i / 3, step = i)))\ncat(used(system.time(for (i in 1:10000) log_metric('loss', i / 3, step = i))) - bare)\n",
      }),
    );
    expect(eventsOf(ran, "metric")).toHaveLength(10_000);
    // Processor time: what else the machine does is not counted.
    expect(Number(ran.stdout)).toBeLessThan(1);
  });
});
