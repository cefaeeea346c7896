/** `mlpipe run` of an MLproject, through the front door: what the command gets, and what the run shows afterwards. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { processesIn, startMlpipe } from "./support/attempt.ts";
import { mlpipe, root } from "./support/mlpipe.ts";
import { note, perform, projectFolder, readRuns } from "./support/project.ts";

const iris = `
name: iris
entry_points:
  main:
    parameters:
      cp: {type: float, default: 0.00001}
      maxdepth: {type: int, default: 3}
      title: {default: "l'été {x}"}
    command: "${note} {cp} {maxdepth} {title}"
  plain: {command: "${note}"}
  files:
    parameters: {data: {type: path, default: note.mjs}, from: {type: uri, default: "s3://a"}}
    command: "${note} {data} {from}"
`;

describe.concurrent("the run of an MLproject", () => {
  test("has MLflow's tags, the declared params as they are, and the status of the command", async () => {
    using folder = projectFolder(iris);
    const done = await perform(folder, [".", "-P", "cp=0.05", "--run-name", "first"]);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    const [run] = done.runs;
    expect(run).toMatchObject({ experiment: "Default", name: "first", status: "FINISHED" });
    expect(run?.params).toEqual({ cp: "0.05", maxdepth: "3", title: "l'été {x}" });
    expect(run?.tags).toEqual({
      "mlpipe.attempt": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "mlpipe.manifest": expect.stringMatching(/^[0-9a-f]{64}$/),
      "mlpipe.replayable": "6/6",
      "mlflow.user": process.env["LOGNAME"] ?? process.env["USER"] ?? userInfo().username,
      "mlflow.runName": "first",
      "mlflow.source.name": folder.path,
      "mlflow.source.type": "PROJECT",
      "mlflow.project.entryPoint": "main",
      "mlflow.project.backend": "local",
    });
    expect(run?.artifacts).toEqual(["mlpipe"]);
  });

  test("gives the command its values as words, its folder, and the run to log to", async () => {
    using folder = projectFolder(iris);
    const { noted, runs } = await perform(folder, ["."]);
    expect(noted).toEqual([
      {
        args: ["1e-05", "3", "l'été {x}"],
        cwd: folder.path,
        env: {
          MLFLOW_TRACKING_URI: `sqlite:///${folder.path}/mlflow.db`,
          MLFLOW_RUN_ID: runs[0]?.id,
          MLFLOW_EXPERIMENT_ID: "0",
          MLPIPE_PARAMS: JSON.stringify({ cp: "1e-05", maxdepth: "3", title: "l'été {x}" }),
        },
      },
    ]);
  });

  test("shows what the command prints on the stream that it chose, as it comes", async () => {
    using folder = projectFolder("entry_points: {main: {command: echo out; echo err >&2}}");
    const done = await perform(folder, ["."]);
    expect(done.stdout).toMatch(
      /^\S+ {2}run \w{32} in Default\nstep {2}main {2}bash, .*\nout\ndone {2}main {2}.*\nFINISHED in/,
    );
    expect(done.stderr).toBe("err\n");
    const [run] = done.runs;
    const log = path.join(folder.path, ".mlpipe", "runs", run?.id ?? "", "log.txt");
    expect(readFileSync(log, "utf8").split("\n").toSorted()).toEqual(["", "err", "out"]);
  });

  test("is told event by event with --json", async () => {
    using folder = projectFolder("entry_points: {main: {command: echo out; exit 3}}");
    const done = await perform(folder, [".", "--json"]);
    const events = done.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string });
    expect(events.map(({ kind }) => kind)).toEqual([
      "run-created",
      "params",
      "step-started",
      "output",
      "step-ended",
      "run-ended",
    ]);
    expect(events.at(-1)).toMatchObject({ outcome: { status: "FAILED", exitCode: 1 } });
  });

  test.each([
    ["exit 3", "FAILED", 1, "R0870  the command of `main` ended with exit code 3"],
    ["kill -9 $$", "FAILED", 1, "R0871  the command of `main` was killed by SIGKILL"],
    ["true", "FINISHED", 0, ""],
    ["false || true", "FINISHED", 0, ""],
  ])("of the command `%s` is %s", async (command, status, code, message) => {
    using folder = projectFolder(`entry_points: {main: {command: "${command}"}}`);
    const done = await perform(folder, ["."]);
    expect([done.code, done.runs[0]?.status]).toEqual([code, status]);
    expect(done.stderr).toContain(message);
  });

  test.each([
    ["FINISHED", "true", "FINISHED", 0, ""],
    [
      "FAILED",
      "true",
      "FAILED",
      1,
      "R0872  the command of `main` ended with exit code 0, but has ended its run as FAILED",
    ],
    ["FINISHED", "false", "FAILED", 1, "R0870"],
    ["KILLED", "false", "KILLED", 1, "R0870"],
    ["RUNNING", "true", "FINISHED", 0, ""],
  ])(
    "that its code has set to %s and then ended by `%s` is %s",
    async (said, then, status, code, message) => {
      const end = `
import { openTracking } from "${root}/src/tracking/open.ts";
const tracking = await openTracking(process.env.MLFLOW_TRACKING_URI);
await tracking.call("runs/update", { run_id: process.env.MLFLOW_RUN_ID, status: "${said}", end_time: 5 });
await tracking.close();`;
      using folder = projectFolder(
        `entry_points: {main: {command: "${process.execPath} end.mjs && ${then}"}}`,
        { "end.mjs": end },
      );
      const done = await perform(folder, ["."]);
      expect(done.stderr).toContain(message);
      expect([done.code, done.runs[0]?.status]).toEqual([code, status]);
    },
  );

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("is KILLED by %s, with all that the command has started", async (signal, code) => {
    using folder = projectFolder(
      'entry_points: {main: {command: "(sleep 1000 & sleep 1000) & echo ready; sleep 1000"}}',
    );
    const running = startMlpipe(["run", "."], folder.path);
    await running.says("ready");
    running.child.kill(signal);
    const ended = await running.ended;
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(`R0853  the run was interrupted by ${signal}`);
    expect(processesIn(folder.path)).toEqual([]);
    expect((await readRuns(undefined, folder.path)).map(({ status }) => status)).toEqual([
      "KILLED",
    ]);
  });

  test("of a script that the MLproject does not mention gets its params behind it", async () => {
    using folder = projectFolder(undefined, { "sub dir/a.sh": 'echo "$0" "$@"', "a.py": "" });
    const done = await perform(folder, [".", "-e", "sub dir/a.sh", "-P", "q=1 2"], {
      SHELL: "/bin/bash",
    });
    expect(done.stdout).toContain("\nsub dir/a.sh --q 1 2\n");
    expect(done.runs[0]).toMatchObject({
      params: { q: "1 2" },
      tags: { "mlflow.project.entryPoint": "sub dir/a.sh" },
    });
  });
});

describe.concurrent("the experiment of a project's run", () => {
  test.each([
    [["--experiment-name", "new"], {}, "new"],
    [[], { MLFLOW_EXPERIMENT_NAME: "from env" }, "from env"],
    [[], { MLFLOW_EXPERIMENT_ID: "0" }, "Default"],
    [["--experiment-id", "0"], { MLFLOW_EXPERIMENT_NAME: "from env" }, "Default"],
  ])("is, with %j and %j, %s", async (words, env: Readonly<Record<string, string>>, experiment) => {
    using folder = projectFolder(iris);
    const done = await perform(folder, [".", "-e", "plain", ...words], env);
    expect([done.code, done.runs[0]?.experiment]).toEqual([0, experiment]);
  });

  test("that is not there by its id is said, and nothing is run", async () => {
    using folder = projectFolder(iris);
    const done = await perform(folder, [".", "--experiment-id", "77"]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain("RESOURCE_DOES_NOT_EXIST");
    expect([done.noted, done.runs]).toEqual([[], []]);
  });
});

describe.concurrent("a parameter of type path", () => {
  test("is made absolute from where mlpipe is started, its default from the project, and logged as given", async () => {
    using folder = projectFolder(undefined, { "data.csv": "" });
    const below = path.join(folder.path, "project");
    mkdirSync(below);
    using project = projectFolder(iris);
    const given = await perform(folder, [project.path, "-e", "files", "-P", "data=data.csv"]);
    expect(given.noted[0]?.args).toEqual([path.join(folder.path, "data.csv"), "s3://a"]);
    expect(given.noted[0]?.cwd).toBe(project.path);
    expect(given.runs[0]?.params["data"]).toBe("data.csv");
    const usual = await perform(folder, [project.path, "-e", "files"]);
    expect(usual.noted[1]?.args[0]).toBe(path.join(project.path, "note.mjs"));
    const uri = await perform(folder, [project.path, "-e", "files", "-P", `data=file://${below}`]);
    expect(uri.noted[2]?.args[0]).toBe(below);
  });

  test("may be an artifact of another run, which is brought, and gone afterwards", async () => {
    using folder = projectFolder(
      `entry_points: {main: {parameters: {data: path}, command: "${note} {data} && cat {data}"}}`,
    );
    await mlpipe(["init", "other", "--node"], { cwd: folder.path });
    folder.write("a.txt", "some data\n");
    const { openTracking } = await import("../src/tracking/open.ts");
    const tracking = await openTracking(undefined, { folder: folder.path });
    const { run } = await tracking.call("runs/create", { experiment_id: "0", start_time: 1 });
    await tracking.upload(run.info.run_id, path.join(folder.path, "a.txt"), "sub/a.txt");
    await tracking.close();
    const uri = `runs:/${run.info.run_id}/sub/a.txt`;
    const done = await perform(folder, [".", "-P", `data=${uri}`, "--storage-dir", "fetched"]);
    expect(done.stderr).toBe("");
    expect(done.stdout).toContain("\nsome data\n");
    expect(done.noted[0]?.args[0]).toMatch(/fetched\/mlpipe-params-\w+\/param_0\/a\.txt$/);
    expect(done.runs.at(-1)?.params).toEqual({ data: uri });
    expect(readdirSync(path.join(folder.path, "fetched"))).toEqual([]);
  });

  test.each([
    ["data=nowhere", "`data` names `nowhere`, which is not in"],
    ["data=https://example.org/a", "mlpipe does not fetch https: addresses"],
    ["data=runs:/x", "is no artifact of a run"],
    ["data=runs:/x/../../y", "is no artifact of a run"],
    ["from=no", "`from` is of type uri, and `no` is none"],
  ])("that is given as %s is refused before there is a run", async (pair, message) => {
    using folder = projectFolder(iris);
    const done = await perform(folder, [".", "-e", "files", "-P", pair]);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(message);
    expect([done.noted, done.runs]).toEqual([[], []]);
  });
});

describe.concurrent("what cannot be run is said at once, and nothing is run or made", () => {
  const pwned = "x;touch pwned=1";
  test.each([
    [["."], undefined, "`.` is a folder, not a .mlpipe file"],
    [[".", "-e", "mian"], iris, "the project has no entry point `mian`; did you mean `main`?"],
    [[".", "main"], iris, "an entry point is named so: mlpipe run . -e main"],
    [[".", "-P", "depth=1"], iris, "`main` has no parameter `depth`"],
    [[".", "-P", "cp=0,5"], iris, "`cp` is of type float, and `0,5` is no number"],
    [[".", "-P", "cp"], iris, "-P cp: expected name=value"],
    [[".", "-P", "cp=1", "-P", "cp=2"], iris, "-P cp is given twice"],
    [[".", "-P", pwned], iris, "`main` has no parameter `x;touch pwned`"],
    [[".", "-P", pwned, "--no-strict"], iris, "`x;touch pwned` cannot be the name of a param"],
    [[".", "-b", "databricks"], iris, "mlpipe runs projects on this machine, not on `databricks`"],
    [[".", "--env-manager", "poetry"], iris, "write one of local, virtualenv, uv, conda"],
    [[".", "--experiment-name", "a", "--experiment-id", "0"], iris, "exclude each other"],
    [[".", "--r", "R"], iris, "--r is for a .mlpipe file"],
    [[".", "--version", "v1"], iris, "is no git repository, so it has no version `v1`"],
    [[".#nowhere"], iris, "the project has no folder `nowhere`"],
    [[".#../.."], iris, "`#../..` leads out of the project"],
    [["."], "entry_points: {main: x}", "MLproject:1:22  error M0902"],
    [["."], "entry_points: {main: {command: 'x {y}'}}", "MLproject:1:32  error M0908"],
    [["."], "databricks_spark_job: {python_file: a.py}", "runs on Databricks only"],
    [["ext::sh -c 'touch pwned'"], iris, "would start a program to fetch it"],
    [["s3://bucket/project"], iris, "projects do not come from s3: addresses"],
    [["https://example.org/p.zip"], iris, "mlpipe does not fetch zip files"],
    [["--", "-u"], iris, "there is no file `-u`"],
  ])("mlpipe run %j", async (words, mlproject, message) => {
    using folder = projectFolder(mlproject);
    const before = readdirSync(folder.path);
    const done = await perform(folder, words);
    expect(done.stderr).toContain(message);
    expect(done.stderr).not.toMatch(/^ +at |internal error/m);
    expect([done.code, done.noted, done.runs]).toEqual([2, [], []]);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  test("options of projects are refused for a .mlpipe file, by name", async () => {
    using folder = projectFolder(iris, {
      "it.mlpipe": 'mlpipe 1\nrun it {\n  script "note.mjs"\n}\n',
    });
    for (const words of [
      ["-e", "x"],
      ["-v", "x"],
      ["--run-name", "x"],
      ["--env-manager", "local"],
      ["--storage-dir", "x"],
      ["-A", "x"],
      ["-b", "local"],
      ["--no-strict"],
    ]) {
      const done = await mlpipe(["run", "it.mlpipe", ...words], { cwd: folder.path });
      expect([done.code, done.stderr]).toEqual([
        2,
        expect.stringMatching(
          /^mlpipe: --[a-z-]+ is for an MLproject, and this is a \.mlpipe file\n {2}\S/,
        ),
      ]);
    }
  });

  test("values between quotes that could act as code are refused; others pass", async () => {
    using folder = projectFolder(
      `entry_points: {main: {parameters: {t: string}, command: "echo '{t}' \\"{t}\\""}}`,
    );
    const bad = await perform(folder, [".", "-P", "t=';touch pwned;'"]);
    expect([bad.code, bad.runs, existsSync(path.join(folder.path, "pwned"))]).toEqual([
      2,
      [],
      false,
    ]);
    const good = await perform(folder, [".", "-P", "t=0.1"]);
    expect(good.stdout).toContain("\n0.1 0.1\n");
  });
});

describe.concurrent("a project", () => {
  test("of which MLproject is written in other letters is found, and one too many is said", async () => {
    using folder = projectFolder(undefined, { mlPROJECT: iris });
    expect((await perform(folder, [".", "-e", "plain"])).code).toBe(0);
    folder.write("MLproject", iris);
    expect((await perform(folder, ["."])).stderr).toContain("has both MLproject and mlPROJECT");
  });

  test("may hold an R script in another encoding, but an MLproject is UTF-8", async () => {
    using folder = projectFolder(
      'entry_points: {main: {parameters: {x: {default: a}}, command: "echo Rscript train.R {x}"}}',
    );
    writeFileSync(
      path.join(folder.path, "train.R"),
      Buffer.from("# \xe9\nmlflow_param('x')", "latin1"),
    );
    const done = await perform(folder, ["."]);
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining("M0909")]);
    writeFileSync(path.join(folder.path, "MLproject"), Buffer.from("name: \xe9", "latin1"));
    const refused = await perform(folder, ["."]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "mlpipe: `MLproject` is no text in UTF-8\n  save it as UTF-8\n",
    ]);
  });

  test("passes what it does not declare on with --no-strict, names and values whole", async () => {
    using folder = projectFolder(iris);
    const words = [
      ".",
      "-e",
      "plain",
      "--no-strict",
      "-P",
      "a b=$(touch pwned)",
      "-P",
      "q=';touch pwned",
    ];
    const done = await perform(folder, words);
    expect(done.noted[0]?.args).toEqual(["--a b", "$(touch pwned)", "--q", "';touch pwned"]);
    expect(done.runs[0]?.params).toEqual({ "a b": "$(touch pwned)", q: "';touch pwned" });
    expect(existsSync(path.join(folder.path, "pwned"))).toBe(false);
  });

  test("warns where MLflow would not hand an R script its params, with the line to copy", async () => {
    using folder = projectFolder(
      'entry_points:\n  main:\n    parameters: {cp: {type: float, default: 0.05}}\n    command: "Rscript train.R -P cp={cp}"\n',
      { "train.R": 'mlflow_param <- function(name) "told"\ncat(mlflow_param("cp"))\n' },
    );
    const line = `command: "Rscript -e \\"mlflow::mlflow_source('train.R')\\" --args --cp={cp}"`;
    const done = await perform(folder, ["."]);
    expect(done.stderr).toContain("MLproject:4:14  warning M0909");
    expect(done.stderr).toContain(`  fix: write this line in its place: ${line}\n`);
    folder.write(
      "MLproject",
      `entry_points:\n  main:\n    parameters: {cp: {type: float, default: 0.05}}\n    ${line}\n`,
    );
    expect((await perform(folder, ["."])).stderr).not.toContain("M0909");
  });

  test("that mlpipe has compiled runs in the run that is made for it, whether or not it brings mlpipe along", async () => {
    using folder = projectFolder(undefined);
    const made = await mlpipe(["init", "project", "--node"], { cwd: folder.path });
    expect(made.code).toBe(0);
    const project = path.join(folder.path, "project");
    const file = readdirSync(project).find((name) => name.endsWith(".mlpipe")) ?? "";
    expect((await mlpipe(["compile", file], { cwd: project })).code).toBe(0);
    const done = await perform(folder, ["project"]);
    expect(done.stderr).toBe("");
    expect(done.runs).toHaveLength(1);
    const [run] = done.runs;
    expect(run?.status).toBe("FINISHED");
    expect(run?.tags).toMatchObject({
      "mlflow.project.entryPoint": "main",
      "mlflow.source.type": "PROJECT",
      "mlpipe.file": file,
    });
  });
});
