/** What a run has come to, read back through a tracker, in a form that people can compare. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TrackedRun } from "../../src/tracking/entities.ts";
import { openTracking } from "../../src/tracking/open.ts";
import type { Tracking } from "../../src/tracking/tracking.ts";

export interface RunFacts {
  readonly experiment: string;
  readonly name: string;
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  /** The last value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Points of each metric in order of step. */
  readonly histories: Readonly<Record<string, readonly number[]>>;
  /** Without what differs from run to run: times, users, commits. */
  readonly tags: Readonly<Record<string, string>>;
  /** Every file below the artifact root. */
  readonly artifacts: readonly string[];
}

/** Facts of all runs of a tracker, the oldest first. */
export async function readFacts(
  uri: string | undefined,
  folder: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<readonly RunFacts[]> {
  const tracking = await openTracking(uri, { folder, environment });
  try {
    const { experiments = [] } = await tracking.call("experiments/search", { max_results: 100 });
    const { runs = [] } = await tracking.call("runs/search", {
      experiment_ids: experiments.map(({ experiment_id }) => experiment_id),
      order_by: ["attributes.start_time ASC"],
    });
    const names = new Map(experiments.map(({ experiment_id, name }) => [experiment_id, name]));
    const facts: RunFacts[] = [];
    for (const run of runs)
      facts.push(await factsOf(tracking, run, names.get(run.info.experiment_id) ?? ""));
    return facts;
  } finally {
    await tracking.close();
  }
}

const passing =
  /^mlflow\.(user|source\.git\.|runColor)|^mlpipe\.(source_digest|client|attempt|meaning|manifest|best_run|input\.)|^mlflow\.log-model\.history$/;

async function factsOf(
  tracking: Tracking,
  { info, data }: TrackedRun,
  experiment: string,
): Promise<RunFacts> {
  const metrics = data.metrics ?? [];
  const histories: Record<string, readonly number[]> = {};
  for (const { key } of metrics) {
    const { metrics: points = [] } = await tracking.call("metrics/get-history", {
      run_id: info.run_id,
      metric_key: key,
    });
    histories[key] = points.toSorted((a, b) => a.step - b.step).map(({ value }) => value);
  }
  const pairs = (list: readonly { key: string; value: string }[] = []): Record<string, string> =>
    Object.fromEntries(
      list
        .map(({ key, value }): [string, string] => [key, value])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  return {
    experiment,
    name: info.run_name,
    status: info.status,
    params: pairs(data.params),
    metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
    histories,
    tags: pairs((data.tags ?? []).filter(({ key }) => !passing.test(key))),
    artifacts: (await artifactsBelow(tracking, info.run_id, "")).map(withoutDigest),
  };
}

/** Copies of inputs are called by their digests, which of models are others with another R. */
function withoutDigest(artifact: string): string {
  return artifact.replace(/^(mlpipe\/inputs)\/[0-9a-f]{64}$/, "$1/(digest)");
}

async function artifactsBelow(
  tracking: Tracking,
  runId: string,
  below: string,
): Promise<readonly string[]> {
  const request = below === "" ? { run_id: runId } : { run_id: runId, path: below };
  const { files = [] } = await tracking.call("artifacts/list", request);
  const found: string[] = [];
  for (const file of files) {
    if (file.is_dir) found.push(...(await artifactsBelow(tracking, runId, file.path)));
    else found.push(file.path);
  }
  return found.toSorted();
}

/** The text of one artifact of the newest run. */
export async function readArtifact(
  uri: string | undefined,
  folder: string,
  artifact: string,
): Promise<string> {
  const tracking = await openTracking(uri, { folder });
  const target = mkdtempSync(path.join(tmpdir(), "mlpipe-artifact-"));
  try {
    const { experiments = [] } = await tracking.call("experiments/search", { max_results: 100 });
    const { runs = [] } = await tracking.call("runs/search", {
      experiment_ids: experiments.map(({ experiment_id }) => experiment_id),
      order_by: ["attributes.start_time DESC"],
      max_results: 1,
    });
    const file = path.join(target, "it");
    await tracking.download(runs[0]?.info.run_id ?? "", artifact, file);
    return statSync(file).isFile() ? readFileSync(file, "utf8") : "";
  } finally {
    await tracking.close();
    rmSync(target, { recursive: true, force: true });
  }
}
