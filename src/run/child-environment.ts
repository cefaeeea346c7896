/** What a project's command finds in its environment: the run, its params, and for R a tracker that it can speak to without Python. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Tracking } from "../tracking/tracking.ts";
import type { Failure, Listener } from "./event.ts";
import { type ScriptSession, openScriptSession } from "./script-session.ts";
import { parseStepEvent } from "./step-event.ts";
import { failureOfSwallowed } from "./step-said.ts";

export interface ChildRun {
  readonly runId: string;
  readonly experimentId: string;
  /** The tracker as any program can reach it from any folder. */
  readonly trackingUri: string;
  /** By name, as the command gets them. */
  readonly params: Readonly<Record<string, string>>;
  /** By name, as the run has them. */
  readonly logged: Readonly<Record<string, string>>;
}

export interface ChildSurroundings {
  readonly tracking: Tracking;
  /** `.mlpipe` of where the user is; absolute. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly listener: Listener;
  /** Name of the entry point. */
  readonly entry: string;
}

export interface ChildEnvironment extends Pick<ScriptSession, "token" | "verdict" | "close"> {
  /** On top of what the command inherits; undefined: taken away from it. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** MLflow's own variables, and the params as JSON; all that a container gets, which reaches nothing else of this machine. */
export function runVariables(run: ChildRun): Readonly<Record<string, string>> {
  return {
    MLFLOW_TRACKING_URI: run.trackingUri,
    MLFLOW_RUN_ID: run.runId,
    MLFLOW_EXPERIMENT_ID: run.experimentId,
    MLPIPE_PARAMS: JSON.stringify(run.params),
  };
}

/** What R in a step is to find of it: nothing where mlpipe itself runs as such a command, whose steps have sessions of their own. */
export function withoutProfile(
  inherited: NodeJS.ProcessEnv,
): Readonly<Record<string, string | undefined>> {
  return inherited["R_PROFILE_USER"] === profile
    ? { R_PROFILE_USER: inherited["MLPIPE_R_PROFILE_USER"], MLPIPE_R_PROFILE_USER: undefined }
    : {};
}

const profile = fileURLToPath(new URL("../../stdlib/r/stand-ins/profile.R", import.meta.url));

/**
 * For a command on this machine. R speaks to a gateway of the run, whoever starts it; what is no R reaches the tracker itself,
 * as under MLflow. Only R that reads no profile (`Rscript --vanilla`) has to be named in the command line.
 */
export async function openChildEnvironment(
  command: string,
  run: ChildRun,
  surroundings: ChildSurroundings,
): Promise<ChildEnvironment> {
  const { home, env } = surroundings;
  const folder = path.join(home, "runs", run.runId);
  const events = path.join(folder, "mlflow-events.ndjson");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const session = await openSession(folder, run, surroundings);
  const replaced = env["R_PROFILE_USER"];
  return {
    variables: {
      ...runVariables(run),
      ...(startsR(command) ? session.env : { MLPIPE_R_ENVIRONMENT: linesOf(session.env) }),
      MLPIPE_R_CACHE: path.join(home, "r-library"),
      MLPIPE_STEP_EVENTS: events,
      R_PROFILE_USER: profile,
      ...(replaced === undefined ? {} : { MLPIPE_R_PROFILE_USER: replaced }),
    },
    token: session.token,
    verdict() {
      const swallowed = firstSwallowed(events);
      return swallowed ? { status: "FAILED", failure: swallowed } : session.verdict();
    },
    close: session.close,
  };
}

function openSession(
  folder: string,
  { runId: id, experimentId, logged: params }: ChildRun,
  { tracking, home, env, listener, entry }: ChildSurroundings,
): Promise<ScriptSession> {
  return openScriptSession({
    tracking,
    own: { id, experimentId, params },
    home,
    folder,
    inherited: env,
    secrets: [],
    listener: {
      onMetrics(points) {
        for (const { key, value, step: at } of points)
          listener({ kind: "metric", step: entry, key, value, at });
      },
      onUpload: (uploaded) => listener({ kind: "artifact", step: entry, path: uploaded }),
      onTrouble: (reason) => listener({ kind: "warning", step: entry, failure: reason }),
    },
  });
}

/** True for a command line that names R's programs. */
function startsR(command: string): boolean {
  return /(^|[\s;&|(/"'])(Rscript|R)(\.exe)?(?=["'\s]|$)/.test(command);
}

/** A name without `=` is taken away, see profile.R. */
function linesOf(variables: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(variables)
    .map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
    .join("\n");
}

/** The first error that {mlflow} has caught, with its place. */
function firstSwallowed(events: string): Failure | undefined {
  if (!existsSync(events)) return undefined;
  for (const line of readFileSync(events, "utf8").split("\n")) {
    const event = parseStepEvent(line);
    if ("kind" in event && event.kind === "swallowed") return failureOfSwallowed(event);
  }
  return undefined;
}
