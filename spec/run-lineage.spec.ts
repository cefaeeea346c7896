/** Inputs that another run made: which run is taken, when that is settled, and how a run tells of it afterwards. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RunPlan } from "../src/plan/plan.ts";
import type { TrackedRun } from "../src/tracking/entities.ts";
import { openTracking } from "../src/tracking/open.ts";
import { openStore } from "../src/tracking/store/open-store.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { fence } from "./support/attempt.ts";
import { readArtifact } from "./support/facts.ts";
import { startFake } from "./support/fake-server.ts";
import { type Ended, type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { type NotedRun, readRuns } from "./support/project.ts";

const learn = `run learn {
  param n: int = 1
  metric rmse minimize
  artifact table: csv at "data/table.csv"
${fence("js", "if (n < 0) throw new Error('no')", "const rmse = Math.abs(n - 2) + 0.5", "const table = [{ a: n }]")}
}
`;

const score = (...items: readonly string[]): string =>
  `run score {\n  metric a\n${items.map((item) => `  ${item}\n`).join("")}${fence("js", "const a = table[0].a")}\n}\n`;

const candidates = `compare candidates {\n  runs learn\n  where rmse <= 6\n  best by rmse\n}\n`;

/** Writes the file `it.mlpipe` of these declarations. */
function write(folder: Folder, ...declarations: readonly string[]): void {
  folder.write("it.mlpipe", ["mlpipe 1\n", ...declarations].join("\n"));
}

function run(folder: Folder, name: string, ...words: readonly string[]): Promise<Ended> {
  return mlpipe(["run", "it.mlpipe", name, ...words], { cwd: folder.path });
}

/** Learns with each n, one after the other; answers the ids. */
async function learnAll(folder: Folder, ...ns: readonly number[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const n of ns) {
    const { stdout } = await run(folder, "learn", "-P", `n=${n}`);
    ids.push(/run ([0-9a-f]{32}) in /.exec(stdout)?.[1] ?? "");
  }
  return ids;
}

/** Scores, and answers the run that this made. */
async function scored(
  folder: Folder,
): Promise<{ readonly ended: Ended; readonly made: NotedRun | undefined }> {
  const before = new Set((await readRuns(undefined, folder.path)).map(({ id }) => id));
  const ended = await run(folder, "score");
  const made = (await readRuns(undefined, folder.path)).find(({ id }) => !before.has(id));
  return { ended, made };
}

async function inStore<T>(folder: Folder, work: (tracking: Tracking) => Promise<T>): Promise<T> {
  const tracking = await openTracking(undefined, { folder: folder.path });
  try {
    return await work(tracking);
  } finally {
    await tracking.close();
  }
}

describe.concurrent("an input from the best of a comparison", () => {
  test("is that of the run that it ranks first, and the run tells which and why", async () => {
    using folder = temporaryFolder();
    write(folder, learn, candidates, score("input table from best of candidates"));
    const [, best = ""] = await learnAll(folder, 1, 2, 3);
    const { ended, made } = await scored(folder);
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    const why = "learn, best of candidates by rmse 0.5";
    expect(ended.stdout).toContain(`\n  table from run ${best} (${why})\nstep  score`);
    expect(ended.stdout).toContain("  a = 2\n");
    expect(made?.tags).toMatchObject({
      "mlpipe.input.table": best,
      "mlpipe.input_from.table": why,
    });
    const { actions } = JSON.parse(
      await readArtifact(undefined, folder.path, "mlpipe/plan.json"),
    ) as RunPlan;
    const step = actions.find((action) => action.kind === "step");
    expect(step?.inputs).toMatchObject([{ from: { kind: "chosen", runId: best, why } }]);
    const shown = await mlpipe(["runs", "show", "latest"], { cwd: folder.path });
    expect(shown.stdout).toMatch(
      new RegExp(
        `\\n {2}data/table\\.csv {2}[0-9a-f]{36} {2}table {2}run ${best} \\(learn, best of`,
      ),
    );
    expect(shown.stdout.split(best)).toHaveLength(2);
    expect(shown.stdout).not.toContain("mlpipe.input");
  });

  test("takes the other direction, and what `where` leaves", async () => {
    using folder = temporaryFolder();
    const high = learn.replace("minimize", "maximize");
    write(folder, high, candidates, score("input table from best of candidates"));
    await learnAll(folder, 2, 5, 100);
    expect((await scored(folder)).ended.stdout).toContain("  a = 5\n");
  });

  test.each([
    ["rmse <= 0.1", "rmse", "its `where` leaves out all finished runs of `learn`"],
    ["rmse <= 6", "other", "none of its runs has logged the metric that it is the best by"],
  ])("with none where %s, best by %s, is told before a run is made", async (where, by, because) => {
    using folder = temporaryFolder();
    const compare = candidates.replace("rmse <= 6", where).replace("by rmse", `by ${by}`);
    write(folder, learn);
    await learnAll(folder, 1);
    const later = learn
      .replace("metric rmse minimize", "metric rmse minimize\n  metric other minimize")
      .replace("const rmse", "const other = 1; const rmse");
    write(folder, later, compare, score("input table from best of candidates"));
    const { ended, made } = await scored(folder);
    expect(ended.stderr).toContain(`error R0842  \`candidates\` has no best run: ${because}\n`);
    expect([ended.code, made]).toEqual([1, undefined]);
  });
});

