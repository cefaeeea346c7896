/** What a run has in its tracker, whoever has logged it, as the results of one step. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { TrackedRun } from "../../tracking/entities.ts";
import { listFolder, readHistory } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import type { Output, Results } from "../results.ts";
import { bringArtifact } from "./recorded-run.ts";

/** `step`: what the one step is called; `folder`: where artifacts are brought to. */
export async function trackedResults(
  run: TrackedRun,
  tracking: Tracking,
  step: string,
  folder: string,
): Promise<Results> {
  const { status } = run.info;
  const failure =
    status === "FINISHED"
      ? undefined
      : { code: status, message: `the run is ${status}`, fix: "", place: "" };
  const outputs = [
    ...(await metricsOf(run, tracking)),
    ...(await filesOf(run, tracking, folder, "")),
  ];
  return { failure: undefined, steps: [{ step, failure, outputs }] };
}

async function metricsOf(run: TrackedRun, tracking: Tracking): Promise<readonly Output[]> {
  const outputs: Output[] = [];
  for (const { key } of run.data.metrics ?? []) {
    const points = await readHistory(tracking, run.info.run_id, key);
    outputs.push({
      kind: "metric",
      key,
      points: points.map(({ step, value }) => ({ step, value })),
    });
  }
  return outputs;
}

/** A folder with an `MLmodel` in it is a model; other folders are looked into. What mlpipe has recorded itself is no result. */
async function filesOf(
  run: TrackedRun,
  tracking: Tracking,
  folder: string,
  below: string,
): Promise<readonly Output[]> {
  const outputs: Output[] = [];
  for (const { path: name, is_dir } of await listFolder(tracking, run.info.run_id, below)) {
    if (name === "mlpipe") continue;
    const place = await bringArtifact(name, { run, tracking, folder });
    if (place === undefined) continue;
    if (!is_dir) outputs.push({ kind: "artifact", key: name, format: "file", path: place });
    else if (existsSync(path.join(place, "MLmodel")))
      outputs.push({ kind: "model", key: name, flavor: "folder", path: place });
    else outputs.push(...(await filesOf(run, tracking, folder, name)));
  }
  return outputs;
}
