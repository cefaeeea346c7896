/** What a run has given, as its tracker has it. */
import { existsSync } from "node:fs";
import path from "node:path";
import { filesBelow } from "../../content/digest.ts";
import type { StepAction } from "../../plan/plan.ts";
import { openTracking } from "../../tracking/open.ts";
import { readHistory } from "../../tracking/pages.ts";
import { localFolder } from "../../tracking/store/artifact-place.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import type { Output, Results } from "../results.ts";
import { type Session, planOf } from "./session.ts";

/** Of the run in the tracker in `folder`. What no step declares stands in a step without a name. */
export async function recordedResults(
  session: Session,
  folder: string,
  runId: string,
): Promise<Results> {
  const tracking = await openTracking(undefined, { folder, environment: {} });
  try {
    return await readResults(session, folder, runId, tracking);
  } finally {
    await tracking.close();
  }
}

async function readResults(
  session: Session,
  folder: string,
  runId: string,
  tracking: Tracking,
): Promise<Results> {
  const { run } = await tracking.call("runs/get", { run_id: runId });
  const root = localFolder(run.info.artifact_uri, { folder });
  const metrics = await metricsOf(runId, run.data.metrics ?? [], tracking);
  const { actions } = planOf(session, session.space.usual);
  const steps = actions.filter((action) => action.kind === "step");
  const known = steps.map((step) => ({
    step: step.name,
    failure: undefined,
    outputs: [...metricsFor(step, metrics), ...filesFor(step, root)],
  }));
  const named = new Set(known.flatMap(({ outputs }) => outputs.map(({ key }) => key)));
  const others = metrics.filter(({ key }) => !named.has(key));
  return {
    failure: undefined,
    steps: [
      ...known,
      { step: "", failure: undefined, outputs: [...others, ...(await otherFiles(steps, root))] },
    ],
  };
}

type MetricOutput = Extract<Output, { readonly kind: "metric" }>;

async function metricsOf(
  runId: string,
  metrics: readonly { readonly key: string }[],
  tracking: Tracking,
): Promise<readonly MetricOutput[]> {
  const found: MetricOutput[] = [];
  for (const { key } of metrics) {
    const points = await readHistory(tracking, runId, key);
    found.push({ kind: "metric", key, points: points.map(({ step, value }) => ({ step, value })) });
  }
  return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function metricsFor(step: StepAction, metrics: readonly MetricOutput[]): readonly MetricOutput[] {
  return metrics.filter(({ key }) => step.metrics.some((one) => one.key === key));
}

function filesFor({ artifacts, models }: StepAction, root: string): readonly Output[] {
  const all: readonly Output[] = [
    ...artifacts.map(({ key, format, path: place }): Output => {
      return { kind: "artifact", key, format, path: path.join(root, place) };
    }),
    ...models.map(({ key, flavor, path: place }): Output => {
      return { kind: "model", key, flavor, path: path.join(root, place) };
    }),
  ];
  return all.filter((output) => output.kind !== "metric" && existsSync(output.path));
}

/** Without mlpipe's own record of the run. */
async function otherFiles(steps: readonly StepAction[], root: string): Promise<readonly Output[]> {
  const declared = steps.flatMap(({ artifacts, models }) =>
    [...artifacts, ...models].map((output) => output.path),
  );
  const isDeclared = (file: string): boolean =>
    declared.some((place) => file === place || file.startsWith(`${place}/`));
  const files = existsSync(root) ? await filesBelow(root) : [];
  return files
    .filter((file) => !file.startsWith("mlpipe/") && !isDeclared(file))
    .map((file) => ({ kind: "artifact", key: file, format: "file", path: path.join(root, file) }));
}
