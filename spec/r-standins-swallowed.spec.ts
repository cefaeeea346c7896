/** Errors that {mlflow} catches, the real one or mlpipe's own, reach the runner with their line; and params reach the real one. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseStepEvent } from "../src/run/step-event.ts";
import { startFake } from "./support/fake-server.ts";
import { type Ended, runProgram } from "./support/mlpipe.ts";
import { eventsOf, float, noR, runR, testFolder, wentWell } from "./support/r-step.ts";
import { commandEnvironment, installPackage, printedBy, runScript } from "./support/stand-ins.ts";

/** What {mlflow} has that matters here: where it keeps params, and how it catches errors. */
const realNamespace = `export(mlflow_start_run, mlflow_param, mlflow_source)
S3method(with, mlflow_run)
`;
const realCode = `.globals <- new.env(parent = emptyenv())
mlflow_start_run <- function() structure(list(run_uuid = "1"), class = "mlflow_run")
mlflow_param <- function(name, default = NULL, type = NULL, description = NULL) {
  value <- .globals$run_params[[name]]
  if (is.null(value)) default else value
}
with.mlflow_run <- function(data, expr, ...) {
  tryCatch(force(expr), error = function(problem) message("caught: ", conditionMessage(problem)))
  invisible(NULL)
}
mlflow_source <- function(uri) {
  uri <- as.character(substitute(uri))
  tryCatch(source(uri, local = parent.frame()), error = function(problem) message("caught: ", conditionMessage(problem)))
  invisible(NULL)
}
`;

/** A library with a package that is built like the real {mlflow}. */
async function realLibrary(code = realCode, namespace = realNamespace): Promise<string> {
  const library = path.join(testFolder(), "lib");
  await installPackage(library, "mlflow", namespace, code);
  return library;
}

async function serverUri(): Promise<string> {
  const server = await startFake();
  onTestFinished(() => server.close());
  return server.uri;
}

interface Swallowed {
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

/** The events of `file`, each as the runner reads it. */
function swallowedIn(file: string): readonly Swallowed[] {
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const event = parseStepEvent(line);
      if (!("kind" in event) || event.kind !== "swallowed") throw new Error(line);
      return { file: event.file, line: event.line, message: event.message };
    });
}

async function failing(code: string, env: Readonly<Record<string, string>>) {
  const events = path.join(testFolder(), "events.ndjson");
  const ended = await runScript(code, { env: { MLPIPE_STEP_EVENTS: events, ...env } });
  return { ended, swallowed: swallowedIn(events) };
}

const nested = `library(mlflow)
prepare <- function(rows) {
  kept <- rows[, 1]
  if (length(kept)) {
    stop("no \\"rows\\" left: é")
  }
}
with(mlflow_start_run(), {
  x <- 1

  prepare(iris)
})
cat("on")
`;

describe.skipIf(noR)("an error in with()", () => {
  test("is told by the stand-in with the line of the innermost call", async () => {
    const env = { MLFLOW_TRACKING_URI: await serverUri() };
    const { ended, swallowed } = await failing(nested, env);
    expect([ended.code, ended.stdout]).toEqual([0, "on"]);
    expect(ended.stderr).toBe('Error in prepare(iris) : no "rows" left: é\n');
    expect(swallowed).toEqual([{ file: "script.R", line: 5, message: 'no "rows" left: é' }]);
  });

  test("is told where the real {mlflow} catches it", async () => {
    const env = { R_LIBS: await realLibrary() };
    const { ended, swallowed } = await failing(nested, env);
    expect([ended.code, ended.stdout]).toEqual([0, "on"]);
    expect(ended.stderr).toBe('caught: no "rows" left: é\n');
    expect(swallowed).toEqual([{ file: "script.R", line: 5, message: 'no "rows" left: é' }]);
  });

  test.each([
    ["a missing variable", "  sum(1,\n      nothing_there)\n", 3],
    ["an error of a package's own", "  stats::lm(y ~ x,\n    list())\n", 3],
    ["code that stands there twice", "  log(-1)\n  f <- function() log('a')\n  f()\n", 4],
    ["an index left out", "  iris[, 'none']\n", 3],
  ])("finds the line of %s", async (_, body, line) => {
    const code = `library(mlflow)\nwith(mlflow_start_run(), {\n${body}})\n`;
    const { swallowed } = await failing(code, { MLFLOW_TRACKING_URI: await serverUri() });
    expect(swallowed).toMatchObject([{ file: "script.R", line }]);
  });

  test("is printed all the same where nobody can be told", async () => {
    const env = { MLPIPE_STEP_EVENTS: "/proc/none", MLFLOW_TRACKING_URI: await serverUri() };
    const ended = await runScript(nested, { env });
    expect([ended.code, ended.stdout]).toEqual([0, "on"]);
    expect(ended.stderr).toContain("mlpipe is not told of this error: ");
    expect(ended.stderr).toContain('Error in prepare(iris) : no "rows" left: é\n');
  });

  test("a run that the code has ended itself stays as it is", async () => {
    const server = await startFake();
    onTestFinished(() => server.close());
    const code =
      'library(mlflow)\nwith(mlflow_start_run(), { invisible(mlflow_end_run("KILLED")) })\ncat("on")';
    const env = { MLFLOW_TRACKING_URI: server.uri };
    server.answers.set("runs/get", '{"run":{"info":{"run_id":"run1"}}}');
    expect(await printedBy(code, { env })).toBe("on");
    expect(server.requests.filter(({ path }) => path.endsWith("runs/update"))).toHaveLength(1);
  });

  test("that the code itself catches is not told", async () => {
    const events = path.join(testFolder(), "events.ndjson");
    writeFileSync(events, "");
    const code =
      'library(mlflow)\nwith(mlflow_start_run(), cat(is.null(tryCatch(stop("x"), error = function(e) NULL)), inherits(try(stop("y"), silent = TRUE), "try-error")))';
    const env = { MLPIPE_STEP_EVENTS: events, MLFLOW_TRACKING_URI: await serverUri() };
    expect(await printedBy(code, { env })).toBe("TRUE TRUE");
    expect(readFileSync(events, "utf8")).toBe("");
  });
});

