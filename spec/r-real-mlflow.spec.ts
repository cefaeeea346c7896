/** A package {mlflow} that is installed, and goes the real one's ways: it is used, and comes to the same as mlpipe's own. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Attempt, attempt, oneRun } from "./support/attempt.ts";
import { startFake } from "./support/fake-server.ts";
import { type Folder, root, temporaryFolder } from "./support/mlpipe.ts";
import { perform } from "./support/project.ts";
import { noR } from "./support/r-step.ts";
import { installPackage, runScript } from "./support/stand-ins.ts";

const code = readFileSync(path.join(root, "spec", "support", "real-mlflow.R"), "utf8");
const workshop = path.join(root, "spec", "workshop");

/** A library with the package in it. */
let library = "";
beforeAll(async () => {
  library = mkdtempSync(path.join(tmpdir(), "mlpipe-real-mlflow-"));
  const namespace = 'exportPattern("^mlflow_")\nS3method(with, mlflow_run)\n';
  if (!noR) await installPackage(library, "mlflow", namespace, code);
});
afterAll(() => rmSync(library, { recursive: true, force: true }));

function run(folder: Folder, script: string, ...items: readonly string[]): Promise<Attempt> {
  folder.write("train.R", `library(mlflow)\n${script}`);
  const source = oneRun(...items, '  script "train.R"');
  return attempt(folder, source, { env: { R_LIBS: library } });
}

