/** `mlpipe compare`: what it prints of the runs that a tracker has, for people and for programs. */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { comparisonToCsv } from "../src/cli/query/comparison-csv.ts";
import type { ComparedRun } from "../src/run/ranking/compared-run.ts";
import { openTracking } from "../src/tracking/open.ts";
import { type Ended, entry, runProgram, temporaryFolder } from "./support/mlpipe.ts";
import { ask, idOf, logRuns } from "./support/query-runs.ts";
import { treeRuns, treesFile } from "./support/trees.ts";

const folder = temporaryFolder();
const uri = "sqlite:///mlflow.db";
let ids: ReadonlyMap<string, string> = new Map();
beforeAll(async () => {
  folder.write("sweep.mlpipe", treesFile);
  folder.write(
    "many.mlpipe",
    treesFile.replace("compare trees", "compare others { runs wide }\ncompare trees"),
  );
  folder.write("nameless.mlpipe", treesFile.replace('experiment "/Shared/iris"', ""));
  folder.write("strict.mlpipe", treesFile.replace("recall >= 0.9 ", "recall >= 1 "));
  folder.write("unranked.mlpipe", treesFile.replace(/best by recall then.*\n.*show.*\n/, ""));
  const tracking = await openTracking(uri, { folder: folder.path });
  ids = await logRuns(tracking, folder, "/Shared/iris", treeRuns);
  await tracking.close();
});
afterAll(() => folder[Symbol.dispose]());

const type = (...words: readonly string[]): Promise<Ended> => ask(words, { folder, uri, ids });

/** What is printed, and the exit code unless it is 0. */
async function printed(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await type(...words);
  return `${stdout}${stderr}${code === 0 ? "" : `[${code}]`}`;
}