describe.concurrent("an input from a run by its name", () => {
  test("is that of the newest that has finished and was started by itself", async () => {
    using folder = temporaryFolder();
    write(folder, learn, score("input table from run learn"));
    const ids = await learnAll(folder, 7, 8, -1, 9);
    await inStore(folder, (tracking) =>
      tracking.call("runs/set-tag", { run_id: ids[3] ?? "", key: "mlpipe.sweep", value: "grid" }),
    );
    const { ended, made } = await scored(folder);
    expect(ended.stdout).toContain("  a = 8\n");
    expect(made?.tags).toMatchObject({
      "mlpipe.input.table": ids[1],
      "mlpipe.input_from.table": "learn, newest of learn",
    });
  });

  test("is looked for in the experiment that the other run names for itself", async () => {
    using folder = temporaryFolder();
    const elsewhere = learn.replace("{\n", '{\n  experiment "elsewhere"\n');
    write(folder, elsewhere, score("input table from run learn"));
    await learnAll(folder, 4);
    const { ended, made } = await scored(folder);
    expect([ended.stderr, made?.experiment]).toEqual(["", "Default"]);
  });

  test("under `mlflow run` is looked for where the run is that MLflow has made", async () => {
    using folder = temporaryFolder();
    write(folder, 'experiment "mine"\n', learn, score("input table from run learn"));
    await run(folder, "learn", "-P", "n=5", "--experiment-name", "theirs");
    await learnAll(folder, 6);
    const id = await inStore(folder, async (tracking) => {
      const { experiment } = await tracking.call("experiments/get-by-name", {
        experiment_name: "theirs",
      });
      const { experiment_id } = experiment;
      return (await tracking.call("runs/create", { experiment_id, start_time: 1 })).run.info.run_id;
    });
    const ended = await mlpipe(["run", "it.mlpipe", "score"], {
      cwd: folder.path,
      env: { MLFLOW_RUN_ID: id },
    });
    expect(ended.stdout).toContain("  a = 5\n");
  });

  test("that lacks the output is told before a run is made", async () => {
    using folder = temporaryFolder();
    write(folder, learn.replace("data/table.csv", "data/other.csv"));
    const [id] = await learnAll(folder, 1);
    write(folder, learn, score("input table from run learn"));
    const { ended, made } = await scored(folder);
    expect(ended.stderr).toContain(
      `error R0844  the run ${id} has no artifact or model \`data/table.csv\`; it has data/other.csv\n`,
    );
    expect([ended.code, made]).toEqual([1, undefined]);
  });

  test("is one and the same for all steps; of two runs, the tags tell which step", async () => {
    using folder = temporaryFolder();
    const [first = ""] = (write(folder, learn), await learnAll(folder, 1));
    const step = (name: string, from: string): string =>
      `  step ${name} {\n    input table from ${from}\n    metric ${name}\n${fence("js", `const ${name} = table[0].a`)}\n  }\n`;
    write(
      folder,
      learn,
      `run score {\n${step("one", "run learn")}${step("two", `run "${first}"`)}${step("three", "run learn")}}\n`,
    );
    const [newest = ""] = await learnAll(folder, 3);
    const { made } = await scored(folder);
    const inputs = Object.entries(made?.tags ?? {}).filter(([key]) =>
      key.startsWith("mlpipe.input."),
    );
    expect(Object.fromEntries(inputs)).toEqual({
      "mlpipe.input.one.table": newest,
      "mlpipe.input.two.table": first,
      "mlpipe.input.three.table": newest,
    });
  });
});

