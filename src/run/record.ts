/** What is kept of a run besides its results: what the steps printed, the plan, and the files it came from. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { planToJson } from "../plan/json.ts";
import type { RunPlan, StepAction } from "../plan/plan.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { placesOfStep } from "./step-file.ts";
import { type PerformContext, runFolder } from "./state.ts";

/** How many files are on their way at once: a disk flushes them together, and what a server takes at once its client knows. */
const together = 64;

/** Uploads `mlpipe/plan.json`, `mlpipe/log/<step>.txt`, and `mlpipe/source/…` with the scripts of the steps. Steps that never began have no log. */
export async function recordRun(
  plan: RunPlan,
  context: PerformContext,
  runId: string,
): Promise<void> {
  const folder = path.join(runFolder(context, runId), "mlpipe-record");
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, string>();
  const put = (name: string, text: string): void => {
    const file = path.join(folder, name.replaceAll("/", "__"));
    writeFileSync(file, text);
    files.set(name, file);
  };
  put("plan.json", planToJson(plan));
  for (const action of plan.actions) {
    if (action.kind === "step")
      for (const [name, file] of filesOfStep(action, context, runId)) files.set(name, file);
    if (action.kind === "record")
      for (const source of action.sources) put(`source/${source.path}`, source.text);
  }
  await uploadAll(files, runId, context.tracking);
}

/** By their names below `mlpipe/`. A script that lies outside of the project's folder is not the project's to keep. */
function filesOfStep(
  { name: step, code }: StepAction,
  context: PerformContext,
  runId: string,
): readonly (readonly [name: string, file: string])[] {
  const log = placesOfStep(runFolder(context, runId), step).log;
  const logs = existsSync(log) ? ([[`log/${step}.txt`, log]] as const) : [];
  if (code.kind === "fence") return logs;
  const name = path.normalize(code.path).split(path.sep).join("/");
  const file = path.resolve(context.folder, code.path);
  const isForeign = path.isAbsolute(code.path) || name.startsWith("../");
  return isForeign || !existsSync(file) ? logs : [...logs, [`source/${name}`, file]];
}

/** Rejects with the first reason, when nothing is under way any longer. */
async function uploadAll(
  files: ReadonlyMap<string, string>,
  runId: string,
  tracking: Tracking,
): Promise<void> {
  const rest = files.entries();
  const work = async (): Promise<void> => {
    for (const [name, file] of rest) await tracking.upload(runId, file, `mlpipe/${name}`);
  };
  const done = await Promise.allSettled(Array.from({ length: together }, work));
  const failed = done.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}