describe.concurrent("mlpipe compare", () => {
  test("lays runs and trials side by side, the best first, and says why it is", async ({
    expect,
  }) => {
    const table = await printed("compare", "sweep.mlpipe", "trees");
    expect(table).toMatchInlineSnapshot(`
      "   NAME          RUN                               TOOK   cp    maxdepth  recall  precision
      ★  tidy_grid/04  tidy_grid-04--------------------  3.0 s  0.1   3         0.97    0.965
         tidy_grid/02  tidy_grid-02--------------------  3.0 s  0.01  3         0.97    0.96
         tidy_grid/01  tidy_grid-01--------------------  3.0 s  0.01  2         0.95    0.94
         baseline      baseline------------------------  3.0 s  0.05  3         0.9032  0.8789

      ★ tidy_grid/04 is the best: recall 0.97, like tidy_grid/02, but precision 0.965 before its 0.96
      no run of wide has finished: mlpipe run sweep.mlpipe wide
      "
    `);
    expect(await printed("compare", "sweep.mlpipe")).toBe(table);
    expect(await printed("run", "sweep.mlpipe", "trees")).toBe(table);
  });

  test("lays the trials of a sweep side by side, and the runs of a run", async ({ expect }) => {
    expect(await printed("compare", "sweep.mlpipe", "tidy_grid")).toMatchInlineSnapshot(`
      "   NAME          RUN                               TOOK   cp    maxdepth  recall  precision  loss
      ★  tidy_grid/02  tidy_grid-02--------------------  3.0 s  0.01  3         0.97    0.96       0.096252
         tidy_grid/04  tidy_grid-04--------------------  3.0 s  0.1   3         0.97    0.965      0.096252
         tidy_grid/01  tidy_grid-01--------------------  3.0 s  0.01  2         0.95    0.94       0.092144
         tidy_grid/03  tidy_grid-03--------------------  3.0 s  0.1   2         0.88    0.99       0.16214

      ★ tidy_grid/02 is the best: recall 0.97, like tidy_grid/04, which comes later
      "
    `);
    expect(await printed("compare", "unranked.mlpipe", "trees")).toMatchInlineSnapshot(`
      "NAME          RUN                               TOOK   cp    maxdepth  loss      precision  recall
      baseline      baseline------------------------  3.0 s  0.05  3         0.16305   0.8789     0.9032
      tidy_grid/01  tidy_grid-01--------------------  3.0 s  0.01  2         0.092144  0.94       0.95
      tidy_grid/02  tidy_grid-02--------------------  3.0 s  0.01  3         0.096252  0.96       0.97
      tidy_grid/04  tidy_grid-04--------------------  3.0 s  0.1   3         0.096252  0.965      0.97
      no run of wide has finished: mlpipe run unranked.mlpipe wide
      "
    `);
  });

  test.each([
    [
      "compare sweep.mlpipe wide",
      "mlpipe: sqlite:///mlflow.db has no finished run of wide in /Shared/iris\n  run it first: mlpipe run sweep.mlpipe wide\n[1]",
    ],
    [
      "compare sweep.mlpipe tres",
      "mlpipe: sweep.mlpipe has no `tres`; did you mean `trees`?\n  it has baseline, tidy_grid, wide, trees\n[2]",
    ],
    [
      "compare strict.mlpipe",
      'mlpipe: no run of baseline, tidy_grid fulfils where recall >= 1 and tags.status != "rejected"\n  change that, or see the runs: mlpipe compare strict.mlpipe baseline\n[1]',
    ],
    [
      "compare many.mlpipe",
      "mlpipe: many.mlpipe has several of them: others, trees\n  name one: mlpipe compare many.mlpipe others\n[2]",
    ],
    [
      "compare nameless.mlpipe",
      "mlpipe: sqlite:///mlflow.db has no finished run of baseline, tidy_grid, wide in Default\n  run it first: mlpipe run nameless.mlpipe baseline\n[1]",
    ],
    [
      "compare sweep.mlpipe --experiment-name /Shared/no",
      "mlpipe: sqlite:///mlflow.db has no finished run of baseline, tidy_grid, wide in /Shared/no\n  run it first: mlpipe run sweep.mlpipe baseline\n[1]",
    ],
    [
      "compare sweep.mlpipe --csv sweep.mlpipe",
      "mlpipe: sweep.mlpipe is a pipeline\n  name another file\n[2]",
    ],
    ["run sweep.mlpipe trees -P cp=1", "mlpipe: there is no param `cp`\n[2]"],
  ])("says what is wrong with `mlpipe %s`, and what to do", async (words, said) => {
    expect(await printed(...words.split(" "))).toBe(said);
    expect(readFileSync(path.join(folder.path, "sweep.mlpipe"), "utf8")).toBe(treesFile);
  });

  test("looks where the command line or the environment says", async ({ expect }) => {
    const table = await printed("compare", "sweep.mlpipe", "trees");
    const named = (text: string): string => text.replaceAll("nameless", "sweep");
    const words = ["compare", "nameless.mlpipe", "trees"];
    expect(named(await printed(...words, "--experiment-name", "/Shared/iris"))).toBe(table);
    expect(named(await printed(...words, "--experiment-id", "1"))).toBe(table);
    const env = { MLFLOW_EXPERIMENT_NAME: "/Shared/iris" };
    expect(named((await ask(words, { folder, uri, ids }, env)).stdout)).toBe(table);
  });

  test("gives all of it to programs", async ({ expect }) => {
    const json = JSON.parse((await type("compare", "sweep.mlpipe", "--json")).stdout);
    expect(json).toMatchObject({
      compare: "trees",
      best: idOf("tidy_grid/04"),
      why: expect.stringContaining("precision 0.965"),
      not_run: ["wide"],
      best_by: [
        { metric: "recall", goal: "maximize" },
        { metric: "precision", goal: "maximize" },
      ],
    });
    expect(json.runs[0]).toMatchObject({
      run_name: "tidy_grid/04",
      of: "tidy_grid",
      params: { cp: "0.1", maxdepth: "3" },
      metrics: { recall: 0.97 },
    });
    const csv = (await type("compare", "sweep.mlpipe", "--csv", "-")).stdout;
    expect(csv.replaceAll(folder.path, "").split("\r\n").slice(0, 2)).toMatchInlineSnapshot(`
      [
        "rank,run_id,run_name,experiment_id,of,status,start_time,end_time,artifact_uri,metrics.loss,metrics.precision,metrics.recall,params.cp,params.maxdepth",
        "1,tidy_grid-04--------------------,tidy_grid/04,1,tidy_grid,FINISHED,2025-03-04T09:00:14.000Z,2025-03-04T09:00:17.000Z,/mlruns/1/tidy_grid-04--------------------/artifacts,0.0962522591522617,0.965,0.97,0.1,3",
      ]
    `);
    await type("compare", "sweep.mlpipe", "--csv", "trees.csv");
    const written = readFileSync(path.join(folder.path, "trees.csv"), "utf8");
    expect([...ids].reduce((rest, [name, id]) => rest.replaceAll(id, idOf(name)), written)).toBe(
      csv,
    );
  });

  test("makes no store where there is none", async () => {
    using empty = temporaryFolder();
    empty.write("sweep.mlpipe", treesFile);
    const { code } = await ask(["compare", "sweep.mlpipe"], { folder: empty, uri, ids });
    expect(code).toBe(1);
    expect(readdirSync(empty.path)).toEqual(["sweep.mlpipe"]);
  });

  const hasScript = spawnSync("script", ["--version"]).status === 0;
  if (process.env["CI"] === "true" && !hasScript) throw new Error("CI needs util-linux's script");
  test.skipIf(!hasScript)("fits a terminal", async ({ expect }) => {
    const command = `stty cols 50 rows 24; TERM=xterm NO_COLOR=1 MLFLOW_TRACKING_URI=${uri} LC_ALL=C.UTF-8 ${process.execPath} ${entry} compare sweep.mlpipe`;
    const { stdout } = await runProgram("script", ["-qec", command, "/dev/null"], {
      cwd: folder.path,
      env: { ...process.env, MLFLOW_TRACKING_URI: uri },
    });
    const shown = [...ids.values()].reduce(
      (rest, id) => rest.replaceAll(id.slice(0, 8), "........"),
      stdout.replaceAll("\r", ""),
    );
    expect(shown).toMatchInlineSnapshot(`
      "   NAME          cp    maxdepth  recall  precision
      ★  tidy_grid/04  0.1   3         0.97    0.965
         tidy_grid/02  0.01  3         0.97    0.96
         tidy_grid/01  0.01  2         0.95    0.94
         baseline      0.05  3         0.9032  0.8789
      a wider terminal also shows TOOK, RUN

      ★ tidy_grid/04 is the best: recall 0.97, like tidy_grid/02, but precision 0.965 before its 0.96
      no run of wide has finished: mlpipe run sweep.mlpipe wide
      "
    `);
  });
});

