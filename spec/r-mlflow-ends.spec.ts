/** How runs end whose script speaks {mlflow}: the runner decides, by what has become of the script, and none stays RUNNING. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { RequestOf } from "../src/tracking/endpoints.ts";
import { openTracking } from "../src/tracking/open.ts";
import { type Tracking, TrackingError } from "../src/tracking/tracking.ts";
import { type Attempt, attempt, oneRun, startMlpipe } from "./support/attempt.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { perform, readRuns } from "./support/project.ts";
import { noR } from "./support/r-step.ts";
import { startServer } from "./support/server.ts";
import { serverOfTest } from "./support/server-process.ts";

/** Two runs beside the script's own, one in the other. */
const open = `
own <- Sys.getenv("MLFLOW_RUN_ID")
Sys.unsetenv("MLFLOW_RUN_ID")
outer <- mlflow_start_run()
inner <- mlflow_start_run(nested = TRUE)
mlflow_log_param("who", "inner")
`;

function write(folder: Folder, code: string, ...items: readonly string[]): string {
  folder.write("train.R", `library(mlflow)\n${code}`);
  return oneRun(...items, '  script "train.R"');
}

function run(folder: Folder, code: string, ...items: readonly string[]): Promise<Attempt> {
  return attempt(folder, write(folder, code, ...items));
}

const statuses = (tried: Attempt): readonly string[] => tried.facts.map(({ status }) => status);

describe.skipIf(noR)("a script that ends", () => {
  test.each([
    ["well", "", 0, "FINISHED"],
    ["by an error", 'stop("no such luck")', 1, "FAILED"],
    ["by quit()", "quit(status = 3)", 1, "FAILED"],
    ["by a signal", "tools::pskill(Sys.getpid(), tools::SIGKILL)", 1, "FAILED"],
    ["too late", "Sys.sleep(60)", 124, "KILLED"],
  ])(
    "%s leaves no run RUNNING: all of its runs have its own status",
    async (_, last, code, status) => {
      using folder = temporaryFolder();
      const tried = await run(folder, `${open}\n${last}\n`, "  timeout 4s");
      expect([tried.code, statuses(tried)]).toEqual([code, [status, status, status]]);
      expect(tried.left).toEqual([]);
    },
  );

  test("by Ctrl-C takes its runs along as KILLED", async () => {
    using folder = temporaryFolder();
    const source = write(folder, `${open}\ncat("I am ready\\n")\nSys.sleep(60)\n`);
    folder.write("it.mlpipe", source);
    const running = startMlpipe(["run", "it.mlpipe"], folder.path);
    await running.says("I am ready");
    running.child.kill("SIGINT");
    const { code } = await running.ended;
    const runs = await readRuns(undefined, folder.path);
    expect([code, runs.map(({ status }) => status)]).toEqual([130, ["KILLED", "KILLED", "KILLED"]]);
  });

  test("its other runs itself, or deletes them, is not corrected", async () => {
    using folder = temporaryFolder();
    const tried = await run(
      folder,
      `${open}
mlflow_end_run("FAILED")
mlflow_end_run("KILLED")
mlflow_start_run()
gone <- mlflow_get_run()$run_id
mlflow_log_param("who", "gone")
mlflow::mlflow_end_run()
mlflow_delete_run(gone)
old <- mlflow_start_run()
Sys.setenv(MLFLOW_RUN_ID = own)
mlflow_delete_run <- function(id) mlflow:::call_endpoint(mlflow_client(), "POST", "runs/delete", mlflow:::json_fields(run_id = id))
mlflow_delete_run(old$run_id)
`,
    );
    expect([tried.code, statuses(tried)]).toEqual([0, ["FINISHED", "KILLED", "FAILED"]]);
    expect(tried.stderr).not.toContain("warning");
  });
});

