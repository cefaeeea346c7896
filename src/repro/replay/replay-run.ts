/** Performs a recorded run again and says whether it gives the same. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Listener, Outcome } from "../../run/event.ts";
import { userName } from "../../run/facts.ts";
import { type GitState, patchName } from "../../run/manifest/git-record.ts";
import { largestSent } from "../../run/manifest/record-manifest.ts";
import { capacityOf } from "../../run/machine.ts";
import { perform } from "../../run/perform.ts";
import { openPool } from "../../run/pool.ts";
import type { RunPlan } from "../../plan/plan.ts";
import type { TrackedRun } from "../../tracking/entities.ts";
import { type Tracking, TrackingError } from "../../tracking/tracking.ts";
import type { DiagnoseRequest } from "../diagnose/diagnose.ts";
import type { Diagnosis } from "../diagnose/diagnosis.ts";
import { compareResults } from "../compare/compare-results.ts";
import type { KnownOutput, Results } from "../results.ts";
import { changesBetween } from "./changes.ts";
import { type RecordedRun, openRecorded } from "./recorded-run.ts";
import { type RecordedResults, recordedResults } from "./recorded-results.ts";
import { CannotReplay } from "./refused.ts";
import type { Replay } from "./replay.ts";
import { revivePlan } from "./revive-plan.ts";
import { replayPlan, untrackedPlan } from "./replay-plan.ts";
import { type Restored, restoreProject } from "./restore-project.ts";
import { surroundingsOf } from "./surroundings.ts";
import { guiltySteps, suspectsOf } from "./suspects.ts";
import { writeBack } from "./write-back.ts";

export interface ReplayRequest {
  readonly run: TrackedRun;
  /** Has the run, and gets the new one. */
  readonly tracking: Tracking;
  /** The only step to perform; undefined: all. */
  readonly step: string | undefined;
  /** Folders where the project lies or has lain, the likeliest first; absolute. */
  readonly projects: readonly string[];
  /** Made for this replay alone; its owner removes it. */
  readonly scratch: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly listener: Listener;
  /** Is shown what was recorded and what it gave now, while the files of both are there. */
  readonly look?: (before: Results<KnownOutput>, after: Results<KnownOutput>) => void;
  /** Finds out why the run does not give the same, where it does not; absent: nobody asks. */
  readonly diagnose?: (site: DiagnosisSite) => Promise<Diagnosis>;
  /** The version of mlpipe, for the manifest of the new run. */
  readonly version: string;
}

/** The restored project, not yet touched by any execution. */
export type DiagnosisSite = Omit<DiagnoseRequest, "budgetMs" | "jobs">;

/** Rejects with CannotReplay where something is gone or was never recorded, with TrackingError, and with the signal's reason. */
export async function replayRun(request: ReplayRequest): Promise<Replay> {
  const began = performance.now();
  const { run, tracking, scratch, step } = request;
  const recorded = await openRecorded(run, tracking, path.join(scratch, "recorded"));
  if (recorded.manifest.project) throw refuseProject();
  checkStep(step, recorded);
  const plan = revivePlan(recorded.planText, recorded.manifest);
  const before = await recordedResults(recorded, plan, tracking, { step });
  refuseNeeded(before.gone, plan, request);
  const { manifest } = recorded;
  const projects = [...new Set([...request.projects, manifest.folder])];
  const restored = await restoreProject(recorded, { tracking, projects, scratch });
  const replayId = await performAgain(plan, recorded, before, restored, request);
  const replayed = await tracking.call("runs/get", { run_id: replayId });
  const again = await openRecorded(replayed.run, tracking, path.join(scratch, "replayed"));
  const after = await recordedResults(again, plan, tracking, { step });
  request.look?.(before.results, after.results);
  const comparison = await compareResults(before.results, after.results, plan.contract);
  const changes = [...restored.changes, ...changesBetween(manifest, again.manifest)];
  const guilty = guiltySteps(comparison, manifest);
  const diagnosis =
    comparison.verdict === "DIFFERENT" && request.diagnose
      ? await request.diagnose(await siteOf(plan, recorded, projects, request))
      : undefined;
  const replay: Replay = {
    runId: run.info.run_id,
    name: run.info.run_name,
    run: manifest.run,
    file: manifest.file,
    tracking: tracking.uri,
    replayId,
    step,
    verdict: comparison.verdict,
    comparison,
    changes,
    guilty,
    suspects: guilty.flatMap((name) => suspectsOf(name, changes, again.manifest)),
    notes: restored.notes,
    diagnosis,
    milliseconds: performance.now() - began,
  };
  await writeBack(replay, path.join(scratch, "table"), tracking);
  return replay;
}

