/** What a user asks of the tracker from the terminal: runs in a table, and one of them on a page. */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { type Ended, entry, runProgram, temporaryFolder } from "./support/mlpipe.ts";
import { ask, idOf, logRuns, wineRuns } from "./support/query-runs.ts";

const folder = temporaryFolder();
const uri = "sqlite:///mlflow.db";
let ids: ReadonlyMap<string, string> = new Map();
beforeAll(async () => {
  const tracking = await openTracking(uri, { folder: folder.path });
  ids = await logRuns(tracking, folder, "/Shared/wine", wineRuns);
  const { experiment_id } = await tracking.call("experiments/create", { name: "/Shared/empty" });
  expect(experiment_id).toBe("2");
  await tracking.close();
});
afterAll(() => folder[Symbol.dispose]());

const type = (...words: readonly string[]): Promise<Ended> => ask(words, { folder, uri, ids });

/** What is printed, and the exit code unless it is 0. */
async function printed(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await type(...words);
  return `${stdout}${stderr}${code === 0 ? "" : `[${code}]`}`;
}

describe.concurrent("mlpipe runs", () => {
  test("lists the newest first, children below their parents, with what tells the runs apart", async ({
    expect,
  }) => {
    expect(await printed("runs")).toMatchInlineSnapshot(`
      "RUN                               NAME           EXPERIMENT    STATUS    STARTED              TOOK   cp    maxdepth  accuracy  loss
      still-running-------------------  still running  /Shared/wine  RUNNING   2025-03-04 09:00:50                                   1e-9
      broken--------------------------  broken         /Shared/wine  FAILED    2025-03-04 09:00:40  3.0 s        seven
      grid----------------------------  grid           /Shared/wine  FINISHED  2025-03-04 09:00:20  3.0 s
      grid-01-------------------------    grid/01      /Shared/wine  FINISHED  2025-03-04 09:00:21  3.0 s  0.05  2         0.92      0.13992
      grid-02-------------------------    grid/02      /Shared/wine  FINISHED  2025-03-04 09:00:22  3.0 s  0.05  3         0.93      0.05234
      grid-03-------------------------    grid/03      /Shared/wine  FINISHED  2025-03-04 09:00:23  3.0 s  0.05  5         0.95      0.0073235
      tree-v2-------------------------  tree v2        /Shared/wine  FINISHED  2025-03-04 09:00:10  3.0 s  0.01            0.945
      tree-v1-------------------------  tree v1        /Shared/wine  FINISHED  2025-03-04 09:00:00  3.0 s  0.05            0.9
      "
    `);
  });

  test("shows only so many, and sorts as it is told, without moving children", async ({
    expect,
  }) => {
    expect(await printed("runs", "-n", "3", "--order-by", "metrics.accuracy DESC"))
      .toMatchInlineSnapshot(`
      "RUN                               NAME     EXPERIMENT    STATUS    STARTED              TOOK   cp    maxdepth  accuracy  loss
      grid-03-------------------------  grid/03  /Shared/wine  FINISHED  2025-03-04 09:00:23  3.0 s  0.05  5         0.95      0.0073235
      tree-v2-------------------------  tree v2  /Shared/wine  FINISHED  2025-03-04 09:00:10  3.0 s  0.01            0.945
      grid-02-------------------------  grid/02  /Shared/wine  FINISHED  2025-03-04 09:00:22  3.0 s  0.05  3         0.93      0.05234
      "
    `);
  });

  test("finds by metrics, params, tags and attributes", async ({ expect }) => {
    expect(
      await printed(
        "runs",
        "--filter",
        "metrics.accuracy > 0.91 AND params.data = 'wine'",
        "--order-by",
        "start_time",
      ),
    ).toMatchInlineSnapshot(`
      "RUN                               NAME     EXPERIMENT    STATUS    STARTED              TOOK   cp    maxdepth  accuracy  loss
      tree-v2-------------------------  tree v2  /Shared/wine  FINISHED  2025-03-04 09:00:10  3.0 s  0.01            0.945
      grid-01-------------------------  grid/01  /Shared/wine  FINISHED  2025-03-04 09:00:21  3.0 s  0.05  2         0.92      0.13992
      grid-02-------------------------  grid/02  /Shared/wine  FINISHED  2025-03-04 09:00:22  3.0 s  0.05  3         0.93      0.05234
      grid-03-------------------------  grid/03  /Shared/wine  FINISHED  2025-03-04 09:00:23  3.0 s  0.05  5         0.95      0.0073235
      "
    `);
    expect(await printed("runs", "--filter", "tags.mlpipe.seed = '2'")).toMatchInlineSnapshot(`
      "RUN                               NAME     EXPERIMENT    STATUS    STARTED              TOOK   cp    data  accuracy
      tree-v2-------------------------  tree v2  /Shared/wine  FINISHED  2025-03-04 09:00:10  3.0 s  0.01  wine  0.945
      "
    `);
  });

  test.each([
    [
      ["--filter", "metrics.accuracy >"],
      "mlpipe: the search \"metrics.accuracy >\" is not understood at its end: a number, or a text in quotes, expected\n  write comparisons joined by AND, like metrics.loss < 0.5 AND params.model = 'tree'\n[2]",
    ],
    [
      ["--order-by", "nonsense"],
      'mlpipe: there is no attribute "nonsense" to search by\n  use one of run_id, run_name, status, artifact_uri, user_id, start_time, created, Created, end_time\n[2]',
    ],
    [
      ["--experiment-name", "/Shared/wyne"],
      "mlpipe: sqlite:///mlflow.db has no experiment `/Shared/wyne`; did you mean `/Shared/wine`?\n  it has /Shared/empty, /Shared/wine, Default\n[2]",
    ],
    [["--view", "gone"], "mlpipe: --view gone: expected active, deleted or all\n[2]"],
    [["-n", "0"], "mlpipe: -n 0: expected a whole number from 1 to 50000\n[2]"],
  ])("%j is refused with what to write", async (words, said) => {
    expect(await printed("runs", ...words)).toBe(said);
  });

  test.each([
    [["--experiment-name", "/Shared/empty"], "no runs in /Shared/empty yet\n"],
    [["--filter", "metrics.accuracy > 2"], "no runs match metrics.accuracy > 2\n"],
    [["--view", "deleted"], "no deleted runs\n"],
  ])("%j says that there is nothing", async (words, said) => {
    expect(await printed("runs", ...words)).toBe(said);
  });

  test("says so where nothing was ever logged, and makes no file", async () => {
    using empty = temporaryFolder();
    const { stdout } = await ask(["runs"], { folder: empty, uri, ids });
    expect(stdout).toBe("no runs yet\n");
    const { stderr, code } = await ask(["runs", "show", "latest"], { folder: empty, uri, ids });
    expect([stderr, code]).toEqual([
      "mlpipe: there are no runs yet in sqlite:///mlflow.db\n  run one: mlpipe run <file>\n",
      2,
    ]);
  });

  test("--json has everything, and the experiment's name", async () => {
    const { stdout } = await type("runs", "--json", "--filter", "run_name = 'grid/03'");
    expect(JSON.parse(stdout)).toMatchObject([
      {
        experiment: "/Shared/wine",
        info: { run_name: "grid/03", status: "FINISHED", lifecycle_stage: "active" },
        data: {
          params: [{ key: "cp" }, { key: "data" }, { key: "maxdepth", value: "5" }],
          metrics: [{ key: "accuracy" }, { key: "loss", step: 59 }],
        },
      },
    ]);
  });
});

