/** A command that starts R by itself: {mlflow} in it finds the run, its params, and a tracker that it can speak to without Python. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Tracking } from "../tracking/tracking.ts";
import type { ChildEnvironment, ChildRun } from "./child-environment.ts";
import type { Failure, Listener } from "./event.ts";
import { failure } from "./failure.ts";
import { openGateway } from "./gateway.ts";
import { trackingForScript } from "./script-tracking.ts";
import { endOpenRuns } from "./script-session.ts";
import { parseStepEvent } from "./step-event.ts";

const profile = fileURLToPath(new URL("../../stdlib/r/stand-ins/profile.R", import.meta.url));

export interface ChildSurroundings {
  readonly tracking: Tracking;
  /** `.mlpipe` of where the user is; absolute. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly listener: Listener;
  /** Name of the entry point. */
  readonly entry: string;
}

/** True for a command line that names R's programs. */
export function startsR(command: string): boolean {
  return /(^|[\s;&|(/])(Rscript|R)(\.exe)?(?=\s|$)/.test(command);
}

export async function openRChild(
  run: ChildRun,
  { tracking, home, env, listener, entry }: ChildSurroundings,
): Promise<ChildEnvironment> {
  const folder = path.join(home, "runs", run.runId, "mlflow");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const events = path.join(folder, "events.ndjson");
  const own = { id: run.runId, params: run.logged };
  const script = trackingForScript(
    tracking,
    { own, folder },
    {
      onMetrics(points) {
        for (const { key, value, step: at } of points)
          listener({ kind: "metric", step: entry, key, value, at });
      },
      onUpload: (uploaded) => listener({ kind: "artifact", step: entry, path: uploaded }),
    },
  );
  const { runId, experimentId } = run;
  const gateway = await openGateway({ tracking: script.tracking, runId, experimentId, folder });
  return {
    variables: {
      ...gateway.env,
      MLPIPE_PARAMS: JSON.stringify(run.params),
      MLPIPE_R_CACHE: path.join(home, "r-library"),
      MLPIPE_STEP_EVENTS: events,
      R_PROFILE_USER: profile,
      ...(env["R_PROFILE_USER"] === undefined
        ? {}
        : { MLPIPE_R_PROFILE_USER: env["R_PROFILE_USER"] }),
    },
    verdict() {
      const claim = script.claim();
      if (claim !== "FAILED" && claim !== "KILLED") return undefined;
      return lastSwallowed(events) ?? failure("R0813", { status: claim, problem: undefined });
    },
    async close(ok) {
      await gateway.close();
      await endOpenRuns(script, tracking, ok);
    },
  };
}

/** What the code has caught last, with its place. */
function lastSwallowed(events: string): Failure | undefined {
  if (!existsSync(events)) return undefined;
  const told = readFileSync(events, "utf8").split("\n").filter(Boolean).map(parseStepEvent);
  const last = told.findLast((event) => "kind" in event && event.kind === "swallowed");
  if (last === undefined || !("kind" in last) || last.kind !== "swallowed") return undefined;
  const place = [last.file, last.line].filter((part) => part !== null).join(":");
  return failure("R0813", { status: "FAILED", problem: last.message }, place);
}
