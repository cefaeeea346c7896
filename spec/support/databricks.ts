/** Clients of a fake workspace for one test, closed at its end, and what tests of them share. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished } from "vitest";
import { openDatabricks } from "../../src/tracking/databricks/open-databricks.ts";
import type { Tracking } from "../../src/tracking/tracking.ts";
import { account, startDatabricks, type FakeDatabricks } from "./fake-databricks.ts";
import { recordWaits } from "./surroundings.ts";

export const clouds = [
  "AWS_PRESIGNED_URL",
  "GCP_SIGNED_URL",
  "AZURE_SAS_URI",
  "AZURE_ADLS_GEN2_SAS_URI",
] as const;
export const mebibyte = 1024 * 1024;
/** Small enough for a test: the smallest parts that S3 takes. */
export const smallParts = {
  MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: String(5 * mebibyte),
  MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: String(6 * mebibyte),
};
export const byToken = { DATABRICKS_TOKEN: account.token };
export const byClient = {
  DATABRICKS_CLIENT_ID: account.clientId,
  DATABRICKS_CLIENT_SECRET: account.clientSecret,
};

export interface Workspace {
  readonly folder: string;
  readonly fake: FakeDatabricks;
}

/** A folder and a fake workspace, new for each test of the file that calls this; no test may break a rule of the cloud's. */
export function workspaceForEach(): () => Workspace {
  let current: Workspace;
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), "mlpipe-databricks-"));
    current = { folder, fake: await startDatabricks(folder) };
  });
  afterEach(async () => {
    await current.fake.close();
    await rm(current.folder, { recursive: true, force: true });
    expect(current.fake.cloud.violations).toEqual([]);
  });
  return () => current;
}

/** A client of the workspace that sleeps no real time, and what it would have slept; `home` has no settings in it. */
export async function connectTo(
  { origin }: Pick<FakeDatabricks, "origin">,
  home: string,
  env: Readonly<Record<string, string>> = byToken,
) {
  const { surroundings, waits } = recordWaits();
  const all = { HOME: home, DATABRICKS_HOST: origin, ...env };
  const place = { uri: "databricks", profile: undefined };
  const tracking = await openDatabricks(place, all, surroundings);
  onTestFinished(() => tracking.close());
  return { tracking, waits, surroundings };
}

export async function startRun(tracking: Tracking, name = "/Shared/iris"): Promise<string> {
  const { experiment_id } = await tracking.call("experiments/create", { name });
  const { run } = await tracking.call("runs/create", { experiment_id, start_time: 1 });
  return run.info.run_id;
}

/** The calls by their names. */
export const seen = (what: readonly { readonly path: string }[]): readonly string[] =>
  what.map(({ path }) => path.slice(path.lastIndexOf("/mlflow/") + "/mlflow/".length));
