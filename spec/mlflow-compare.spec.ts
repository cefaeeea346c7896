/** Comparisons over the runs of a real MLflow server. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { type MlflowServer, mlflowFolder, startMlflow } from "./support/mlflow.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { ask, logRuns } from "./support/query-runs.ts";
import { checkAgainstModel } from "./support/ranking.ts";
import { treeRuns, treesFile } from "./support/trees.ts";

/** MLflow takes seconds to start, more on a busy machine. */
const slow = { timeout: 240_000 };
const folder = temporaryFolder();
let server: MlflowServer | undefined;
beforeAll(async () => {
  if (mlflowFolder !== undefined) server = await startMlflow(folder.path);
}, slow.timeout);
afterAll(async () => {
  await server?.stop();
  folder[Symbol.dispose]();
});

describe.skipIf(mlflowFolder === undefined)("MLflow's server", () => {
  test("ranks any runs as a plain model of the language does", slow, async () => {
    const tracking = await openTracking(server?.uri);
    await checkAgainstModel(tracking, folder, 12);
    await tracking.close();
  });

  test("is compared as the embedded store is, and a report leads to its pages", slow, async () => {
    const uri = server?.uri ?? "";
    folder.write("sweep.mlpipe", treesFile);
    const said: string[] = [];
    for (const place of [uri, "sqlite:///here.db"]) {
      const tracking = await openTracking(place, { folder: folder.path });
      const ids = await logRuns(tracking, folder, "/Shared/iris", treeRuns);
      await tracking.close();
      const words = ["compare", "sweep.mlpipe", "--html", "trees.html"];
      const { stdout } = await ask(words, { folder, uri: place, ids });
      said.push(stdout);
      const page = readFileSync(path.join(folder.path, "trees.html"), "utf8");
      const run = ids.get("tidy_grid/04") ?? "";
      expect(page.includes(`href="${uri}/#/experiments/`)).toBe(place === uri);
      expect(page.includes(`/runs/${run}/artifacts"`)).toBe(place === uri);
    }
    expect(said[0]).toContain("★  tidy_grid/04");
    expect(said[1]).toBe(said[0]);
  });
});