async function siteOf(
  plan: RunPlan,
  recorded: RecordedRun,
  projects: readonly string[],
  { tracking, scratch: all, env, signal }: ReplayRequest,
): Promise<DiagnosisSite> {
  const scratch = path.join(all, "diagnosis");
  const restored = await restoreProject(recorded, { tracking, projects, scratch });
  return {
    plan: untrackedPlan(replayPlan(plan, recorded, restored, undefined)),
    project: restored.folder,
    recordedIn: projects,
    env: surroundingsOf(recorded.manifest, env),
    signal,
    origin: givenBy(restored, tracking),
    scratch: path.join(scratch, "executions"),
  };
}

function refuseProject(): CannotReplay {
  return new CannotReplay(
    "the run is one of an MLproject, whose command is not performed step by step",
    "use the command: mlpipe replay <run>",
  );
}

function checkStep(step: string | undefined, { manifest }: RecordedRun): void {
  const names = manifest.steps.map(({ name }) => name);
  if (step === undefined || names.includes(step)) return;
  throw new CannotReplay(
    `the run has no step \`${step}\` that began`,
    `its steps are ${names.join(", ")}`,
  );
}

/** What is gone can be compared by its digest, and cannot be given to a step. */
function refuseNeeded(
  gone: ReadonlySet<string>,
  { actions }: RunPlan,
  { run, tracking, step: only }: ReplayRequest,
): void {
  for (const action of actions) {
    if (action.kind !== "step" || (only !== undefined && action.name !== only)) continue;
    for (const { from } of action.inputs) {
      if (from.kind !== "step" || !gone.has(from.output.path)) continue;
      const { run_id } = run.info;
      throw new CannotReplay(
        `${from.output.path}, an artifact of the run ${run_id} that the step ${action.name} was given, is gone from ${tracking.uri}`,
        `restore it there, or replay a step that does without: mlpipe replay ${run_id} --step ${from.step}`,
      );
    }
  }
}

/** Each step is given what was recorded of those before it, whatever they give now. Resolves to the id of the new run. */
async function performAgain(
  plan: RunPlan,
  recorded: RecordedRun,
  before: RecordedResults,
  restored: Restored,
  request: ReplayRequest,
): Promise<string> {
  const { run, manifest } = recorded;
  const { step, listener } = request;
  const env = surroundingsOf(manifest, request.env);
  const given = new Set(manifest.steps.filter(({ failed }) => !failed).map(({ name }) => name));
  let runId: string | undefined;
  let outcome: Outcome;
  const umask = process.umask(Number.parseInt(manifest.machine.umask, 8));
  try {
    outcome = await perform(replayPlan(plan, recorded, restored, step), {
      tracking: request.tracking,
      origin: givenBy(restored, request.tracking),
      folder: restored.folder,
      ...(request.projects[0] === undefined ? {} : { home: request.projects[0] }),
      env,
      signal: request.signal,
      facts: { user: userName(env), experiment_id: run.info.experiment_id },
      calledAs: run.info.run_name,
      origins: {
        version: request.version,
        git: gitOf(recorded),
        folder: manifest.folder,
        // They are sent to the tracker from there; what is larger is known already where it was found.
        largestCopy: largestSent,
      },
      adopt: undefined,
      pool: openPool(capacityOf(1, env)),
      keepGoing: true,
      cache: undefined,
      givenBefore: (name) => (given.has(name) ? before.outputs : undefined),
      listener(event) {
        if (event.kind === "run-created") runId = event.runId;
        listener(event);
      },
    });
  } finally {
    process.umask(umask);
  }
  request.signal.throwIfAborted();
  if (runId === undefined) throw refusal(outcome);
  return runId;
}

/** What the run needs is not on this machine, or the tracker does not take a new run. */
function refusal({ failure }: Outcome): Error {
  if (failure === undefined) return new Error("a run was performed that was never made");
  const { code, message, fix } = failure;
  return /^R\d/.test(code)
    ? new CannotReplay(`the run cannot be performed here: ${message}`, fix)
    : new TrackingError(code, message, fix);
}

/** The replay is of the same commit, wherever it is performed. */
async function gitOf({ manifest, folder }: RecordedRun): Promise<GitState | undefined> {
  const record = manifest.git;
  if (!record) return undefined;
  const patch = path.join(folder, "mlpipe", patchName);
  const isHere = record.patch !== null && existsSync(patch);
  return { record, patch: isHere ? readFileSync(patch, "utf8") : undefined };
}

/** What other runs have made comes from the copies that were checked; all else from the tracker. */
function givenBy({ fromRuns }: Restored, tracking: Tracking): Tracking {
  return {
    uri: tracking.uri,
    call: (endpoint, request) => tracking.call(endpoint, request),
    upload: (owner, file, place) => tracking.upload(owner, file, place),
    async download(owner, place, target) {
      const here = fromRuns.get(`${owner}:${place}`);
      if (here === undefined) return tracking.download(owner, place, target);
      rmSync(target, { recursive: true, force: true });
      mkdirSync(path.dirname(target), { recursive: true });
      cpSync(here, target, { recursive: true });
    },
    close: () => Promise.resolve(),
  };
}
