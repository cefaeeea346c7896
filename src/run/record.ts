/** What is kept of a run besides its results: what the steps printed, the plan, and the files it came from. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { planToJson } from "../plan/json.ts";
import type { RunPlan, StepAction } from "../plan/plan.ts";
import { statOf } from "./cache/digest.ts";
import { splitBatch } from "../tracking/batch.ts";
import type { Tracking } from "../tracking/tracking.ts";
import type { RecordedFile } from "./manifest/manifest.ts";
import { recordText } from "./manifest/make-manifest.ts";
import { type ManifestRecord, manifestTags, recordManifest } from "./manifest/record-manifest.ts";
import { recordFile } from "./manifest/used-files.ts";
import { placesOfStep } from "./step-file.ts";
import { type PerformContext, type RunState, requireRunId, runFolder } from "./state.ts";

/** How many files are on their way at once: a disk flushes them together, and what a server takes at once its client knows. */
const together = 64;

/**
 * Uploads `mlpipe/plan.json`, `mlpipe/log/<step>.txt`, `mlpipe/source/…` with the scripts of the steps, and the manifest of all
 * that. Steps that printed nothing have no log.
 */
export async function recordRun(
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<void> {
  const runId = requireRunId(state);
  const folder = path.join(runFolder(context, runId), "mlpipe-record");
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, string>();
  const put = (name: string, text: string): void => {
    const file = path.join(folder, name.replaceAll("/", "__"));
    writeFileSync(file, text);
    files.set(name, file);
  };
  const planText = planToJson(plan);
  put("plan.json", planText);
  for (const action of plan.actions) {
    if (action.kind === "step")
      for (const [name, file] of filesOfStep(action, context, runId)) files.set(name, file);
    if (action.kind === "record")
      for (const source of action.sources) put(`source/${source.path}`, source.text);
  }
  const recorded = { plan: recordText("plan.json", planText), sources: await sourcesIn(files) };
  const record = context.origins && (await recordManifest(plan, recorded, folder, context, state));
  for (const [name, file] of record?.files ?? []) files.set(name, file);
  await uploadAll(files, runId, context.tracking);
  if (record) await completeManifest(record, runId, context, state);
}

async function completeManifest(
  record: ManifestRecord,
  run_id: string,
  { tracking }: PerformContext,
  state: RunState,
): Promise<void> {
  await sendInputs(record, tracking);
  // By its tag the manifest is known to be whole.
  for (const batch of splitBatch({ run_id, tags: manifestTags(record) }))
    await tracking.call("runs/log-batch", batch);
  state.lacks = record.manifest.lacks;
}

async function sourcesIn(files: ReadonlyMap<string, string>): Promise<readonly RecordedFile[]> {
  const sources: RecordedFile[] = [];
  for (const [name, file] of files)
    if (name.startsWith(sourceFolder))
      sources.push(await recordFile(file, name.slice(sourceFolder.length)));
  return sources;
}

const sourceFolder = "source/";

/** What this process has sent already, or is about to: the trials of a sweep share it. */
const sent = new Map<string, Promise<void>>();

async function sendInputs(
  { inputs, inputsRun }: ManifestRecord,
  tracking: Tracking,
): Promise<void> {
  const sending = [...inputs].map(([name, file]) => {
    const key = [tracking.uri, inputsRun, name].join("\n");
    const known = sent.get(key) ?? tracking.upload(inputsRun, file, `mlpipe/${name}`);
    sent.set(key, known);
    // Who comes next tries again.
    return known.catch((error: unknown) => {
      sent.delete(key);
      throw error;
    });
  });
  await Promise.all(sending);
}

/** By their names below `mlpipe/`. A script that lies outside of the project's folder is not the project's to keep. */
function filesOfStep(
  { name: step, code }: StepAction,
  context: PerformContext,
  runId: string,
): readonly (readonly [name: string, file: string])[] {
  const log = placesOfStep(runFolder(context, runId), step).log;
  const logs = statOf(log)?.size ? ([[`log/${step}.txt`, log]] as const) : [];
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
