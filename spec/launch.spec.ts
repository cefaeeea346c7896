/** `mlpipe run` of a launch: an entry of this file, or of a project in git, with the launch's own values. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { processesIn, startMlpipe } from "./support/attempt.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { git, note, perform, readRuns, writeProject } from "./support/project.ts";

const mlproject = `
name: forest
entry_points:
  main:
    parameters:
      trees: {type: float, default: 100}
      word: {type: string, default: none}
    command: "${note} {trees} {word}"
  reads:
    parameters: {data: path, from: {type: uri, default: "file:///"}}
    command: "${note} {data} {from}"
  fails: {command: "exit 7"}
  waits: {command: "sleep 1000 & echo I am ready; wait"}
`;

const compiled = `mlpipe 1

#' The same seed must give the same bytes.
run strict {
  param trees: int = 100 in 10..1000
  seed 7
  metric error minimize

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}

#' Without a note of its own.
run other {
  param trees: int = 100
  metric twice

  \`\`\`js
  const twice = 2 * trees
  \`\`\`
}
`;

/** Two repositories; the tests only read them. */
let shelf: Folder;
let commit = "";

beforeAll(async () => {
  shelf = temporaryFolder();
  const plain = path.join(shelf.path, "plain");
  writeProject(plain, mlproject);
  git(plain, "init", "--quiet", "--initial-branch", "main");
  commit = commitAll(plain);
  git(plain, "tag", "v1.2.0");
  writeProject(plain, mlproject.replace("name: forest", "name: later"));
  commitAll(plain);
  const sub = path.join(shelf.path, "compiled", "sub");
  mkdirSync(sub, { recursive: true });
  shelf.write("compiled/sub/the forest.mlpipe", compiled);
  expect((await mlpipe(["compile", "the forest.mlpipe"], { cwd: sub })).code).toBe(0);
  git(path.dirname(sub), "init", "--quiet");
  commitAll(path.dirname(sub));
});
afterAll(() => shelf[Symbol.dispose]());

function commitAll(folder: string): string {
  git(folder, "add", "-A");
  git(folder, "commit", "--quiet", "-m", "all");
  return git(folder, "rev-parse", "HEAD");
}

/** A folder with a file that launches `items`, and values for the launch `it`. */
function launching(...items: readonly string[]): Folder {
  const folder = temporaryFolder();
  folder.write("it.mlpipe", fileOf(items));
  return folder;
}

function fileOf(items: readonly string[]): string {
  return `mlpipe 1\n\nexperiment "/Shared/forest"\n\n#' More trees.\nlaunch it {\n${items.map((item) => `  ${item}\n`).join("")}}\n`;
}

const repository = (name = "plain"): string => `git "file://${shelf.path}/${name}"`;