describe.skipIf(noR)("an error that {mlflow} catches", () => {
  const twice = `
for (i in 1:2) with(mlflow_start_run(), {
  if (i == 1) stop("no such luck")
  mlflow_log_metric("m", 1)
})
`;

  test("fails the run, though the script has ended it well afterwards", async () => {
    using folder = temporaryFolder();
    const tried = await run(folder, twice, "  metric m");
    expect(tried.stderr).toMatch(/train\.R:4.*error R0813 {2}no such luck/);
    expect([tried.code, statuses(tried)]).toEqual([1, ["FAILED"]]);
  });

  test("is told before what is missing because of it", async () => {
    using folder = temporaryFolder();
    const code = 'with(mlflow_start_run(), {\n  stop("no such luck")\n})\n';
    const tried = await run(folder, code, "  metric m", "  model model");
    expect(tried.stderr).toMatch(/train\.R:3.*error R0813 {2}no such luck/);
    expect(tried.stderr).not.toContain("R0801");
    expect([tried.code, statuses(tried)]).toEqual([1, ["FAILED"]]);
  });

  test("fails the run in a run beside it, too", async () => {
    using folder = temporaryFolder();
    const code = `
Sys.unsetenv("MLFLOW_RUN_ID")
with(mlflow_start_run(), {
  with(mlflow_start_run(nested = TRUE), stop("no such luck"))
  mlflow_set_tag("outer", "goes on")
})
`;
    const tried = await run(folder, code);
    expect(tried.stderr).toMatch(/train\.R:5.*error R0813 {2}no such luck/);
    expect([tried.code, statuses(tried)]).toEqual([1, ["FAILED", "FINISHED", "FAILED"]]);
  });

  test.each([
    ["Rscript train.R", /train\.R:4.*error R0813/],
    ["bash train.sh", /train\.R:4.*error R0813/],
    ["Rscript -e \"mlflow::mlflow_source('train.R')\"", /train\.R:4.*error R0813/],
  ])("fails the run of a project started by %s", async (command, said) => {
    using folder = temporaryFolder();
    write(folder, twice);
    folder.write("train.sh", "Rscript train.R\n");
    folder.write("MLproject", `entry_points: {main: {command: ${JSON.stringify(command)}}}\n`);
    const done = await perform(folder, ["."]);
    expect(done.stderr).toMatch(said);
    expect([done.code, done.runs.map(({ status }) => status)]).toEqual([1, ["FAILED"]]);
    expect(done.stdout).toContain("failed  main");
  });
});

describe.skipIf(noR)("a script that says how its run has ended", () => {
  test.each(["FAILED", "KILLED"])("is believed that it is %s", async (status) => {
    using folder = temporaryFolder();
    const code = `mlflow_log_metric("m", 1)\nmlflow_end_run("${status}")\n`;
    const tried = await run(folder, code, "  metric m");
    expect(tried.stderr).toContain(`error R0814  the script ended its own run as ${status}`);
    expect([tried.code, statuses(tried)]).toEqual([1, [status]]);
    folder.write("MLproject", 'entry_points: {main: {command: "Rscript train.R"}}\n');
    const done = await perform(folder, ["."]);
    expect(done.stderr).toContain(`error R0814  the script ended its own run as ${status}`);
    expect([done.code, done.runs.map((one) => one.status)]).toEqual([1, [status, status]]);
  });

  test("may change its mind", async () => {
    using folder = temporaryFolder();
    const code =
      'mlflow_start_run()\nmlflow_end_run("FAILED")\nmlflow_start_run()\nmlflow_end_run()\n';
    expect(statuses(await run(folder, code))).toEqual(["FINISHED"]);
  });

  test("is not believed that it is FINISHED when it fails afterwards", async () => {
    using folder = temporaryFolder();
    const tried = await run(folder, 'mlflow_start_run()\nmlflow_end_run()\nstop("no such luck")\n');
    expect(tried.stderr).toContain("error R0810  no such luck");
    expect([tried.code, statuses(tried)]).toEqual([1, ["FAILED"]]);
  });

  test("cannot delete the run, nor the experiment that holds it", async () => {
    using folder = temporaryFolder();
    const code = `
delete <- function(what, ...) {
  asked <- mlflow:::json_fields(...)
  tryCatch(mlflow:::call_endpoint(mlflow_client(), "POST", what, asked), error = function(e) message("refused: ", conditionMessage(e)))
}
delete("runs/delete", run_id = Sys.getenv("MLFLOW_RUN_ID"))
delete("experiments/delete", experiment_id = "0")
mlflow_log_metric("m", 1)
`;
    const tried = await run(folder, code, "  metric m");
    expect(tried.stderr).toMatch(/refused: .*runs\/delete.*\nrefused: .*experiments\/delete/);
    expect([tried.code, statuses(tried)]).toEqual([0, ["FINISHED"]]);
  });
});

/** Keeps all others from writing to the store, for as long as it is let live. */
const lock = `
import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
new DatabaseSync("mlflow.db").exec("BEGIN IMMEDIATE");
writeFileSync("locked", "");
setTimeout(() => {}, 60_000);
`;

