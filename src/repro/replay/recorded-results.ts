/** What a recorded run has given, with all its files brought here. */
import { statSync } from "node:fs";
import path from "node:path";
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import { readHexFloat } from "../../run/hex-float.ts";
import type { RecordedMetric, RecordedOutput, RecordedStep } from "../../run/manifest/manifest.ts";
import { readHistory } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import type { Output, Point, Results, StepResults } from "../results.ts";
import {
  type RecordedRun,
  bringArtifact,
  firstChanged,
  refuseChanged,
  refuseGone,
} from "./recorded-run.ts";

export interface RecordedResults {
  readonly results: Results;
  /** The folder that holds each output at its path. */
  readonly outputs: string;
}

/** Rejects with CannotReplay where an output is gone, or is not what was recorded. */
export async function recordedResults(
  recorded: RecordedRun,
  plan: RunPlan,
  tracking: Tracking,
  only?: string,
): Promise<RecordedResults> {
  const outputs = path.join(recorded.folder, "outputs");
  const steps: StepResults[] = [];
  for (const step of recorded.manifest.steps) {
    await bringOutputs(step, recorded, tracking, outputs);
    if (only === undefined || only === step.name)
      steps.push(await resultsOfStep(step, recorded, plan, tracking, outputs));
  }
  return { results: { failure: undefined, steps }, outputs };
}

/** Of every step: others may need them. */
async function bringOutputs(
  step: RecordedStep,
  { run }: RecordedRun,
  tracking: Tracking,
  folder: string,
): Promise<void> {
  const brought = { run, tracking, folder };
  // What lies in a folder that is an output too comes with it.
  const outermost = step.outputs.toSorted((a, b) => a.path.length - b.path.length);
  for (const { path: name, files } of outermost) {
    const place = await bringArtifact(name, brought);
    if (place === undefined) throw refuseGone(name, brought);
    if (await firstChanged(place, files)) throw refuseChanged(name, brought);
  }
}

async function resultsOfStep(
  step: RecordedStep,
  recorded: RecordedRun,
  plan: RunPlan,
  tracking: Tracking,
  folder: string,
): Promise<StepResults> {
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
    outputs: [...metrics, ...step.outputs.map((output) => outputOf(output, action, folder))],
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
  { key, kind, path: name }: RecordedOutput,
  action: StepAction | undefined,
  folder: string,
): Output {
  const place = path.join(folder, ...name.split("/"));
  if (kind === "model") {
    const flavor = action?.models.find((model) => model.path === name)?.flavor ?? "folder";
    return { kind, key, flavor, path: place };
  }
  const declared = action?.artifacts.find((artifact) => artifact.path === name)?.format;
  const format = declared ?? (statSync(place).isDirectory() ? "folder" : "file");
  return { kind, key, format, path: place };
}
