/** From a word that names an MLflow project to its performed run; `mlpipe run` and the stand-in for `mlflow run` share it. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ProjectAddress } from "../project/address.ts";
import type { EnvironmentManager } from "../project/choose-environment.ts";
import { type FetchedProject, fetchProject } from "../project/fetch.ts";
import { ProjectRefused } from "../project/refused.ts";
import type { Listener } from "../run/event.ts";
import { endAbandoned } from "../run/open-runs.ts";
import { type ProjectOutcome, performProject } from "../run/perform-project.ts";
import type { ExperimentChoice, ProjectJob } from "../run/project-job.ts";
import { openLasting } from "../tracking/offline/open-lasting.ts";
import { readTrackingUri } from "../tracking/tracking-uri.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { CommandFailed, exitCodes } from "./exit.ts";
import { lossEvent } from "./losses.ts";
import { type Artifact, prepareProject } from "./prepare-project.ts";

/** What the user asks for. */
export interface ProjectRequest {
  /** A folder, a zip file or a git address, as the user wrote it. */
  readonly word: string;
  readonly address: ProjectAddress;
  readonly entryPoint: string;
  readonly params: ReadonlyMap<string, string>;
  /** Undefined: what MLflow's variables name, else Default. */
  readonly experiment: ExperimentChoice | undefined;
  readonly runName: string | undefined;
  /** Undefined: as the project says. */
  readonly environmentManager: EnvironmentManager | undefined;
  /** Whether params that are not declared are refused. */
  readonly strict: boolean;
  /** Where artifacts for params are brought; undefined: the system's folder for temporary files. */
  readonly storage: string | undefined;
  /** What follows `docker run`. */
  readonly dockerWords: readonly string[];
  readonly trackingUri: string | undefined;
  /** Of the run, beside those that MLflow sets. */
  readonly tags: ProjectJob["tags"];
  /** The run to use instead of a new one. */
  readonly adopt: string | undefined;
}

export interface ProjectSurroundings {
  /** Where paths count from, and where `.mlpipe` is made. */
  readonly current: string;
  /** Where the tracker is looked for. */
  readonly tracked: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly listener: Listener;
}

/** Rejects with ProjectRefused, TrackingError or CommandFailed for what fails before a run could be made. */
export async function runProject(
  request: ProjectRequest,
  surroundings: ProjectSurroundings,
): Promise<ProjectOutcome> {
  const { signal } = surroundings;
  const fetched = await interruptible(signal, () => fetchProject(request.address, surroundings));
  try {
    return await runFetched(request, fetched, surroundings);
  } finally {
    await fetched.remove();
  }
}

/** A tool that Ctrl-C has ended is not what the user must hear of. */
async function interruptible<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!signal.aborted || !(error instanceof ProjectRefused)) throw error;
    const code = signal.reason === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated;
    throw new CommandFailed(`interrupted by ${signal.reason}; nothing was run`, "", code);
  }
}

async function runFetched(
  request: ProjectRequest,
  fetched: FetchedProject,
  { current, tracked, env, signal, listener }: ProjectSurroundings,
): Promise<ProjectOutcome> {
  const storage = path.join(path.resolve(current, request.storage ?? tmpdir()), "mlpipe-params-");
  const uri = request.trackingUri ?? env["MLFLOW_TRACKING_URI"];
  const named = reachableUri(uri, tracked);
  const { job, artifacts } = await prepareProject(request, fetched, { current, env });
  const tracking = await openLasting(uri, {
    environment: env,
    folder: tracked,
    adopted: request.adopt,
    lost: (loss) => listener(lossEvent(loss)),
  });
  const isHere = readTrackingUri(tracking.uri, tracked).kind === "store";
  const trackingUri = isHere ? reachableUri(tracking.uri, tracked) : named;
  try {
    for (const told of await endAbandoned(current, tracking))
      listener({ kind: "warning", step: undefined, failure: told });
    return await withArtifacts(artifacts, storage, tracking, (brought) =>
      performProject(job(brought), {
        tracking,
        trackingUri,
        home: current,
        env,
        signal,
        listener,
      }),
    );
  } finally {
    await tracking.close();
  }
}

/** The tracker as a program in another folder must name it. */
function reachableUri(uri: string | undefined, tracked: string): string {
  const place = readTrackingUri(uri, tracked);
  return place.kind === "store" ? `sqlite:///${place.file}` : place.uri;
}

/** Brings artifacts into a folder that is gone when `use` is done; it is given that folder. */
async function withArtifacts<T>(
  artifacts: readonly Artifact[],
  storage: string,
  tracking: Tracking,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if (artifacts.length === 0) return use("");
  await mkdir(path.dirname(storage), { recursive: true });
  const folder = await mkdtemp(storage);
  try {
    for (const { runId, artifact, place } of artifacts) {
      const target = path.join(folder, place);
      await mkdir(path.dirname(target), { recursive: true });
      await tracking.download(runId, artifact, target);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
