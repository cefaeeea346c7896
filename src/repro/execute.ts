/** Executes the plan of a run in a copy of its project, logged nowhere that lasts: what it gives is looked at, and thrown away. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { RunPlan } from "../plan/plan.ts";
import type { Listener } from "../run/event.ts";
import type { Known } from "../run/later.ts";
import { capacityOf } from "../run/machine.ts";
import { perform } from "../run/perform.ts";
import { openPool } from "../run/pool.ts";
import type { PerformContext } from "../run/state.ts";
import { placesOfStep } from "../run/step-file.ts";
import { localFolder } from "../tracking/store/artifact-place.ts";
import { openStore } from "../tracking/store/open-store.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { copyProject } from "./copy-project.ts";
import { openGatherer } from "./gather.ts";
import type { Results } from "./results.ts";

export interface ExecuteRequest
  extends
    Pick<PerformContext, "env" | "signal">,
    Partial<Pick<PerformContext, "world" | "origin" | "givenBefore">> {
  /** Every source of an input is settled, or `origin` is there to settle it. */
  readonly plan: RunPlan;
  /** The project's folder; only read. */
  readonly project: string;
  /**
   * Made for this execution alone, and its to remove: the copy of the project is `scratch/<name of the project>`. Executions
   * that are compared and shall not differ by their folder use the same one after another.
   */
  readonly scratch: string;
  /** Steps at once; 1 where absent. */
  readonly jobs?: number;
  /** Logged there, and left open; absent: nowhere that lasts. */
  readonly tracking?: Tracking;
  /** Hears what happens besides. */
  readonly listener?: Listener;
}

export interface Execution {
  readonly results: Results;
  /** Where the steps worked. */
  readonly project: string;
  /** The folder of what a step read and wrote: `step.json`, `events.ndjson`, `log.txt`, `out`. */
  readonly folderOf: (step: string) => string;
  readonly milliseconds: number;
}

/** What tags say of a run that nobody keeps. */
const facts: Known = {
  user: "mlpipe",
  source_digest: "unknown",
  meaning: "unknown",
  trial: "unknown",
  parent_run_id: "none",
};

/**
 * Never rejects for what the code does: that is in the results. The files that the results name lie in `scratch`, until its
 * owner removes it. Rejects with the file system's errors.
 */
export async function execute(request: ExecuteRequest): Promise<Execution> {
  const { scratch } = request;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const project = path.join(scratch, path.basename(request.project));
  await copyProject(request.project, project);
  const began = performance.now();
  const { results, runId } = await performIn(project, request);
  const milliseconds = performance.now() - began;
  const runs = path.join(project, ".mlpipe", "runs", runId ?? "none");
  return {
    results,
    project,
    folderOf: (step) => placesOfStep(runs, step).folder,
    milliseconds,
  };
}

async function performIn(
  project: string,
  request: ExecuteRequest,
): Promise<{ readonly results: Results; readonly runId: string | undefined }> {
  const { plan, env, scratch, jobs = 1 } = request;
  const tracking =
    request.tracking ?? (await openStore(":memory:", { uri: "memory", folder: scratch }));
  try {
    const gatherer = openGatherer(plan);
    let runId: string | undefined;
    const outcome = await perform(plan, {
      ...request,
      facts,
      tracking,
      folder: project,
      pool: openPool(capacityOf(jobs, env)),
      adopt: undefined,
      keepGoing: false,
      cache: undefined,
      listener(event) {
        gatherer.hear(event);
        if (event.kind === "run-ended") runId = event.runId;
        request.listener?.(event);
      },
    });
    const artifacts = runId === undefined ? scratch : await artifactsOf(runId, tracking, scratch);
    return { results: gatherer.results(artifacts, outcome.failure), runId };
  } finally {
    if (!request.tracking) await tracking.close();
  }
}

async function artifactsOf(runId: string, tracking: Tracking, folder: string): Promise<string> {
  const { run } = await tracking.call("runs/get", { run_id: runId });
  return localFolder(run.info.artifact_uri, { folder });
}