describe.concurrent("mlpipe runs show", () => {
  test("shows a sweep's trial with the course of its loss, and where it has no numbers", async ({
    expect,
  }) => {
    expect(await printed("runs", "show", "grid/03")).toMatchInlineSnapshot(`
      "grid/03  grid-03-------------------------
      status      FINISHED
      experiment  /Shared/wine  id 1
      started     2025-03-04 09:00:23, took 3.0 s
      by          ada
      parent      grid----------------------------

      params
        cp        0.05
        data      wine
        maxdepth  5

      metrics     last       lowest           highest  steps
        accuracy  0.95
        loss      0.0073235  0.0073235 at 59  1 at 0   0 to 59, 4 NaN  ██▇▆▅▅▄▄▃▃▃▂▂▂××▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
      "
    `);
  });

  test("shows what was recorded, the user's own tags first, and artifacts as a tree", async ({
    expect,
  }) => {
    expect(await printed("runs", "show", "tree v2")).toMatchInlineSnapshot(`
      "tree v2  tree-v2-------------------------
      status      FINISHED
      experiment  /Shared/wine  id 1
      started     2025-03-04 09:00:10, took 3.0 s
      by          ada

      params
        cp    0.01
        data  wine

      metrics
        accuracy  0.945

      tags
        omschrijving  tuned
        mlpipe.run    tree
        mlpipe.seed   2

      artifacts
        mlpipe/
          plan.json      222 B
          source/
            tree.mlpipe  124 B
        notes.txt        15 B
        plots/
          roc.csv        12 B
      "
    `);
  });

  test("begins with the failure", async ({ expect }) => {
    expect(await printed("runs", "show", "broken")).toMatchInlineSnapshot(`
      "broken  broken--------------------------
      tree.mlpipe:9:3  error R0810  object 'wine' not found
        more: mlpipe explain R0810

      status      FAILED
      experiment  /Shared/wine  id 1
      started     2025-03-04 09:00:40, took 3.0 s
      by          ada
      source      tree.mlpipe
      commit      1f2e3d4c5b6a79880011223344556677f8e9dacb on main, with changes that are not committed

      params
        maxdepth  seven
      "
    `);
  });

  test("shows a description as it was written", async ({ expect }) => {
    expect(await printed("runs", "show", "grid")).toMatchInlineSnapshot(`
      "grid  grid----------------------------
      status      FINISHED
      experiment  /Shared/wine  id 1
      started     2025-03-04 09:00:20, took 3.0 s
      by          ada

        A sweep over the depth.
        Three trials.
      "
    `);
  });

  test("draws with ASCII where the language has no more", async ({ expect }) => {
    const { stdout } = await ask(
      ["runs", "show", "grid/03"],
      { folder, uri, ids },
      { LC_ALL: "C" },
    );
    expect(stdout.split("\n").find((line) => line.startsWith("  loss"))).toMatchInlineSnapshot(
      `"  loss      0.0073235  0.0073235 at 59  1 at 0   0 to 59, 4 NaN  @@#*++==---...??._______________________"`,
    );
  });

  test("takes an id, its begin, a name, and counts back from the latest", async () => {
    const id = ids.get("tree v1") ?? "";
    const head = async (word: string): Promise<string | undefined> =>
      (await printed("runs", "show", word)).split("\n")[0];
    const [first, latest] = [await head("tree v1"), await head("still running")];
    expect(first).toMatch(/^tree v1 {2}tree-v1-+$/);
    for (const word of [id, id.slice(0, 12), "latest~7"]) expect(await head(word)).toBe(first);
    expect(await head("latest")).toBe(latest);
  });

  test.each([
    [
      "tree v3",
      "mlpipe: sqlite:///mlflow.db has no run `tree v3`; did you mean `tree v2`?\n  list them: mlpipe runs\n[2]",
    ],
    [
      'it\'s "x"',
      'mlpipe: sqlite:///mlflow.db has no run `it\'s "x"`\n  list them: mlpipe runs\n[2]',
    ],
    [
      "abc",
      "mlpipe: sqlite:///mlflow.db has no run `abc`\n  write at least 6 letters of an id\n[2]",
    ],
    [
      "latest~8",
      "mlpipe: there are only 8 runs in sqlite:///mlflow.db\n  list them: mlpipe runs\n[2]",
    ],
  ])("%j is no run, and says what to do", async (word, said) => {
    expect(await printed("runs", "show", word)).toBe(said);
  });

  test("--json has the histories and the artifacts too", async () => {
    const { stdout } = await type("runs", "show", "tree v2", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      info: { run_name: "tree v2" },
      experiment: { name: "/Shared/wine" },
      histories: { accuracy: [{ value: 0.945, step: 0 }] },
      artifacts: expect.arrayContaining([
        { path: "plots", is_dir: true },
        { path: "plots/roc.csv", is_dir: false, file_size: 12 },
      ]),
    });
    const nan = await type("runs", "show", "grid/03", "--json");
    expect(JSON.parse(nan.stdout).histories.loss[20]).toMatchObject({ value: "NaN", step: 20 });
  });

  test("a flag before `show` is refused, not ignored", async () => {
    expect(await printed("runs", "--json", "show", "grid")).toBe(
      "mlpipe: --json stands before `show`\n  write it behind, if it has that: mlpipe runs show --json\n[2]",
    );
  });
});

