/** One step's code as a client of MLflow: a gateway while it runs, what it logged counted as produced, and its own word on how it ended. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { StepAction } from "../plan/plan.ts";
import type { MetricPoint } from "../tracking/entities.ts";
import { type Tracking, TrackingError } from "../tracking/tracking.ts";
import type { Failure, Listener } from "./event.ts";
import { failure } from "./failure.ts";
import { openGateway } from "./gateway.ts";
import { type OwnRun, type ScriptTracking, trackingForScript } from "./script-tracking.ts";
import type { Said } from "./step-said.ts";

export interface ScriptSession {
  /** For the step's process. */
  readonly env: Readonly<Record<string, string>>;
  /** Why the step has failed though its process says otherwise; undefined: it has not. Asked once its process has gone. */
  readonly judge: (said: Said) => Promise<Failure | undefined>;
  /** Ends the gateway, and the runs that the code has left open. */
  readonly close: (ok: boolean) => Promise<void>;
}

interface SessionOptions {
  readonly tracking: Tracking;
  readonly own: OwnRun;
  readonly experimentId: string;
  /** The run's folder below `.mlpipe`. */
  readonly folder: string;
  /** Keeps packages of R that stand in for others from one step to the next. */
  readonly library: string;
  readonly listener: Listener;
  readonly onMetrics: (points: readonly MetricPoint[]) => void;
}

/** Opens the gateway of one step. */
export async function openScriptSession(
  step: StepAction,
  options: SessionOptions,
): Promise<ScriptSession> {
  const { tracking, own, experimentId, listener } = options;
  const logged = new Set<string>();
  const folder = path.join(options.folder, `${step.name}-mlflow`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const script = trackingForScript(
    tracking,
    { own, folder },
    {
      onMetrics(points) {
        for (const { key } of points) logged.add(key);
        options.onMetrics(points);
      },
      onUpload: (uploaded) => listener({ kind: "artifact", step: step.name, path: uploaded }),
    },
  );
  const gateway = await openGateway({
    tracking: script.tracking,
    runId: own.id,
    experimentId,
    folder,
  });
  return {
    env: { ...gateway.env, MLPIPE_R_CACHE: options.library },
    judge: (said) => judge(step, said, { script, tracking, runId: own.id, logged }),
    async close(ok) {
      await gateway.close();
      await endOpenRuns(script, tracking, ok);
    },
  };
}

interface Evidence {
  readonly script: ScriptTracking;
  readonly tracking: Tracking;
  readonly runId: string;
  /** Keys of metrics that came through the gateway. */
  readonly logged: ReadonlySet<string>;
}

async function judge(
  step: StepAction,
  { swallowed, unproduced }: Said,
  evidence: Evidence,
): Promise<Failure | undefined> {
  const claim = evidence.script.claim();
  if (claim === "FAILED" || claim === "KILLED")
    return swallowed ?? failure("R0813", { status: claim, problem: undefined });
  for (const { key, failure: missing } of unproduced)
    if (!(await isLogged(step, key, evidence))) return missing;
  return undefined;
}

/** A declared output of that key is in the tracker already. */
async function isLogged(
  step: StepAction,
  key: string,
  { script, tracking, runId, logged }: Evidence,
): Promise<boolean> {
  if (logged.has(key)) return true;
  const declared = [...step.artifacts, ...step.models].find((output) => output.key === key);
  if (declared === undefined || !script.wasUsed()) return false;
  const parent = path.posix.dirname(declared.path);
  const { files = [] } = await tracking.call("artifacts/list", {
    run_id: runId,
    ...(parent === "." ? {} : { path: parent }),
  });
  return files.some((file) => file.path === declared.path);
}

/** {mlflow} ends no run by itself when a script is over; a run that is left RUNNING tells nobody anything. */
export async function endOpenRuns(
  script: ScriptTracking,
  tracking: Tracking,
  ok: boolean,
): Promise<void> {
  const status = ok ? "FINISHED" : "FAILED";
  for (const run_id of script.openRuns()) {
    try {
      await tracking.call("runs/update", { run_id, status, end_time: Date.now() });
    } catch (error) {
      // The code may have deleted it.
      if (!(error instanceof TrackingError) || error.code !== "INVALID_PARAMETER_VALUE")
        throw error;
    }
  }
}