describe.skipIf(noR)("a script with an {mlflow} of its own installed", () => {
  test("uses it, and comes to the same facts as with mlpipe's own", async () => {
    const script = `
message("version ", packageVersion("mlflow"))
mlflow_set_experiment("/Shared/jouw_naam")
cp <- mlflow_param("cp", 0.5)
with(mlflow_start_run(), {
  mlflow_log_param("cp", cp)
  column <- mlflow_log_param("column", 1)
  linear_model <- lm(Sepal.Width ~ Sepal.Length, iris)
  predictor <- carrier::crate(function(x) stats::predict(model, x), model = linear_model)
  for (i in 1:3) mlflow_log_metric("loss", 1 / 2^i, step = i)
  mlflow_log_model(predictor, "model")
  mlflow_set_tag("beschrijving", "baseline model")
  writeLines("Hello World!", "output.txt")
  mlflow_log_artifact("output.txt", "notes")
})
again <- mlflow_load_model(paste0("runs:/", Sys.getenv("MLFLOW_RUN_ID"), "/model"))
cat("same:", again(iris[1, ]) == predictor(iris[1, ]), "\\n")
`;
    const items = ["  param cp: float = 0.05", "  metric loss over epoch", "  model model"];
    using ours = temporaryFolder();
    using theirs = temporaryFolder();
    ours.write("train.R", `library(mlflow)\n${script}`);
    const own = await attempt(ours, oneRun(...items, '  script "train.R"'));
    const real = await run(theirs, script, ...items);
    expect([own.code, real.code]).toEqual([0, 0]);
    expect([own.stderr, real.stderr]).toEqual([
      expect.stringContaining("version 0.0.0"),
      expect.stringContaining("version 9.9"),
    ]);
    expect([own.stdout, real.stdout]).toEqual(
      [1, 2].map(() => expect.stringContaining("same: TRUE") as string),
    );
    // A package that is installed has a version, which nothing pins here.
    const score = "5/6: pin mlflow (no lock file names its version)";
    const [facts] = own.facts;
    const tags = { ...facts?.tags, "mlpipe.replayable": score };
    expect(real.facts).toEqual([{ ...facts, tags }]);
    expect(real.facts[0]?.artifacts).toContain("notes/output.txt");
    expect(real.stdout).toContain("\n  model/crate.bin\n");
    expect(real.left).toEqual([]);
  });

  test("fails with the line of the first error that with() has caught", async () => {
    using folder = temporaryFolder();
    const tried = await run(
      folder,
      `m <- 1
for (i in 1:3) {
  with(mlflow_start_run(), {
    if (i == 2) stop("no such luck")
  })
}
`,
      "  metric m",
    );
    expect(tried.stderr).toMatch(/train\.R:5.*error R0813 {2}no such luck/);
    expect([tried.code, tried.facts[0]?.status]).toEqual([1, "FAILED"]);
  });

  test("has a project run by mlflow_run(), in a run of its own", async () => {
    using folder = temporaryFolder();
    cpSync(path.join(workshop, "project"), folder.path, { recursive: true });
    const train = readFileSync(path.join(workshop, "project", "train.R"), "utf8");
    folder.write("inner.R", train);
    const project = readFileSync(path.join(workshop, "project", "MLproject"), "utf8");
    folder.write("MLproject", project.replace("train.R", "inner.R"));
    const tried = await run(
      folder,
      'id <- mlflow_run(".", list(cp = 0.02, maxdepth = 2), "local")\ncat("inner:", mlflow_get_run(id)$status, "\\n")\n',
    );
    expect([tried.code, tried.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(tried.stdout).toContain("inner: FINISHED");
    expect(tried.facts).toMatchObject([
      { name: "it", status: "FINISHED", params: {} },
      { status: "FINISHED", params: { cp: "0.02", maxdepth: "2" } },
    ]);
  });
});

describe.skipIf(noR)("a project with an {mlflow} of its own installed", () => {
  const bySource = "Rscript -e \"mlflow::mlflow_source('train.R')\" --args --cp={cp}";
  const byName = "Rscript train.R -P cp={cp}";

  async function project(folder: Folder, command: string, script: string) {
    const declared = "parameters: {cp: {type: float, default: 0.5}}";
    const main = `{${declared}, command: ${JSON.stringify(command)}}`;
    folder.write("MLproject", `entry_points: {main: ${main}}\n`);
    folder.write("train.R", `library(mlflow)\n${script}`);
    return perform(folder, [".", "-P", "cp=0.02"], { R_LIBS: library });
  }

  const good = 'cp <- mlflow_param("cp", 0.1)\nmlflow_log_metric("cp", cp)\n';
  const bad =
    'mlflow_log_metric("m", 1)\nf <- function() stop("no such luck")\nf()\ncat("on\\n")\n';

  test.each([
    ["mlflow_source()", bySource],
    ["mlflow_source() and params that it does not know", bySource.replace("--cp=", "-P cp=")],
    ["Rscript", byName],
    ["R without a profile", byName.replace("Rscript", "Rscript --vanilla")],
  ])("under %s has done well when its script has", async (form, command) => {
    using folder = temporaryFolder();
    const done = await project(folder, command, good);
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(done.runs.map(({ status }) => status)).toEqual(["FINISHED"]);
    // Without its profile nobody tells {mlflow} what mlpipe knows.
    if (!form.includes("without")) expect(done.stdout).toMatch(/cp = 0\.02\n/);
  });

  test.each([
    ["mlflow_source()", bySource, /train\.R:3.*error R0813 {2}no such luck/],
    ["Rscript", byName, /error R0870/],
  ])("under %s has failed when its script has", async (_, command, said) => {
    using folder = temporaryFolder();
    const done = await project(folder, command, bad);
    expect(done.stderr).toMatch(said);
    expect([done.code, done.runs.map(({ status }) => status)]).toEqual([1, ["FAILED"]]);
  });
});

describe.skipIf(noR)("the package of these tests", () => {
  test("asks what the real {mlflow} was recorded to ask", async () => {
    const fake = await startFake();
    using folder = temporaryFolder();
    try {
      fake.answers.set("experiments/get-by-name", '{"experiment":{"experiment_id":"1"}}');
      fake.answers.set("runs/get", '{"run":{"info":{"run_uuid":"run1","run_id":"run1"}}}');
      await runScript(readFileSync(path.join(workshop, "context.R"), "utf8"), {
        folder: folder.path,
        env: {
          R_LIBS: library,
          MLFLOW_TRACKING_URI: fake.uri,
          MLFLOW_BIN: "/bin/true",
          MLFLOW_PYTHON_BIN: "/bin/true",
        },
      });
      const asked = fake.requests.map(({ method, path: at, body }) => shapeOf(method, at, body));
      expect(asked).toEqual(recorded());
    } finally {
      await fake.close();
    }
  });
});

/** Verb, address and fields of a request; ids and times are as they may. */
function shapeOf(method: string | undefined, address: string, body: string | undefined): string {
  const fields = body ? Object.entries(JSON.parse(body) as Record<string, unknown>) : [];
  const shown = fields.map(([name, value]) => `${name}:${typeof value}`).join(" ");
  return `${method} ${address.replace(/=([0-9a-f]{32}|run1)/g, "=ID")} ${shown}`;
}

function recorded(): readonly string[] {
  const lines = readFileSync(path.join(root, "spec", "support", "r-wire.ndjson"), "utf8");
  return (
    lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string>)
      .filter(
        ({ section, url }) => section?.startsWith("1. ") && !url?.includes("experiments/create"),
      )
      // What the command has asked, not the package.
      .filter(({ url }) => !url?.includes("runs/get?run_id"))
      .map(({ method, url = "", body }) =>
        shapeOf(method, url.replace("%2Fname", "%2Fjouw_naam"), body),
      )
  );
}
