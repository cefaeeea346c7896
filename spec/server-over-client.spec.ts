/** A server over another server, as the runner opens it for a step's code: artifacts pass through both. */
import { mkdtempSync, readdirSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { ask, startServer, type TestServer } from "./support/server.ts";
import { openIn, startRun, temporaryFolder } from "./support/store.ts";

interface Chain {
  /** Asked by the step's code. */
  readonly near: TestServer;
  /** Where everything lands. */
  readonly far: TestServer;
  readonly runId: string;
  readonly modelId: string;
}

async function startChain(): Promise<Chain> {
  const far = await startServer();
  const tracking = await openTracking(far.url, { environment: {} });
  const near = await startServer({ tracking });
  const runId = await startRun(far.tracking, "0");
  const { model } = await far.tracking.call("logged-models/create", { experiment_id: "0" });
  return { near, far, runId, modelId: model.info.model_id };
}

const proxy = "api/2.0/mlflow-artifacts/artifacts";

test("artifacts of runs and of models are sent, listed and fetched by their addresses", async () => {
  const { near, far, runId, modelId } = await startChain();
  for (const root of [`0/${runId}/artifacts`, `0/models/${modelId}/artifacts`]) {
    const at = `${near.url}/${proxy}/${root}/a/b%20c.txt`;
    expect(await ask(at, { method: "PUT", body: "text" })).toMatchObject({ status: 200, json: {} });
    expect(await ask(at)).toMatchObject({ status: 200, text: "text" });
    expect(await ask(`${far.url}/${proxy}/${root}/a/b%20c.txt`)).toMatchObject({ text: "text" });
    expect((await ask(`${near.url}/${proxy}?path=${root}/a`)).json).toEqual({
      files: [{ path: "b c.txt", is_dir: false, file_size: 4 }],
    });
    expect(await ask(`${at}.none`)).toMatchObject({
      status: 404,
      json: { error_code: "RESOURCE_DOES_NOT_EXIST" },
    });
    expect(await ask(`${near.url}/${proxy}/${root}/a`)).toMatchObject({ status: 400 });
    expect(await ask(at, { method: "DELETE" })).toMatchObject({ status: 501 });
  }
});

test("a run's artifacts are sent and fetched by its id too", async () => {
  const { near, runId } = await startChain();
  const up = `${near.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=x/y`;
  expect(await ask(up, { body: "text", headers: { "content-type": "text/plain" } })).toMatchObject({
    status: 200,
  });
  expect(await ask(`${near.url}/get-artifact?run_id=${runId}&path=x/y`)).toMatchObject({
    status: 200,
    text: "text",
  });
  expect(
    (await ask(`${near.url}/api/2.0/mlflow/artifacts/list?run_id=${runId}&path=x`)).json,
  ).toMatchObject({
    files: [{ path: "x/y", is_dir: false, file_size: 4 }],
  });
});

test.each(["x", "0/x/artifacts/y", "0/../../x", `${"0".repeat(32)}/x`])(
  "what is no run's and no model's is not reached: %s",
  async (path) => {
    const { near } = await startChain();
    expect(await ask(`${near.url}/${proxy}/${encodeURIComponent(path)}`)).toMatchObject({
      status: 400,
    });
    expect(
      await ask(`${near.url}/${proxy}/${encodeURIComponent(path)}`, { method: "PUT", body: "x" }),
    ).toMatchObject({ status: 400 });
  },
);

test("nothing is left on this machine of what passed through (CVE-2024-27134, CVE-2025-10279, CVE-2026-4137)", async () => {
  const own = mkdtempSync(join(tmpdir(), "mlpipe-tmp-"));
  onTestFinished(() => rm(own, { recursive: true }));
  const { near, runId } = await startChain();
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = own;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  const at = `${near.url}/${proxy}/0/${runId}/artifacts/a`;
  await ask(at, { method: "PUT", body: "text" });
  await ask(at);
  await ask(`${at}.none`);
  await expect.poll(() => readdirSync(own)).toEqual([]);
});

test("addresses of Databricks, whose files only its own client reaches, lead through the server", async () => {
  const folder = await temporaryFolder();
  const store = await openIn(folder);
  const runId = await startRun(store, "0");
  const sent: unknown[] = [];
  const root = `dbfs:/databricks/mlflow-tracking/0/${runId}/artifacts`;
  const behind: Tracking = {
    uri: "databricks",
    call: (async () => {
      const { run } = await store.call("runs/get", { run_id: runId });
      return { run: { ...run, info: { ...run.info, artifact_uri: root } } };
    }) as unknown as Tracking["call"],
    upload: async (owner, file, path) =>
      void sent.push([owner, path, statSync(dirname(file)).mode & 0o077]),
    download: async (owner, path, target) => writeFile(target, `${owner} ${path}`),
    close: async () => {},
  };
  const { url } = await startServer({ tracking: behind });
  const client = await openTracking(url, { environment: {} });
  onTestFinished(() => client.close());
  const { run } = await client.call("runs/get", { run_id: runId });
  expect(run.info.artifact_uri).toBe(
    `mlflow-artifacts:/databricks/mlflow-tracking/0/${runId}/artifacts`,
  );
  await writeFile(join(folder, "file"), "x");
  await client.upload(runId, join(folder, "file"), "m/x");
  // Nobody else may look into the folder that it waits in.
  expect(sent).toEqual([[runId, "m/x", 0]]);
  expect(await ask(`${url}/get-artifact?run_id=${runId}&path=m/x`)).toMatchObject({
    text: `${runId} m/x`,
  });
});