describe.skipIf(noR)("an error under mlflow_source()", () => {
  const source = (folder: string, env: Readonly<Record<string, string>>): Promise<Ended> =>
    runProgram("Rscript", ["-e", "mlflow::mlflow_source('train.R')"], {
      cwd: folder,
      env: commandEnvironment({ MLPIPE_STEP_EVENTS: path.join(folder, "events.ndjson"), ...env }),
    });
  const script = (): string => {
    const folder = testFolder();
    writeFileSync(path.join(folder, "train.R"), 'y <- 2\n\nf <- function() stop("boo")\nf()\n');
    return folder;
  };

  test("is told by the stand-in with its line, and ends R", async () => {
    const folder = script();
    expect((await source(folder, {})).code).toBe(1);
    expect(swallowedIn(path.join(folder, "events.ndjson"))).toEqual([
      { file: "train.R", line: 3, message: "boo" },
    ]);
  });

  test("is told where an installed {mlflow} catches it", async () => {
    const folder = script();
    const env = { R_LIBS: await realLibrary() };
    const ended = await source(folder, env);
    expect([ended.code, ended.stderr]).toEqual([0, "caught: boo\n"]);
    expect(swallowedIn(path.join(folder, "events.ndjson"))).toEqual([
      { file: "train.R", line: 3, message: "boo" },
    ]);
  });
});

describe.skipIf(noR)("an {mlflow} of its own installed", () => {
  const show = `for (name in c("cp", "depth", "code", "big", "none")) {
  value <- mlflow::mlflow_param(name, "default")
  cat(typeof(value), format(value), "\\n")
}`;

  test("finds the runner's params, typed where nothing is lost", async () => {
    const params = { cp: "0.05", depth: "3", code: "007", big: "3000000000" };
    const env = { R_LIBS: await realLibrary(), MLPIPE_PARAMS: JSON.stringify(params) };
    expect(await printedBy(show, { env })).toBe(
      "double 0.05 \ninteger 3 \ncharacter 007 \ndouble 3e+09 \ncharacter default \n",
    );
  });

  test("finds them when a profile loads it first", async () => {
    const env = {
      R_LIBS: await realLibrary(),
      MLPIPE_PARAMS: '{"cp":"0.05"}',
      MLPIPE_R_PROFILE_USER: "own.R",
    };
    const files = { "own.R": "library(mlflow)\n" };
    expect(await printedBy('cat(mlflow_param("cp", 1))', { env, files })).toBe("0.05");
  });

  test("of an unknown make is used as it is, and that is said", async () => {
    const library = await realLibrary(
      "mlflow_param <- function(...) 1\n",
      "export(mlflow_param)\n",
    );
    const ended = await runScript("cat(mlflow::mlflow_param('cp'))", { env: { R_LIBS: library } });
    expect(ended.stdout).toBe("1");
    expect(ended.stderr).toContain(
      "mlpipe does not know this version of {mlflow}, so params may not",
    );
  });
});

describe.skipIf(noR)("a step of mlpipe", () => {
  test("gives its params to mlflow_param(), and tells what with() swallows with the line of the file", async () => {
    const ran = wentWell(
      await runR({
        line: 20,
        params: [float("cp", 0.05), { name: "depth", type: "int", value: 4 }],
        env: { MLFLOW_TRACKING_URI: await serverUri() },
        code: `library(mlflow)
cat(mlflow_param("cp", 1), typeof(mlflow_param("depth", 1L)))
with(mlflow_start_run(), {
  stop("boo")
})
`,
      }),
    );
    expect(ran.stdout).toBe("0.05 integer");
    expect(eventsOf(ran, "swallowed")).toMatchObject([
      { file: "test.mlpipe", line: 23, message: "boo" },
    ]);
    expect(eventsOf(ran, "end")[0]?.packages).toEqual([]);
  });
});
