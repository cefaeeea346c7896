/** Embedded stores for tests: each in a folder of its own that goes away with the test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { EndpointName, RequestOf, ResponseOf } from "../../src/tracking/endpoints.ts";
import { openTracking } from "../../src/tracking/open.ts";
import { TrackingError, type Tracking } from "../../src/tracking/tracking.ts";

/** A new empty folder, removed when the running test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mlpipe-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The store `mlflow.db` of `folder` (a new one if there is none), closed when the running test is over. */
export async function openIn(folder: string, uri?: string): Promise<Tracking> {
  const tracking = await openTracking(uri, { folder });
  onTestFinished(() => tracking.close().catch(() => undefined));
  return tracking;
}

/** A new store in a new folder, with one experiment and one run. */
export async function storeWithRun(): Promise<{
  readonly folder: string;
  readonly tracking: Tracking;
  readonly experimentId: string;
  readonly runId: string;
}> {
  const folder = await temporaryFolder();
  const tracking = await openIn(folder);
  const { experiment_id } = await tracking.call("experiments/create", { name: "iris" });
  const runId = await startRun(tracking, experiment_id);
  return { folder, tracking, experimentId: experiment_id, runId };
}

/** The id of a new run. */
export async function startRun(
  tracking: Tracking,
  experimentId: string,
  more: Partial<RequestOf<"runs/create">> = {},
): Promise<string> {
  const { run } = await tracking.call("runs/create", {
    experiment_id: experimentId,
    start_time: 1_700_000_000_000,
    ...more,
  });
  return run.info.run_id;
}

/** The TrackingError that `work` ends with; fails when it ends well or otherwise. */
export async function failureOf(work: Promise<unknown>): Promise<TrackingError> {
  try {
    await work;
  } catch (cause) {
    if (cause instanceof TrackingError) return cause;
    throw cause;
  }
  throw new Error("it should have failed");
}

/** `code: message` of the failure of a call. */
export async function refusal<E extends EndpointName>(
  tracking: Tracking,
  endpoint: E,
  request: RequestOf<E>,
): Promise<string> {
  const { code, message } = await failureOf(tracking.call(endpoint, request));
  return `${code}: ${message}`;
}

/** The run as it is read back. */
export async function readBack(
  tracking: Tracking,
  runId: string,
): Promise<ResponseOf<"runs/get">["run"]> {
  return (await tracking.call("runs/get", { run_id: runId })).run;
}
