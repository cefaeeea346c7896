/** What a script logs by {mlflow} arrives wherever its run is, through a server that the script alone can reach. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";
import { expectedArtifacts, expectedFacts, performAt } from "./support/r-remote.ts";
import { startServer } from "./support/server.ts";

const token = "secret-of-the-server";

describe.skipIf(noR)("a script whose run is at another server", () => {
  test("logs artifacts and models to a server that asks for a token, and sees nothing of that", async () => {
    const server = await startServer({ tokens: [token] });
    using folder = temporaryFolder();
    const done = await performAt(server.url, folder, { MLFLOW_TRACKING_TOKEN: token });
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(done.stdout).toContain("same: TRUE TRUE");
    expect(done.stdout).toMatch(/variables: +\n/);
    expect(done.facts).toMatchObject([expectedFacts]);
    expect(done.facts[0]?.artifacts).toEqual(expect.arrayContaining(expectedArtifacts));
  });

  test("registers a model by its real address, wherever the server keeps artifacts", async () => {
    using folder = temporaryFolder();
    const shelf = path.join(folder.path, "shelf");
    mkdirSync(shelf);
    const tracking = await openTracking(undefined, { folder: shelf });
    const server = await startServer({ tracking });
    const done = await performAt(server.url, folder);
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(done.stdout).toContain("same: TRUE TRUE");
    const found = await tracking.call("model-versions/get", { name: "flowers", version: "1" });
    const { run_id: id, source } = found.model_version;
    expect(source).toBe(path.join(shelf, "mlruns", "0", id ?? "", "artifacts", "model"));
  });
});