/** Reads CSV as RFC 4180 says; fails where the text is none. */
function readCsv(text: string): readonly (readonly string[])[] {
  const fields = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy)];
  expect(fields.map(([whole]) => whole).join("")).toBe(text);
  const rows: string[][] = [[]];
  for (const [, quoted, plain = "", end] of fields) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ",") rows.push([]);
  }
  return rows.slice(0, -1);
}

test("every text and number comes out of the CSV as it went in", () => {
  const text = fc.string({ unit: fc.constantFrom(..."a,\"\r\n';=é☃ ") });
  const run = fc.record({ param: text, tag: text, name: text, metric: fc.double() });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1 }), (runs) => {
      const compared = runs.map(({ param, tag, name, metric }, at): ComparedRun => ({
        id: String(at),
        name,
        experimentId: "1",
        of: "a",
        status: "FINISHED",
        started: 0,
        ended: undefined,
        artifactUri: "",
        params: new Map([["p,1", param]]),
        values: new Map(),
        metrics: new Map([["m", metric]]),
        steps: new Map(),
        tags: new Map([
          ["t", tag],
          ["mlflow.user", "ada"],
        ]),
      }));
      const plan = {
        kind: "compare",
        compare: "c",
        file: "f",
        candidates: [],
        where: [],
        bestBy: [],
        show: [],
      } as const;
      const comparison = {
        plan,
        tracker: "",
        runs: compared,
        verdict: undefined,
        notRun: [],
        allLeftOut: [],
      };
      const [titles, ...rows] = readCsv(comparisonToCsv(comparison));
      expect(titles?.slice(8)).toEqual(["metrics.m", "params.p,1", "tags.t"]);
      expect(rows.map((row) => [row[1], Number(row[8]), row[9], row[10]])).toEqual(
        runs.map(({ name, metric, param, tag }) => [name, metric, param, tag]),
      );
    }),
  );
});
