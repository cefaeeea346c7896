/** What a recorded run has given, with all its files brought here. */
import { statSync } from "node:fs";
import path from "node:path";
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import { readHexFloat } from "../../run/hex-float.ts";
import { formatOf } from "../../run/manifest/output-content.ts";
import type { RecordedMetric, RecordedOutput, RecordedStep } from "../../run/manifest/manifest.ts";
import { readHistory } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import type { KnownOutput, Output, Point, Results, StepResults } from "../results.ts";
import {
  type RecordedRun,
  bringArtifact,
  firstChanged,
  refuseChanged,
  refuseGone,
} from "./recorded-run.ts";

export interface RecordedResults {
  readonly results: Results<KnownOutput>;
  /** The folder that holds each output at its path, but for those that are gone. */
  readonly outputs: string;
  /** Paths of outputs that the tracker has no longer: they are known by their digests. */
  readonly gone: ReadonlySet<string>;
}

export interface Wanted {
  /** The only step whose results are asked for; absent: all. */
  readonly step?: string | undefined;
  /** Paths of outputs of which the digests say enough. */
  readonly unneeded?: ReadonlySet<string>;
}

/** Rejects with CannotReplay where an output is gone of which no digest was recorded, or is not what was recorded. */
export async function recordedResults(
  recorded: RecordedRun,
  plan: RunPlan,
  tracking: Tracking,
  { step: only, unneeded = new Set() }: Wanted = {},
): Promise<RecordedResults> {
  const outputs = path.join(recorded.folder, "outputs");
  const gone = new Set<string>();
  const steps: StepResults<KnownOutput>[] = [];
  for (const step of recorded.manifest.steps) {
    for (const lost of await bringOutputs(step, recorded, tracking, outputs, unneeded))
      gone.add(lost);
    const away = new Set([...gone, ...unneeded]);
    if (only === undefined || only === step.name)
      steps.push(await resultsOfStep(step, recorded, plan, tracking, { folder: outputs, away }));
  }
  return { results: { failure: undefined, steps }, outputs, gone };
}

/** Of every step: others may need them. Resolves to the paths of those that are gone. */
async function bringOutputs(
  step: RecordedStep,
  { run }: RecordedRun,
  tracking: Tracking,
  folder: string,
  unneeded: ReadonlySet<string>,
): Promise<readonly string[]> {
  const brought = { run, tracking, folder };
  const gone: string[] = [];
  // What lies in a folder that is an output too comes with it.
  const outermost = step.outputs.toSorted((a, b) => a.path.length - b.path.length);
  for (const { path: name, files } of outermost) {
    if (unneeded.has(name)) continue;
    const place = await bringArtifact(name, brought);
    if (place !== undefined && (await firstChanged(place, files)))
      throw refuseChanged(name, brought);
    if (place !== undefined) continue;
    if (files.length === 0) throw refuseGone(name, brought);
    gone.push(name);
  }
  return gone;
}

interface Places {
  readonly folder: string;
  /** Paths of outputs that are not there. */
  readonly away: ReadonlySet<string>;
}

async function resultsOfStep(
  step: RecordedStep,
  recorded: RecordedRun,
  plan: RunPlan,
  tracking: Tracking,
  places: Places,
): Promise<StepResults<KnownOutput>> {
  const action = plan.actions.find(
    (one): one is StepAction => one.kind === "step" && one.name === step.name,
  );
  const metrics: Output[] = [];
  for (const metric of step.metrics)
    metrics.push({
      kind: "metric",
      key: metric.key,
      points: await pointsOf(metric, recorded, tracking),
    });
  return {
    step: step.name,
    failure: step.failed ? { ...step.failed, fix: "" } : undefined,
    outputs: [...metrics, ...step.outputs.map((output) => outputOf(output, action, places))],
  };
}

/** The manifest has every bit of a single point; of several the tracker has all, in the order of their steps. */
async function pointsOf(
  { key, points, step, hex }: RecordedMetric,
  { run }: RecordedRun,
  tracking: Tracking,
): Promise<readonly Point[]> {
  if (points === 1) return [{ step, value: readHexFloat(hex) }];
  const history = await readHistory(tracking, run.info.run_id, key);
  return history.map((point) => ({ step: point.step, value: point.value }));
}

function outputOf(
  output: RecordedOutput,
  action: StepAction | undefined,
  { folder, away }: Places,
): KnownOutput {
  const { key, kind, path: name, files, content } = output;
  if (away.has(name)) {
    const isFolder = files.some((file) => file.path !== "");
    const format = formatOf(output, action, isFolder);
    return { kind: "digests", of: kind, key, path: name, format, files, content };
  }
  const place = path.join(folder, ...name.split("/"));
  if (kind === "model") {
    const flavor = action?.models.find((model) => model.path === name)?.flavor ?? "folder";
    return { kind, key, flavor, path: place };
  }
  const format = formatOf(output, action, statSync(place).isDirectory());
  return { kind, key, format, path: place };
}
