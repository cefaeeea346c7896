/** What is asked of a real MLflow server is answered as by the embedded store. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { type MlflowServer, askPython, mlflowFolder, startMlflow } from "./support/mlflow.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { ask, logRuns, wineRuns } from "./support/query-runs.ts";

const storeUri = "sqlite:///mlflow.db";
/** MLflow takes seconds to start, more on a busy machine. */
const slow = { timeout: 240_000 };

interface Backend {
  readonly uri: string;
  readonly ids: ReadonlyMap<string, string>;
}

const folder = temporaryFolder();
const served = temporaryFolder();
let server: MlflowServer | undefined;
let [store, remote]: Backend[] = [];

async function fill(uri: string): Promise<Backend> {
  const tracking = await openTracking(uri, { folder: folder.path });
  try {
    return { uri, ids: await logRuns(tracking, folder, "/Shared/wine", wineRuns) };
  } finally {
    await tracking.close();
  }
}

beforeAll(async () => {
  if (mlflowFolder === undefined) return;
  store = await fill(storeUri);
  server = await startMlflow(served.path);
  remote = await fill(server.uri);
}, slow.timeout);
afterAll(async () => {
  await server?.stop();
  served[Symbol.dispose]();
  folder[Symbol.dispose]();
});

/** The other tests count on the runs that are there. */
async function deleteExperiment(uri: string, experiment_name: string): Promise<void> {
  const tracking = await openTracking(uri);
  const { experiment } = await tracking.call("experiments/get-by-name", { experiment_name });
  await tracking.call("experiments/delete", { experiment_id: experiment.experiment_id });
  await tracking.close();
}

/** What a backend says, its address told as `URI`. */
async function said(backend: Backend | undefined, words: readonly string[]): Promise<string> {
  if (!backend) throw new Error("the runs are not logged");
  const { uri, ids } = backend;
  const { stdout, stderr, code } = await ask(words, { folder, uri, ids });
  return `${stdout}${stderr}[${code}]`.replaceAll(uri, "URI");
}

describe.skipIf(mlflowFolder === undefined)("a real server", () => {
  test.each([
    [["runs"]],
    [["runs", "-n", "3", "--order-by", "metrics.accuracy DESC", "--order-by", "start_time ASC"]],
    [["runs", "--filter", "metrics.accuracy > 0.91 AND params.data = 'wine'"]],
    [["runs", "--filter", "tags.mlpipe.seed = '2' and status = 'FINISHED'"]],
    [["runs", "--experiment-name", "/Shared/wine", "--view", "all"]],
    [["runs", "--experiment-name", "/Shared/wyne"]],
    [["runs", "--filter", "metrics.accuracy > 2"]],
    [["runs", "show", "grid/03"]],
    [["runs", "show", "tree v2"]],
    [["runs", "show", "broken"]],
    [["runs", "show", "latest~2"]],
    [["runs", "show", "tree v3"]],
    [["diff", "tree v1", "tree v2"]],
    [["diff", "grid/03", "broken"]],
    [["diff", "tree v2", "latest~6"]],
  ])("answers %j as the store does", slow, async (words) => {
    const [local, far] = [await said(store, words), await said(remote, words)];
    expect(far).toBe(local);
  });

  test("an id's begin finds the run, and only that", slow, async () => {
    const id = remote?.ids.get("grid/02") ?? "";
    expect(await said(remote, ["runs", "show", id.slice(0, 10)])).toBe(
      await said(store, ["runs", "show", "grid/02"]),
    );
  });

  test(
    "a filter that MLflow does not understand is told in its words, with an example",
    slow,
    async () => {
      expect(await said(remote, ["runs", "--filter", "params.cp = 0.05"])).toBe(
        "mlpipe: Expected a quoted string value for parameter (e.g. 'my-value'). Got value 0.05\n  a filter is comparisons joined by AND, with params and tags as texts in quotes: \"metrics.rmse < 0.3 AND params.cp = '0.05' AND status = 'FINISHED'\"\n[2]",
      );
    },
  );

  test(
    "a run of Python's client is shown with its data, and compared by its commit",
    slow,
    async () => {
      const uri = server?.uri ?? "";
      await askPython(
        `
import pandas as pd
class Same(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None): return model_input
mlflow.set_experiment("python")
for day in (1, 2):
    with mlflow.start_run(run_name=f"day {day}", tags={"mlflow.source.git.commit": str(day) * 40, "mlflow.source.name": "train.py"}):
        rows = pd.DataFrame({"x": [1.0 * day, 2.0]})
        mlflow.log_input(mlflow.data.from_pandas(rows, source="https://example.org/rows.csv", name="rows"), context="training")
        mlflow.log_metric("rmse", day / 10, step=3)
        if day == 1:
            mlflow.pyfunc.log_model(name="same", python_model=Same(), pip_requirements=[])
answer(True)
`,
        { trackingUri: uri, folder: served.path },
      );
      onTestFinished(() => deleteExperiment(uri, "python"));
      const page = await said(remote, ["runs", "show", "day 1"]);
      expect(page).toMatch(/^commit {6}1{40}$/m);
      expect(page).toMatch(
        /^inputs {2}digest {4}for {7}from\n {2}rows {2}[0-9a-f]{8} {2}training {2}http https:\/\/example\.org\/rows\.csv$/m,
      );
      expect(page).toMatch(/^models\n {2}same {2}logged model {2}m-[0-9a-f]{32}$/m);
      const difference = await said(remote, ["diff", "day 1", "day 2"]);
      expect(difference).toMatch(
        /^metrics {2}A {4}B {4}change\n {2}rmse {3}0\.1 {2}0\.2 {2}\+0\.1 \(\+100 %\)$/m,
      );
      expect(difference).toMatch(/^ {2}rows, for training {2}[0-9a-f]{8} http https/m);
      expect(difference).toContain(`the patch: git diff ${"1".repeat(40)} ${"2".repeat(40)}\n`);
    },
  );

  test("deleted runs are shown where they are asked for, and marked", slow, async () => {
    const uri = server?.uri ?? "";
    const tracking = await openTracking(uri);
    onTestFinished(() => deleteExperiment(uri, "gone"));
    const ids = await logRuns(tracking, folder, "gone", [{ name: "one", second: 0 }]);
    await tracking.call("runs/delete", { run_id: ids.get("one") ?? "" });
    await tracking.close();
    const ask = (view: string): Promise<string> =>
      said(remote, ["runs", "--experiment-name", "gone", "--view", view]);
    expect(await ask("active")).toBe("no runs in gone yet\n[0]");
    for (const view of ["deleted", "all"])
      expect(await ask(view)).toMatch(/ one {3}gone {8}FINISHED, deleted {2}2025-03-04 /);
  });
});
