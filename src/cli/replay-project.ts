/** Performs the recorded run of an MLproject again, in a copy of its folder as it was, and compares what both have logged. */
import path from "node:path";
import { environmentManagers } from "../project/choose-environment.ts";
import { compareResults } from "../repro/compare/compare-results.ts";
import { changesBetween } from "../repro/replay/changes.ts";
import { type RecordedRun, openRecorded } from "../repro/replay/recorded-run.ts";
import { CannotReplay } from "../repro/replay/refused.ts";
import type { Replay } from "../repro/replay/replay.ts";
import type { ReplayRequest } from "../repro/replay/replay-run.ts";
import { type Restored, restoreProject } from "../repro/replay/restore-project.ts";
import { surroundingsOf } from "../repro/replay/surroundings.ts";
import { guiltySteps, suspectsOf } from "../repro/replay/suspects.ts";
import { trackedResults } from "../repro/replay/tracked-results.ts";
import { writeBack } from "../repro/replay/write-back.ts";
import type { RecordedProject } from "../run/manifest/manifest.ts";
import { runProject } from "./run-project.ts";

/** `recorded` is of a project. Rejects as `replayRun` does. */
export async function replayProject(
  recorded: RecordedRun,
  project: RecordedProject,
  request: ReplayRequest,
): Promise<Replay> {
  const began = performance.now();
  const { run, manifest } = recorded;
  const { tracking, scratch } = request;
  const { entry } = project;
  const projects = [...new Set([...request.projects, manifest.folder])];
  const restored = await restoreProject(recorded, { tracking, projects, scratch });
  const before = await trackedResults(run, tracking, entry, recorded.folder);
  const replayId = await performAgain(recorded, project, restored, request);
  const { run: made } = await tracking.call("runs/get", { run_id: replayId });
  const again = await openRecorded(made, tracking, path.join(scratch, "replayed"));
  const after = await trackedResults(made, tracking, entry, again.folder);
  request.look?.(before, after);
  const comparison = await compareResults(before, after, undefined);
  // The command names the folder that it starts in, which is a copy.
  const between = changesBetween(manifest, again.manifest).filter(({ cause }) => cause !== "code");
  const changes = [...restored.changes, ...between];
  const guilty = guiltySteps(comparison, manifest);
  const replay: Replay = {
    runId: run.info.run_id,
    name: run.info.run_name,
    run: entry,
    file: manifest.file,
    tracking: tracking.uri,
    replayId,
    step: undefined,
    verdict: comparison.verdict,
    comparison,
    changes,
    guilty,
    suspects: guilty.flatMap((name) => suspectsOf(name, changes, again.manifest)),
    notes: restored.notes,
    diagnosis: undefined,
    milliseconds: performance.now() - began,
  };
  await writeBack(replay, path.join(scratch, "table"), tracking);
  return replay;
}

async function performAgain(
  { run, manifest }: RecordedRun,
  project: RecordedProject,
  { folder, moved }: Restored,
  { tracking, scratch, env, signal, listener }: ReplayRequest,
): Promise<string> {
  const { run_id, run_name, experiment_id } = run.info;
  const params = project.params.map(({ name, text, value }) => {
    const place = moved.get(value);
    return [name, place ?? (path.isAbsolute(value) ? value : text)] as const;
  });
  const { runId, outcome } = await runProject(
    {
      word: folder,
      address: { kind: "folder", path: folder, folder: "", version: undefined },
      entryPoint: project.entry,
      params: new Map(params),
      experiment: { kind: "id", id: experiment_id },
      runName: `replay of ${run_name}`,
      environmentManager: environmentManagers.find((one) => one === project.environment),
      strict: false,
      storage: scratch,
      dockerWords: project.dockerWords,
      trackingUri: tracking.uri,
      tags: {
        "mlflow.parentRunId": run_id,
        "mlpipe.kind": "replay",
        "mlpipe.replay_of": run_id,
      },
      adopt: undefined,
    },
    {
      current: scratch,
      tracked: process.cwd(),
      env: surroundingsOf(manifest, env),
      signal,
      listener,
    },
  );
  signal.throwIfAborted();
  if (runId !== undefined) return runId;
  const { message = "it was not made", fix = "" } = outcome.failure ?? {};
  throw new CannotReplay(`the run cannot be performed here: ${message}`, fix);
}
