/** What a script logs by {mlflow} without Python arrives at the real MLflow, whoever of the two keeps the artifacts. */
import path from "node:path";
import { describe, expect, test } from "vitest";
import { mlflowFolder, startMlflow } from "./support/mlflow.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";
import { expectedArtifacts, expectedFacts, performAt } from "./support/r-remote.ts";

describe.skipIf(mlflowFolder === undefined || noR)(
  "a script whose run is at MLflow's server",
  () => {
    test.each([
      ["keeps artifacts itself", () => []],
      [
        "leaves them to its clients",
        (folder: string) => [
          "--no-serve-artifacts",
          "--default-artifact-root",
          path.join(folder, "a"),
        ],
      ],
    ])("logs artifacts and models to one that %s", { timeout: 240_000 }, async (_, words) => {
      using shelf = temporaryFolder();
      using folder = temporaryFolder();
      const server = await startMlflow(shelf.path, words(shelf.path));
      try {
        const done = await performAt(server.uri, folder);
        expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining("error")]);
        expect(done.stdout).toContain("same: TRUE TRUE");
        expect(done.facts).toMatchObject([expectedFacts]);
        expect(done.facts[0]?.artifacts).toEqual(expect.arrayContaining(expectedArtifacts));
      } finally {
        await server.stop();
      }
    });
  },
);
