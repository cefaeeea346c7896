/** `mlpipe diff` on a real store: what differs, the patch of the code, and the exit code. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { attempt, fence, oneRun } from "./support/attempt.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { ask, logRuns, wineRuns } from "./support/query-runs.ts";

const folder = temporaryFolder();
const uri = "sqlite:///mlflow.db";
let ids: ReadonlyMap<string, string> = new Map();
beforeAll(async () => {
  const tracking = await openTracking(uri, { folder: folder.path });
  ids = await logRuns(tracking, folder, "/Shared/wine", wineRuns);
  await tracking.close();
});
afterAll(() => folder[Symbol.dispose]());

/** What is printed, and the exit code. */
async function diff(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await ask(["diff", ...words], { folder, uri, ids });
  return `${stdout}${stderr}[${code}]`;
}

describe.concurrent("mlpipe diff", () => {
  test("tells what differs between two versions, with the patch", async ({ expect }) => {
    expect(await diff("tree v1", "tree v2")).toMatchInlineSnapshot(`
      "   RUN                               NAME     EXPERIMENT    STATUS    STARTED              TOOK
      A  tree-v1-------------------------  tree v1  /Shared/wine  FINISHED  2025-03-04 09:00:00  3.0 s
      B  tree-v2-------------------------  tree v2  /Shared/wine  FINISHED  2025-03-04 09:00:10  3.0 s

      params  A     B
        cp    0.05  0.01

      metrics     A    B      change
        accuracy  0.9  0.945  +0.045 (+5 %)

      tags            A         B
        mlpipe.seed   1         2
        omschrijving  baseline  tuned

      environment  A    B
        tree.TZ    UTC  Europe/Amsterdam

      artifacts, by size  A    B
        notes.txt         5 B  15 B
        plots/roc.csv     –    12 B

      code  tree.mlpipe
      --- a/tree.mlpipe
      +++ b/tree.mlpipe
      @@ -1,7 +1,7 @@
       mlpipe 1
       
       run tree {
      -  param cp: float = 0.05 in 0..1
      +  param cp: float = 0.01 in 0..1
       
         metric accuracy maximize in 0..1
      [3]"
    `);
  });

  test("tells what only one of them has, and a failure", async ({ expect }) => {
    expect(await diff("grid/03", "broken")).toMatchInlineSnapshot(`
      "   RUN                               NAME     EXPERIMENT    STATUS    STARTED              TOOK
      A  grid-03-------------------------  grid/03  /Shared/wine  FINISHED  2025-03-04 09:00:23  3.0 s
      B  broken--------------------------  broken   /Shared/wine  FAILED    2025-03-04 09:00:40  3.0 s

      run       A         B
        error   –         tree.mlpipe:9:3: R0810 object 'wine' not found
        status  FINISHED  FAILED

      params      A     B
        cp        0.05  –
        data      wine  –
        maxdepth  5     seven

      metrics     A          B
        accuracy  0.95       –
        loss      0.0073235  –

      code                     A  B
        branch                 –  main
        changes not committed  –  yes
        commit                 –  1f2e3d4c5b6a79880011223344556677f8e9dacb
        source                 –  tree.mlpipe
      [3]"
    `);
  });

  test("of a run and itself says that there is none, with exit code 0", async ({ expect }) => {
    expect(await diff("tree v1", "latest~7")).toMatchInlineSnapshot(`
      "   RUN                               NAME     EXPERIMENT    STATUS    STARTED              TOOK
      A  tree-v1-------------------------  tree v1  /Shared/wine  FINISHED  2025-03-04 09:00:00  3.0 s
      B  tree-v1-------------------------  tree v1  /Shared/wine  FINISHED  2025-03-04 09:00:00  3.0 s

      no difference
      [0]"
    `);
  });

  test("--json has every row, and null for what is not there", async () => {
    const { stdout, code } = await ask(["diff", "tree v1", "tree v2", "--json"], {
      folder,
      uri,
      ids,
    });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      a: { run_name: "tree v1" },
      b: { run_name: "tree v2" },
      same: false,
      params: [{ name: "cp", a: "0.05", b: "0.01" }],
      metrics: [{ name: "accuracy", a: 0.9, b: 0.945 }],
      artifacts: [
        { name: "notes.txt", a: 5, b: 15 },
        { name: "plots/roc.csv", a: null, b: 12 },
      ],
      files: [{ path: "tree.mlpipe", patch: expect.stringContaining("-  param cp: float = 0.05") }],
    });
  });

  test("of a run that is not there says which", async () => {
    expect(await diff("tree v1", "tree v9")).toBe(
      "mlpipe: sqlite:///mlflow.db has no run `tree v9`; did you mean `tree v2`?\n  list them: mlpipe runs\n[2]",
    );
  });
});

