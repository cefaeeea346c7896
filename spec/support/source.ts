/** All that a source holds, in one value: what two stores are compared by. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { MetricPoint, TrackedRun } from "../../src/tracking/entities.ts";
import type { Owner, Problem, Report, Source } from "../../src/tracking/transfer/source.ts";

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Keeps what is reported. */
export function collectProblems(): { readonly problems: Problem[]; readonly report: Report } {
  const problems: Problem[] = [];
  return { problems, report: (problem) => void problems.push(problem) };
}

/** Points of every metric of a run. */
export async function pointsOf(
  source: Source,
  run: TrackedRun,
): Promise<Record<string, readonly MetricPoint[]>> {
  const points: Record<string, readonly MetricPoint[]> = {};
  for (const key of await source.metricKeys(run))
    points[key] = (await all(source.history(run.info.run_id, key))).flat();
  return points;
}

/** Contents of all artifacts of a run or model, by path. */
export async function artifactsOf(source: Source, owner: Owner): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { path } of await all(source.files(owner)))
    texts[path] = await source.read(owner, path, (file) => readFile(file, "utf8"));
  return texts;
}

/** A folder that goes away with the test. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mlpipe-transfer-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