describe.concurrent("a launch of a project in git", () => {
  test("runs the entry of that version with the values of the launch, and is tagged with it", async () => {
    using folder = launching(`${repository()} at "v1.2.0"`, "set trees = 500", 'set word = "a b"');
    const done = await perform(folder, ["it.mlpipe", "it"]);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(done.noted.map(({ args }) => args)).toEqual([["500", "a b"]]);
    expect(done.runs).toMatchObject([
      {
        name: "it",
        experiment: "/Shared/forest",
        status: "FINISHED",
        params: { trees: "500", word: "a b" },
        tags: {
          "mlflow.note.content": "More trees.",
          "mlflow.project.entryPoint": "main",
          "mlflow.source.git.commit": commit,
          "mlflow.source.git.repoURL": `file://${shelf.path}/plain`,
          "mlflow.source.type": "PROJECT",
          "mlpipe.launch": "it",
          "mlpipe.launch_file": "it.mlpipe",
        },
      },
    ]);
  });

  test("takes values and names from the command line in place of the file's", async () => {
    using folder = launching(repository(), "set trees = 500");
    const words = ["-P", "trees=7.5", "--run-name", "mine", "--experiment-name", "other"];
    const done = await perform(folder, ["it.mlpipe", "it", ...words]);
    expect(done.noted.map(({ args }) => args)).toEqual([["7.5", "none"]]);
    expect(done.runs).toMatchObject([{ name: "mine", experiment: "other" }]);
    const files = await perform(folder, ["it.mlpipe", "it", "-j", "2"]);
    expect(files.stderr).toContain(
      "--jobs is for the steps of a .mlpipe file, and `it` launches an MLproject\n",
    );
    const loose = ["it.mlpipe", "it", "-P", "more=1", "--no-strict"];
    expect((await perform(folder, loose)).noted[1]?.args).toEqual(["500", "none", "--more", "1"]);
  });

  test.each([
    ["strict", "strict", { error: 0.002 }],
    ["main", "strict", { error: 0.002 }],
    ["other", "other", { twice: 1000 }],
  ])(
    "that mlpipe has compiled performs its run as one run: entry %s",
    async (entry, run, metrics) => {
      using folder = launching(
        `${repository("compiled")}`.replace(/"$/, '#sub"'),
        `entry ${entry}`,
        "set trees = 500",
      );
      const done = await perform(folder, ["it.mlpipe", "it"]);
      expect([done.code, done.stderr]).toEqual([0, ""]);
      expect(done.runs).toMatchObject([
        {
          name: "it",
          params: { trees: "500" },
          tags: {
            "mlflow.note.content": "More trees.",
            "mlpipe.launch": "it",
            "mlpipe.run": run,
            "mlpipe.file": "the forest.mlpipe",
          },
        },
      ]);
      const tracking = await openTracking(undefined, { folder: folder.path, lookOnly: true });
      const { run: logged } = await tracking.call("runs/get", { run_id: done.runs[0]?.id ?? "" });
      await tracking.close();
      const values = (logged.data.metrics ?? []).map(({ key, value }) => [key, value]);
      expect(Object.fromEntries(values)).toEqual(metrics);
    },
  );

  test("counts folders and paths from the file, and logs to the tracker of the current folder", async () => {
    using folder = temporaryFolder();
    git(folder.path, "clone", "--quiet", `file://${shelf.path}/plain`, "plain");
    mkdirSync(path.join(folder.path, "sub"));
    folder.write("sub/data.csv", "a\n1\n");
    folder.write(
      "sub/it.mlpipe",
      fileOf(['git "../plain"', "entry reads", 'set data = "data.csv"']),
    );
    const done = await perform(folder, ["sub/it.mlpipe", "it"]);
    expect(done.stderr).toBe("");
    expect(done.noted.map(({ args }) => args)).toEqual([
      [path.join(folder.path, "sub/data.csv"), "file:///"],
    ]);
    expect(readdirSync(path.join(folder.path, "sub")).toSorted()).toEqual([
      ".mlpipe",
      "data.csv",
      "it.mlpipe",
    ]);
    expect(done.runs).toMatchObject([
      { name: "it", tags: { "mlflow.source.git.repoURL": `file://${shelf.path}/plain` } },
    ]);
  });

  test.each([
    [
      ["entry man"],
      "the project has no entry point `man`; did you mean `main`?\n  it has main, reads, fails, waits",
    ],
    [["set tres = 1"], "`main` has no parameter `tres`; did you mean `trees`?"],
    [['set trees = "many"'], "`trees` is of type float, and `many` is no number"],
    [["entry reads"], "no value is given for `data`"],
    [["entry reads", 'set data = "none.csv"'], "`data` names `none.csv`, which is not in"],
    [
      ["entry reads", 'set data = "it.mlpipe"', 'set from = "here"'],
      "`from` is of type uri, and `here` is none",
    ],
  ])("with %j is refused before anything starts", async (items, message) => {
    using folder = launching(repository(), ...items);
    const done = await perform(folder, ["it.mlpipe", "it"]);
    expect(done.stderr).toContain(`mlpipe: the launch \`it\`: ${message}`);
    expect([done.code, done.stdout, done.noted]).toEqual([2, "", []]);
    expect(readdirSync(folder.path)).toEqual(["it.mlpipe"]);
  });

  test.each([
    [
      [' at "v1.2.1"'],
      "the repository has no tag, branch or commit `v1.2.1`; did you mean `v1.2.0`?",
    ],
    [[' at "--upload-pack=x"'], "is no name of a commit, tag or branch"],
  ])("at a version that there is not (%j) is refused", async ([at], message) => {
    using folder = launching(`${repository()}${at}`);
    const done = await perform(folder, ["it.mlpipe", "it"]);
    expect(done.stderr).toContain(message);
    expect([done.code, readdirSync(folder.path)]).toEqual([2, ["it.mlpipe"]]);
  });

  test("fails with its entry, and is KILLED with it by Ctrl-C; no copy stays behind", async () => {
    using folder = launching(repository(), "entry fails");
    using temporary = temporaryFolder();
    const failed = await perform(folder, ["it.mlpipe", "it"], { TMPDIR: temporary.path });
    expect(failed.stderr).toContain(
      "R0870  the command of `fails` ended with exit code 7\nFAILED in",
    );
    folder.write("waits.mlpipe", fileOf([repository(), "entry waits"]));
    const running = startMlpipe(["run", "waits.mlpipe", "it"], folder.path, {
      TMPDIR: temporary.path,
    });
    await running.says("I am ready");
    running.child.kill("SIGINT");
    expect([failed.code, (await running.ended).code]).toEqual([1, 130]);
    expect(processesIn(temporary.path)).toEqual([]);
    expect((await readRuns(undefined, folder.path)).map(({ status }) => status)).toEqual([
      "FAILED",
      "KILLED",
    ]);
    expect(readdirSync(temporary.path).filter((name) => name.startsWith("mlpipe-"))).toEqual([]);
  });

  test("under `mlflow run` is performed as the run that MLflow has made", async () => {
    using folder = launching(repository(), "set trees = 500");
    const tracking = await openTracking(undefined, { folder: folder.path });
    const made = await tracking.call("runs/create", {
      experiment_id: "0",
      start_time: 1,
      run_name: "theirs",
    });
    await tracking.close();
    const env = { MLFLOW_RUN_ID: made.run.info.run_id };
    const done = await perform(folder, ["it.mlpipe", "it"], env);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(done.runs).toMatchObject([
      {
        name: "theirs",
        experiment: "Default",
        status: "FINISHED",
        params: { trees: "500" },
        tags: { "mlpipe.launch": "it" },
      },
    ]);
    const plan = await mlpipe(["plan", "it.mlpipe", "it"], { cwd: folder.path, env });
    expect(plan.stdout).toContain(" 3 GET   runs/get        the run that MLFLOW_RUN_ID names\n");
  });

  test("that leads back to itself comes to an end", async () => {
    using folder = launching('git "."', "entry it");
    expect((await mlpipe(["compile", "it.mlpipe"], { cwd: folder.path })).code).toBe(0);
    const done = await perform(folder, ["it.mlpipe", "it"]);
    expect(done.stderr).toContain(
      "mlpipe: the launch `it` stands below 4 others, and no more are started\n  see that no launch leads back to itself: name a run as its entry\n",
    );
    expect([done.code, done.runs.map(({ status }) => status)]).toEqual([1, ["FAILED"]]);
  });

  test.each([
    [["-e", "main"], "--entry-point", "the launch says it: entry …"],
    [["--version", "v1"], "--version", 'the launch says it: git "…" at "…"'],
    [["--r", "Rscript"], "--r", "put the folder of that Rscript first on PATH"],
  ])("refuses %j, which is not its to take", async (words, flag, fix) => {
    using folder = launching(repository());
    const done = await perform(folder, ["it.mlpipe", "it", ...words]);
    expect(done.stderr).toBe(`mlpipe: ${flag} does not go with the launch \`it\`\n  ${fix}\n`);
    expect([done.code, existsSync(path.join(folder.path, "mlflow.db"))]).toEqual([2, false]);
  });
});

const own = `mlpipe 1

#' Doubles.
run twice {
  param times: int
  param by: int = 2 in 1..9
  require by < times
  metric product

  \`\`\`js
  const product = times * by
  \`\`\`
}

#' Every night.
launch nightly {
  entry twice
  set times = 21
}
`;

describe.concurrent("a launch of the file's own run", () => {
  test("performs it with the values of the launch, under the launch's name and note", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", own);
    const done = await perform(folder, ["it.mlpipe", "nightly", "-P", "by=3"]);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(done.stdout).toContain("  product = 63\n");
    expect(done.runs).toMatchObject([
      {
        name: "nightly",
        params: { times: "21", by: "3" },
        tags: {
          "mlflow.note.content": "Every night.",
          "mlpipe.launch": "nightly",
          "mlpipe.run": "twice",
          "mlpipe.file": "it.mlpipe",
        },
      },
    ]);
  });

  test("may be of a sweep, for the params that it does not vary", async () => {
    using folder = temporaryFolder();
    const sweep = "sweep grid of twice {\n  grid\n  vary by in [1, 2]\n}\n";
    folder.write(
      "it.mlpipe",
      `${own.replace("times: int", "times: int = 5").replace("entry twice", "entry grid")}${sweep}`,
    );
    const done = await perform(folder, ["it.mlpipe", "nightly"]);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    const [parent, ...trials] = done.runs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(parent).toMatchObject({
      name: "grid",
      tags: { "mlpipe.launch": "nightly", "mlflow.note.content": "Every night." },
    });
    expect(trials.map(({ params }) => params)).toEqual([
      { times: "21", by: "1" },
      { times: "21", by: "2" },
    ]);
  });

  test.each([
    ["by=10", "-P by=10: `by` must be in 1..9"],
    ["times=2", "require by < times, but by is 2"],
    ["time=2", "there is no param `time`; did you mean `times`?"],
  ])("refuses -P %s as the run itself does", async (value, message) => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", own);
    const done = await perform(folder, ["it.mlpipe", "nightly", "-P", value]);
    expect(done.stderr).toContain(message);
    expect([done.code, readdirSync(folder.path)]).toEqual([2, ["it.mlpipe"]]);
  });
});

describe.concurrent("a launch that goes elsewhere", () => {
  test.each(["databricks", "kubernetes", "slurm"])(
    "to %s is checked and refused",
    async (backend) => {
      using folder = launching(repository(), `backend ${backend} "settings.json"`);
      const done = await perform(folder, ["it.mlpipe", "it"]);
      expect(done.stderr).toBe(
        `mlpipe: the launch \`it\` goes to \`${backend}\`, and this version launches on this machine only; nothing was started\n  write \`backend local\`; what it logs goes wherever --tracking-uri says, also to Databricks\n`,
      );
      expect([done.code, readdirSync(folder.path)]).toEqual([2, ["it.mlpipe"]]);
      const plan = await mlpipe(["plan", "it.mlpipe", "it"], { cwd: folder.path });
      expect(plan.stdout).toBe(
        ` 1 git   fetch  file://${shelf.path}/plain\n 2 launch main  backend ${backend}\n`,
      );
    },
  );
});