const deleted = "0".repeat(32);

/** Runs of these ids; the last of them is deleted. */
async function withRuns(folder: Folder, ids: readonly string[]): Promise<void> {
  const file = path.join(folder.path, "mlflow.db");
  const tracking = await openStore(file, { uri: "sqlite:///mlflow.db", folder: folder.path });
  const request = { experiment_id: "0", start_time: 1 };
  for (const id of ids) await tracking.callWith({ id }, "runs/create", request);
  await tracking.call("runs/delete", { run_id: ids.at(-1) ?? "" });
  await tracking.close();
}

describe.concurrent("an input from a run by its id", () => {
  test("may be named by what its id begins with", async () => {
    using folder = temporaryFolder();
    write(folder, learn);
    const [id = ""] = await learnAll(folder, 6);
    write(folder, score(`input table from run "${id.slice(0, 6)}"`));
    const { made } = await scored(folder);
    expect(made?.tags).toMatchObject({
      "mlpipe.input.table": id,
      "mlpipe.input_from.table": "learn",
    });
  });

  test.each([
    ["a short one", "abc12", "it has less than 6 letters"],
    ["one that two begin with", "abcdef", "several ids begin so: abcdef0"],
    ["one that none begins with", "abc_ef", "sqlite:///mlflow.db has none whose id begins so"],
    ["a deleted one", deleted, "that run was deleted"],
  ])("but %s is told before a run is made", async (_, word, because) => {
    using folder = temporaryFolder();
    await withRuns(folder, [`abcdef${"0".repeat(26)}`, `abcdef0${"1".repeat(25)}`, deleted]);
    write(folder, score(`input table from run "${word}"`));
    const { ended, made } = await scored(folder);
    expect(ended.stderr).toContain(`error R0845  no run is meant by \`${word}\`: ${because}`);
    expect([ended.code, made]).toEqual([1, undefined]);
    expect(existsSync(path.join(folder.path, ".mlpipe", "runs"))).toBe(false);
  });
});

