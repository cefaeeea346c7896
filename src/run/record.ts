/** What is kept of a run besides its results: what the steps printed, the plan, and the files it came from. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { planToJson } from "../plan/json.ts";
import type { RunPlan, StepAction } from "../plan/plan.ts";
import { placesOfStep } from "./step-file.ts";
import { type PerformContext, runFolder } from "./state.ts";

/** Uploads `mlpipe/plan.json`, `mlpipe/log/<step>.txt`, and `mlpipe/source/…` with the scripts of the steps. Steps that never began have no log. */
export async function recordRun(
  plan: RunPlan,
  context: PerformContext,
  runId: string,
): Promise<void> {
  const folder = path.join(runFolder(context, runId), "mlpipe-record");
  mkdirSync(folder, { recursive: true });
  const put = async (name: string, text: string): Promise<void> => {
    const file = path.join(folder, name.replaceAll("/", "__"));
    writeFileSync(file, text);
    await context.tracking.upload(runId, file, `mlpipe/${name}`);
  };
  await put("plan.json", planToJson(plan));
  for (const action of plan.actions) {
    if (action.kind === "step") {
      await uploadLog(action.name, context, runId);
      await uploadScript(action, context, runId);
    }
    if (action.kind === "record")
      for (const source of action.sources) await put(`source/${source.path}`, source.text);
  }
}

/** A script that lies outside of the project's folder is not the project's to keep. */
async function uploadScript(
  { code }: StepAction,
  context: PerformContext,
  runId: string,
): Promise<void> {
  if (code.kind === "fence") return;
  const name = path.normalize(code.path).split(path.sep).join("/");
  const file = path.resolve(context.folder, code.path);
  if (path.isAbsolute(code.path) || name.startsWith("../") || !existsSync(file)) return;
  await context.tracking.upload(runId, file, `mlpipe/source/${name}`);
}

async function uploadLog(step: string, context: PerformContext, runId: string): Promise<void> {
  const file = placesOfStep(runFolder(context, runId), step).log;
  if (existsSync(file)) await context.tracking.upload(runId, file, `mlpipe/log/${step}.txt`);
}