describe.skipIf(noR)("a gateway that fails", () => {
  test("since its server cannot be loaded, says why, and the run ends", async () => {
    using folder = temporaryFolder();
    const hook = `import { registerHooks } from "node:module";
registerHooks({ resolve(name, context, next) {
  if (name === "fastify") throw new Error("fastify is damaged");
  return next(name, context);
} });`;
    const file = folder.write("break.mjs", hook);
    const tried = await attempt(
      folder,
      write(folder, 'mlflow_log_metric("m", 1)\n', "  metric m"),
      {
        env: { NODE_OPTIONS: `--import=file://${file}` },
      },
    );
    expect(tried.stderr).toContain("fastify is damaged");
    expect(tried.stderr).toContain("error R0810");
    expect([tried.code, statuses(tried), tried.left]).toEqual([1, ["FAILED"], []]);
  });

  test("since the store behind it does, says why once, and hides no failure", async () => {
    using folder = temporaryFolder();
    folder.write("lock.mjs", lock);
    const code = `${open}
system2("${process.execPath}", "lock.mjs", wait = FALSE)
while (!file.exists("locked")) Sys.sleep(0.05)
for (i in 1:3) try(mlflow_log_metric("m", i))
stop("no such luck")
`;
    const env = { MLPIPE_TRACKING_TIMEOUT: "0.2" };
    const tried = await attempt(folder, write(folder, code), { env });
    expect(tried.stderr.match(/^warning .*locked/gm)).toHaveLength(1);
    expect(tried.stderr).toContain("error R0810  no such luck");
    expect(tried.stderr).not.toMatch(/internal error|^ +at /m);
    expect([tried.code, statuses(tried)]).toEqual([1, ["FAILED", "FAILED", "FAILED"]]);
  });

  test("since its server has gone, lets the run go on here, with the runs beside it", async () => {
    using shelf = temporaryFolder();
    using folder = temporaryFolder();
    const server = await serverOfTest(shelf.path);
    const code = `${open}
cat("I am ready\\n")
while (!file.exists("go")) Sys.sleep(0.05)
mlflow_log_param("after", "1")
mlflow_log_artifact("train.R")
`;
    folder.write("it.mlpipe", write(folder, code));
    const running = startMlpipe(["run", "it.mlpipe"], folder.path, {
      MLFLOW_TRACKING_URI: server.uri,
      MLPIPE_TRACKING_TIMEOUT: "2",
    });
    await running.says("I am ready");
    await server.end("SIGKILL");
    folder.write("go", "");
    const ended = await running.ended;
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining("warning R0856")]);
    const runs = await readRuns("sqlite:///mlflow.db", folder.path);
    expect(runs.map(({ status }) => status)).toEqual(["FINISHED", "FINISHED", "FINISHED"]);
    expect(runs.map(({ params }) => params["after"]).filter(Boolean)).toEqual(["1"]);
  });

  test.each([
    ["", /error R0852 {2}the tracker did not take the end of the run/],
    [
      'stop("no such luck")',
      /warning R0852 {2}the tracker did not take[^]*error R0810 {2}no such luck/,
    ],
  ])(
    "to end a run beside the script's own says so, behind the first failure: %s",
    async (last, said) => {
      const server = await startServer({ tracking: await stubbornTracking() });
      using folder = temporaryFolder();
      folder.write("it.mlpipe", write(folder, `${open}\n${last}\n`));
      const env = { MLFLOW_TRACKING_URI: server.url };
      const ended = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path, env });
      expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(said)]);
      const [own] = await readRuns(server.url, folder.path);
      expect([own?.name, own?.status]).toEqual(["it", "FAILED"]);
    },
  );
});

/** Ends no run but those that are called `it`. */
async function stubbornTracking(): Promise<Tracking> {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const store = await openTracking(undefined, { folder: folder.path });
  return {
    uri: store.uri,
    async call(endpoint, request) {
      if (endpoint === "runs/update") {
        const { run_id } = request as RequestOf<"runs/update">;
        const { run } = await store.call("runs/get", { run_id });
        if (run.info.run_name !== "it") throw new TrackingError("PERMISSION_DENIED", "not yours");
      }
      return store.call(endpoint, request);
    },
    upload: (...given) => store.upload(...given),
    download: (...given) => store.download(...given),
    close: () => store.close(),
  };
}