describe.concurrent("the data that a run is given", () => {
  test("is logged as MLflow's data sets: files with their digest, and artifacts of other runs", async () => {
    using folder = temporaryFolder();
    folder.write("rows.csv", "a\n1\n");
    const digest = createHash("sha256").update("a\n1\n").digest("hex").slice(0, 36);
    const step = (name: string, input: string, use: string): string =>
      `  step ${name} {\n    ${input}\n    metric ${name}\n${fence("js", `const ${name} = ${use}`)}\n  }\n`;
    write(
      folder,
      learn,
      `run score {\n${step("one", 'input rows from "rows.csv": csv', "rows.length")}${step("two", "input table from run learn", "table.length")}}\n`,
    );
    const [id = ""] = await learnAll(folder, 1);
    for (const words of [[], [], ["--no-cache"]]) {
      expect((await run(folder, "score", ...words)).stderr).toBe("");
      const shown = await mlpipe(["runs", "show", "latest", "--json"], { cwd: folder.path });
      const { inputs } = JSON.parse(shown.stdout) as TrackedRun;
      const sets = inputs?.dataset_inputs ?? [];
      expect(
        sets.map(({ dataset }) => dataset).toSorted((a, b) => (a.name < b.name ? 1 : -1)),
      ).toMatchObject([
        { name: "rows.csv", digest, source_type: "local", source: '{"uri":"rows.csv"}' },
        {
          name: "data/table.csv",
          source_type: "runs",
          source: `{"uri":"runs:/${id}/data/table.csv"}`,
        },
      ]);
      expect(sets.map(({ tags }) => tags?.[0]?.value).toSorted()).toEqual(["rows", "table"]);
    }
  });

  test.each([
    '{"error_code":"ENDPOINT_NOT_FOUND","message":"no such call"}',
    "<!doctype html><title>404 Not Found</title>",
  ])("may be unknown to a tracker that is older than data sets: %s", async (body) => {
    using folder = temporaryFolder();
    folder.write("rows.csv", "a\n1\n");
    write(
      folder,
      `run score {\n  input rows from "rows.csv": csv\n  metric n\n${fence("js", "const n = rows.length")}\n}\n`,
    );
    const server = await startFake();
    onTestFinished(server.close);
    const experiment = '{"experiment":{"experiment_id":"1","name":"Default"}}';
    server.answers.set("experiments/get-by-name", experiment);
    const info =
      '{"run_id":"run1","experiment_id":"1","status":"RUNNING","start_time":1,"artifact_uri":"mlflow-artifacts:/1/run1/artifacts"}';
    server.answers.set("runs/get", `{"run":{"info":${info}}}`);
    server.answers.set("runs/update", `{"run_info":${info}}`);
    server.script("log-inputs", { kind: "answer", status: 404, body });
    const words = ["run", "it.mlpipe", "score", "--tracking-uri", server.uri];
    const ended = await mlpipe(words, { cwd: folder.path });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    const asked = server.requests.filter(({ path: place }) => place.includes("log-inputs"));
    expect(asked).toHaveLength(1);
  });
});

/** Throws as long as there is no file `ok`. */
const unlessOk = 'if (!(await import("node:fs")).existsSync("ok")) throw new Error("not yet")';

describe.concurrent("what was chosen once stays chosen", () => {
  test("for the rest of a run that is gone on with", async () => {
    using folder = temporaryFolder();
    const step = (name: string, ...code: readonly string[]): string =>
      `  step ${name} {\n    input table from run learn\n    metric ${name}\n${fence("js", ...code, `const ${name} = table[0].a`)}\n  }\n`;
    write(folder, learn, `run score {\n${step("one")}${step("two", unlessOk)}}\n`);
    const [first = ""] = await learnAll(folder, 1);
    expect((await run(folder, "score")).code).toBe(1);
    await learnAll(folder, 2);
    folder.write("ok", "");
    const resumed = await run(folder, "score", "--resume");
    expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
    expect(resumed.stdout).toContain("  two = 1\n");
    const runs = await readRuns(undefined, folder.path);
    const scores = runs.filter(({ name }) => name === "score");
    expect(scores.map(({ tags }) => tags["mlpipe.input.table"])).toEqual([first]);
  });

  test("for all trials of a sweep, whenever they are performed", async () => {
    using folder = temporaryFolder();
    const swept = `run score {\n  param k: int = 0\n  input table from run learn\n  metric a\n${fence("js", `if (k === 2) { ${unlessOk} }`, "const a = table[0].a + k")}\n}\n`;
    const sweep = "sweep grid of score {\n  grid\n  vary k in [1, 2]\n}\n";
    write(folder, learn, swept, sweep);
    const none = await run(folder, "grid");
    expect(none.stderr).toContain("R0843  the experiment Default has no finished run of `learn`");
    expect([none.code, await readRuns(undefined, folder.path)]).toEqual([1, []]);
    const [first = ""] = await learnAll(folder, 10);
    expect((await run(folder, "grid")).code).toBe(1);
    await learnAll(folder, 20);
    folder.write("ok", "");
    expect((await run(folder, "grid", "--failed-only")).code).toBe(0);
    const runs = await readRuns(undefined, folder.path);
    const named = runs.filter(
      ({ name, status }) => name.startsWith("grid") && status === "FINISHED",
    );
    expect(named.map(({ name, tags }) => [name, tags["mlpipe.input.table"]]).toSorted()).toEqual([
      ["grid", first],
      ["grid/01", first],
      ["grid/02", first],
    ]);
  });
});