test("two runs of mlpipe of the same file do not differ; a changed line and a changed param do", async () => {
  using own = temporaryFolder();
  const text = oneRun(
    "  param n: int = 1",
    "  seed 1",
    "  metric x",
    fence("js", "const x = n + Math.random()"),
  );
  for (const source of [text, text, text.replace("n +", "2 * n +")]) await attempt(own, source);
  const same = await mlpipe(["diff", "latest~2", "latest~1"], { cwd: own.path });
  expect([same.stdout.split("\n\n").slice(1), same.code]).toEqual([["no difference\n"], 0]);
  const changed = await mlpipe(["diff", "latest~1", "latest"], { cwd: own.path });
  const [, metrics, patch] = changed.stdout.split("\n\n");
  expect(metrics).toMatch(/^metrics .*\n {2}x .* \+1 \(\+\d+ %\)$/);
  expect(patch).toMatch(/^code {2}it\.mlpipe\n--- a\/it\.mlpipe\n\+\+\+ b\/it\.mlpipe\n@@/);
  expect(patch).toContain("\n-const x = n + Math.random()\n+const x = 2 * n + Math.random()\n");
  expect(changed.code).toBe(3);
});

test("code that is no text, or huge, is compared by its size, and said to be", async () => {
  using own = temporaryFolder();
  const tracking = await openTracking(uri, { folder: own.path });
  const log = (name: string, tail: string) => ({
    name,
    second: 0,
    files: {
      "mlpipe/source/data.bin": `\0${tail}`,
      "mlpipe/source/huge.R": "x <- 1\n".repeat(200_000) + tail,
      "mlpipe/plan.json": "no plan",
    },
  });
  const own_ids = await logRuns(tracking, own, "big", [log("a", ""), log("b", "xyz")]);
  await tracking.close();
  const { stdout } = await ask(["diff", "a", "b"], { folder: own, uri, ids: own_ids });
  expect(stdout.split("\n\n").slice(1).join("\n\n")).toMatchInlineSnapshot(`
    "code  data.bin
      1 B in A, 4 B in B; compared by size only

    code  huge.R
      1400000 B in A, 1400003 B in B; compared by size only
    "
  `);
});

test("artifacts that a tracker cannot list are said to be left out, and the rest is compared", async () => {
  using own = temporaryFolder();
  const tracking = await openTracking(uri, { folder: own.path });
  const { experiment_id } = await tracking.call("experiments/create", {
    name: "far",
    artifact_location: "s3://nobody/here",
  });
  for (const value of ["1", "2"]) {
    const { run } = await tracking.call("runs/create", {
      experiment_id,
      run_name: value,
      start_time: Number(value),
    });
    await tracking.call("runs/log-batch", {
      run_id: run.info.run_id,
      params: [{ key: "n", value }],
    });
  }
  await tracking.close();
  const { stdout, code } = await mlpipe(["diff", "1", "2"], { cwd: own.path });
  expect([stdout.split("\n\n").slice(1), code]).toEqual([
    [
      "params  A  B\n  n     1  2",
      "not compared: the artifacts of A: the artifacts of this run are in s3:, which mlpipe reaches only through a server\nnot compared: the artifacts of B: the artifacts of this run are in s3:, which mlpipe reaches only through a server\n",
    ],
    3,
  ]);
});
