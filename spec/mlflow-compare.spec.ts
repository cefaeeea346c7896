/** Comparisons over the runs of a real MLflow server. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { type MlflowServer, mlflowFolder, startMlflow } from "./support/mlflow.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { checkAgainstModel } from "./support/ranking.ts";

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
});
