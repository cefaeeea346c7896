/** Crates in R: functions that carry their data, kept on disk as {mlflow} keeps them. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { eventsOf, findings, model, noR, runR, wentWell } from "./support/r-step.ts";

const printed = async (code: string): Promise<string> => wentWell(await runR({ code })).stdout;

describe.skipIf(noR)("crate()", () => {
  test("answers as carrier::crate, after library(carrier) and by itself", async () => {
    expect(
      await printed(
        "m <- 2\nf <- carrier::crate(function(x) x * m, m = m)\nlibrary(carrier)\ng <- crate(function(x) x * m, m = m)\ncat(f(3), g(4), requireNamespace('carrier'), class(f), identical(parent.env(environment(f)), baseenv()))\n",
      ),
    ).toBe("6 8 TRUE crate TRUE");
    expect(await printed("k <- 5\ncat(crate(function(x) x + k, k = k)(1))\n")).toBe("6");
  });

  test("is there for code that is sourced and names carrier only then", async () => {
    const ran = wentWell(
      await runR({
        files: { "help.R": "made <- carrier::crate(function() 7)\n" },
        code: "source('help.R')\ncat(made())\n",
      }),
    );
    expect(ran.stdout).toBe("7");
    expect(eventsOf(ran, "end")[0]?.packages).toEqual([]);
  });

  test("an installed {carrier} wins", async () => {
    const ran = wentWell(
      await runR({
        env: { R_LIBS: "lib" },
        files: {
          "src/DESCRIPTION":
            "Package: carrier\nVersion: 9.9\nTitle: x\nLicense: x\nDescription: x\nAuthor: x\nMaintainer: x <x@x.x>\n",
          "src/NAMESPACE": "export(crate)\n",
          "src/R/crate.R": "crate <- function(...) 'the real one'\n",
          "lib/keep": "",
        },
        code: "utils::install.packages('src', lib = 'lib', repos = NULL, type = 'source', quiet = TRUE)\ncat(carrier::crate(function() 1))\n",
      }).then((first) =>
        runR({
          folder: first.folder,
          env: { R_LIBS: join(first.folder, "lib") },
          code: "cat(carrier::crate(function() 1))\n",
        }),
      ),
    );
    expect(ran.stdout).toBe("the real one");
    expect(eventsOf(ran, "end")[0]?.packages).toEqual([{ name: "carrier", version: "9.9" }]);
  });

  test("replaces !! by values, one operand each", async () => {
    expect(
      await printed(
        "k <- 5\nf <- carrier::crate(function(x, ...) { if (x > !!k && TRUE) x - !!k + 1 else foo(!!(k + 1))[1, ] })\nprint(body(f))\n",
      ),
    ).toBe("{\n    if (x > 5 && TRUE) \n        x - 5 + 1\n    else foo(6)[1, ]\n}\n");
  });

  test("takes formulas, and values that build on each other", async () => {
    expect(
      await printed("cat(crate(~ .x + .y)(1, 2), crate(function() b, a = 1, b = a + 1)())\n"),
    ).toBe("3 2");
  });

  test("sees nothing but what it carries", async () => {
    const ran = await runR({ code: "y <- 1\nf <- crate(function(x) x + y)\nf(1)\n" });
    expect(findings(ran)).toEqual(["R0810 test.mlpipe:3:1 object 'y' not found"]);
  });

  test("refuses values without a name", async () => {
    const ran = await runR({ code: "m <- 1\nf <- crate(function(x) x, m)\n" });
    expect(findings(ran)).toEqual([
      "R0810 test.mlpipe:2:1 each value that a crate carries needs a name: crate(function(x) ..., m = m)",
    ]);
  });
});

describe.skipIf(noR)("models", () => {
  test("a crate is one file that plain R reads, with no trace of its source", async () => {
    const ran = wentWell(
      await runR({
        code: "fit <- lm(dist ~ speed, cars)\ncars_model <- carrier::crate(function(d) {\n  # a comment\n  stats::predict(fit, d)\n}, fit = fit)\n",
        models: [model("cars_model", { path: "deep/model" })],
      }),
    );
    expect(readdirSync(join(ran.folder, "out/deep/model"))).toEqual(["crate.bin"]);
    expect(eventsOf(ran, "model")).toMatchObject([
      {
        key: "cars_model",
        path: "deep/model",
        flavor: "crate",
        flavorInfo: { version: "0.1.0", model: "crate.bin" },
        packages: [],
      },
    ]);
    const read = `x <- readRDS('${ran.folder}/out/deep/model/crate.bin')\nstopifnot(is.raw(x), identical(x[1:6], as.raw(c(0x58, 0x0a, 0, 0, 0, 3))))\nf <- unserialize(x)\ncat(class(f), f(data.frame(speed = 10)), is.null(attributes(f)$srcref))\nprint(f(data.frame(speed = 10)))\n`;
    expect((await runR({ code: read })).stdout).toContain("crate 21.74");
  });

  test("packages are those that own the classes, those called, and those declared", async () => {
    const ran = wentWell(
      await runR({
        code: "library(rpart)\nfit <- rpart(Species ~ ., iris)\nm <- crate(function(x) { MASS::ginv(diag(2)); stats::predict(fit, x) }, fit = fit)\n",
        models: [model("m", { packages: ["splines"] })],
      }),
    );
    expect(eventsOf(ran, "model")[0]?.packages.map(({ name }) => name)).toEqual([
      "MASS",
      "rpart",
      "splines",
    ]);
  });

  test("a declared package that is not there is told", async () => {
    const ran = await runR({
      code: "m <- crate(function(x) x)\n",
      models: [model("m", { packages: ["notThere"] })],
    });
    expect(findings(ran)[0]).toContain(
      "R0812 test.mlpipe:1:1 the model `m` declares the package `notThere`; it is not installed | in R: install",
    );
  });

  test("what is no crate is told with its line", async () => {
    const plain = await runR({ code: "\nm <- function(x) x\n", models: [model("m")] });
    expect(findings(plain)[0]).toContain(
      "R0802 test.mlpipe:2:1 the model `m` is a function, not a crate: what it uses would be missing elsewhere",
    );
    const fit = await runR({ code: "m <- lm(dist ~ speed, cars)\n", models: [model("m")] });
    expect(findings(fit)[0]).toContain(
      "R0802 test.mlpipe:1:1 the model `m` is an object of class lm, not a crate | write: m <- carrier::crate(",
    );
    expect(existsSync(join(plain.folder, "out/m"))).toBe(false);
  });

  test("a probe records rows and predictions", async () => {
    const ran = wentWell(
      await runR({
        code: "rows <- data.frame(x = c(0.1, 2))\nm <- crate(function(d) d$x * 2)\n",
        models: [model("m", { probe: "rows" })],
      }),
    );
    expect(JSON.parse(ran.output("m/probe.json"))).toEqual({
      rows: [{ x: 0.1 }, { x: 2 }],
      predictions: [0.2, 4],
    });
  });

  test("what a formula has captured of the code holds neither secrets nor the run", async () => {
    const ran = wentWell(
      await runR({
        code: "fit <- lm(dist ~ speed, cars)\nm <- crate(function(d) predict(fit, d), fit = fit)\nseen <- nchar(token)\n",
        models: [model("m")],
        secrets: { token: "MY_TOKEN" },
        env: { MY_TOKEN: "s3cret-word" },
      }),
    );
    const crate = gunzipSync(readFileSync(join(ran.folder, "out/m/crate.bin"))).toString("latin1");
    expect(crate).toContain("seen");
    expect(crate).not.toContain("s3cret-word");
    expect(crate).not.toContain("token\0");
  });

  test("a folder model is copied whole", async () => {
    const ran = wentWell(
      await runR({
        code: "dir.create('net/deep', recursive = TRUE); writeLines('w', 'net/deep/w')\nnet <- 'net'\n",
        models: [model("net", { flavor: "folder", path: "models/net" })],
      }),
    );
    expect(ran.output("models/net/net/deep/w")).toBe("w\n");
    expect(eventsOf(ran, "model")).toMatchObject([
      { flavor: "folder", flavorInfo: { data: "net" } },
    ]);
  });

  test("equal code makes equal bytes", async () => {
    const wanted = {
      seed: 3,
      code: "fit <- lm(dist ~ speed, cars[sample(50, 30), ])\nm <- crate(function(d) stats::predict(fit, d), fit = fit)\n",
      models: [model("m")],
    };
    const [first, second] = [wentWell(await runR(wanted)), wentWell(await runR(wanted))];
    expect(first.output("m/crate.bin")).toBe(second.output("m/crate.bin"));
  });
});