/** What a terminal of so many columns shows. */
async function seen(
  columns: number,
  words: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = `stty cols ${columns} rows 24; '${process.execPath}' '${entry}' ${words}`;
  const { FORCE_COLOR: _, ...inherited } = process.env;
  const { stdout } = await runProgram("script", ["-qec", command, "/dev/null"], {
    cwd: folder.path,
    env: {
      ...inherited,
      TZ: "UTC",
      LC_ALL: "C.UTF-8",
      TERM: "xterm",
      MLFLOW_TRACKING_URI: uri,
      NO_COLOR: "1",
      ...env,
    },
  });
  const short = [...ids].reduce(
    (rest, [name, id]) => rest.replaceAll(id.slice(0, 8), idOf(name).slice(0, 8)),
    stdout,
  );
  return short.replaceAll("\r\n", "\n");
}

const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
if (!hasScript && process.env["CI"] === "true") throw new Error("no `script` in CI");
if (!hasScript) console.warn("skipped in part: no `script` to make a terminal with");

describe.skipIf(!hasScript).concurrent("on a terminal", () => {
  test("of 80 columns the table fits, and says what it leaves out", async ({ expect }) => {
    expect(await seen(80, "runs")).toMatchInlineSnapshot(`
      "RUN       NAME           STATUS    STARTED     TOOK   cp    accuracy  loss
      still-ru  still running  RUNNING   2025-03-04                         1e-9
      broken--  broken         FAILED    2025-03-04  3.0 s
      grid----  grid           FINISHED  2025-03-04  3.0 s
      grid-01-    grid/01      FINISHED  2025-03-04  3.0 s  0.05  0.92      0.13992
      grid-02-    grid/02      FINISHED  2025-03-04  3.0 s  0.05  0.93      0.05234
      grid-03-    grid/03      FINISHED  2025-03-04  3.0 s  0.05  0.95      0.0073235
      tree-v2-  tree v2        FINISHED  2025-03-04  3.0 s  0.01  0.945
      tree-v1-  tree v1        FINISHED  2025-03-04  3.0 s  0.05  0.9
      all in /Shared/wine
      a wider terminal also shows maxdepth
      "
    `);
  });

  test("of 140 columns there is room for all, and for the full times", async ({ expect }) => {
    expect(await seen(140, "runs -n 6")).toMatchInlineSnapshot(`
      "RUN       NAME           STATUS    STARTED              TOOK   maxdepth  accuracy  loss
      still-ru  still running  RUNNING   2025-03-04 09:00:50                             1e-9
      broken--  broken         FAILED    2025-03-04 09:00:40  3.0 s  seven
      grid----  grid           FINISHED  2025-03-04 09:00:20  3.0 s
      grid-01-    grid/01      FINISHED  2025-03-04 09:00:21  3.0 s  2         0.92      0.13992
      grid-02-    grid/02      FINISHED  2025-03-04 09:00:22  3.0 s  3         0.93      0.05234
      grid-03-    grid/03      FINISHED  2025-03-04 09:00:23  3.0 s  5         0.95      0.0073235
      all in /Shared/wine
      there are more: mlpipe runs -n 30
      "
    `);
  });

  test("the history of a metric takes what room there is", async ({ expect }) => {
    const loss = async (columns: number): Promise<string | undefined> =>
      (await seen(columns, "runs show grid/03"))
        .split("\n")
        .find((line) => line.startsWith("  loss"));
    expect([await loss(80), await loss(100)]).toMatchInlineSnapshot(`
      [
        "  loss      0.0073235  0.0073235 at 59  1 at 0   0 to 59, 4 NaN  █▆▄▃▂×▁▁▁▁▁▁▁▁▁",
        "  loss      0.0073235  0.0073235 at 59  1 at 0   0 to 59, 4 NaN  ██▆▆▅▄▄▃▃▃▂▂××▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
      ]
    `);
  });

  test("only what went wrong is coloured, and headings are strong", async ({ expect }) => {
    const lines = (await seen(100, "runs -n 2", { NO_COLOR: "" }))
      .replaceAll("\u001b", "␛")
      .split("\n");
    expect(lines.slice(0, 3)).toMatchInlineSnapshot(`
      [
        "␛[1mRUN␛[0m       ␛[1mNAME␛[0m           ␛[1mSTATUS␛[0m   ␛[1mSTARTED␛[0m              ␛[1mTOOK␛[0m   ␛[1mloss␛[0m",
        "still-ru  still running  ␛[1;33mRUNNING␛[0m  2025-03-04 09:00:50         1e-9",
        "broken--  broken         ␛[1;31mFAILED␛[0m   2025-03-04 09:00:40  3.0 s",
      ]
    `);
  });
});

test("50,000 points are summed up, with the one that stands out", async () => {
  using own = temporaryFolder();
  const tracking = await openTracking(uri, { folder: own.path });
  const loss = Array.from({ length: 50_000 }, (_, at) =>
    at === 30_000 ? 2 : Math.exp(-at / 9000),
  );
  const known = await logRuns(tracking, own, "long", [
    { name: "long", second: 0, metrics: { loss } },
  ]);
  await tracking.close();
  const { stdout } = await ask(["runs", "show", "long"], { folder: own, uri, ids: known });
  expect(stdout).toContain(
    "  loss   0.0038663  0.0038663 at 49999  2 at 30000  0 to 49999  ▄▄▃▃▃▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\n",
  );
});

test("of many artifacts, a page shows the first, and says how many more there are", async () => {
  using own = temporaryFolder();
  const tracking = await openTracking(uri, { folder: own.path });
  const names = Array.from({ length: 250 }, (_, at) => `many/${String(at).padStart(3, "0")}.txt`);
  const files = Object.fromEntries(names.map((name) => [name, "x"]));
  await logRuns(tracking, own, "many", [{ name: "many", second: 0, files }]);
  await tracking.close();
  const { stdout } = await ask(["runs", "show", "many"], { folder: own, uri, ids });
  expect(stdout.split("\n").slice(-4)).toEqual([
    "    197.txt  1 B",
    "    198.txt  1 B",
    "  and 51 more; --json lists them",
    "",
  ]);
});

test("a name that two runs have is told with their ids, and steers no terminal", async () => {
  using own = temporaryFolder();
  const tracking = await openTracking(uri, { folder: own.path });
  const name = "twice\u001b[31m";
  const [first = "", second = ""] = await Promise.all(
    [0, 1].map(async (at) => {
      const start_time = Date.UTC(2025, 2, 4, 9, at);
      const request = { experiment_id: "0", run_name: name, start_time };
      return (await tracking.call("runs/create", request)).run.info.run_id;
    }),
  );
  await tracking.close();
  const { stderr, code } = await ask(["runs", "show", name], { folder: own, uri, ids });
  expect([stderr, code]).toEqual([
    `mlpipe: \`twice␛[31m\` could be any of several runs\n  give an id:\n    ${second}  2025-03-04 09:01:00  twice␛[31m\n    ${first}  2025-03-04 09:00:00  twice␛[31m\n`,
    2,
  ]);
});
