/** Code as a client of MLflow: a gateway while it runs, its own word on how it ended, and an end for the runs it has left open. */
import { randomBytes } from "node:crypto";
import { type RunStatus, isEnd } from "../tracking/entities.ts";
import { isDown } from "../tracking/offline/loss.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { unended, withLate } from "./end.ts";
import type { Failure, Listener, Outcome } from "./event.ts";
import { explainError, failure } from "./failure.ts";
import { openGateway } from "./gateway.ts";
import {
  type OwnRun,
  type ScriptListener,
  type ScriptTracking,
  trackingForScript,
} from "./script-tracking.ts";

export interface ScriptSession {
  /** For the code's process; undefined: taken away from what it inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Lets the code in, and dies with the session. */
  readonly token: string;
  /** Whether the code has spoken to the tracker by itself. */
  readonly spoke: () => boolean;
  /** How the code has ended its run by itself, where that is no good end. */
  readonly verdict: () => Verdict | undefined;
  /**
   * Ends the gateway, and with `status` the runs that the code has left open. Resolves to why one of them could not be ended;
   * never rejects. Call it when the code's process has gone.
   */
  readonly close: (status: RunStatus) => Promise<Failure | undefined>;
}

export interface Verdict {
  readonly status: "FAILED" | "KILLED";
  readonly failure: Failure;
}

export interface SessionOptions {
  readonly tracking: Tracking;
  readonly own: OwnRun;
  /** `.mlpipe` of the project. */
  readonly home: string;
  /** The run's folder below it. */
  readonly folder: string;
  /** What the code inherits. */
  readonly inherited: NodeJS.ProcessEnv;
  readonly secrets: readonly string[];
  readonly listener: ScriptListener & {
    /** Why the gateway could not do what the code has asked for; each reason once. */
    readonly onTrouble: (reason: Failure) => void;
  };
}

export async function openScriptSession(options: SessionOptions): Promise<ScriptSession> {
  const { tracking, own, home, inherited, listener } = options;
  const token = randomBytes(32).toString("base64url");
  const script = trackingForScript(tracking, { ...options, secrets: [...options.secrets, token] });
  const { env, close, wasUsed } = await openGateway({
    tracking: script.tracking,
    token,
    runId: own.id,
    experimentId: own.experimentId,
    home,
    inherited,
    log: tellOnce(listener.onTrouble),
  });
  return {
    env,
    token,
    spoke: wasUsed,
    verdict: () => verdictOf(script.claim()),
    async close(status) {
      await close();
      return endOpenRuns(script, tracking, status);
    },
  };
}

/** Performs what the session was opened for, and closes it by how that has ended. */
export async function performWithin(
  { close }: Pick<ScriptSession, "close">,
  listener: Listener,
  perform: () => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await perform().catch(async (error: unknown) => {
    const late = await close("FAILED");
    if (late) listener({ kind: "warning", step: undefined, failure: late });
    throw error;
  });
  return withLate(outcome, await close(outcome.status), listener);
}

/** A tracker that is away fails every call for the same reason. */
function tellOnce(tell: (reason: Failure) => void): (cause: unknown) => void {
  const told = new Set<string>();
  return (cause) => {
    const reason = explainError(cause);
    if (told.has(reason.message)) return;
    told.add(reason.message);
    tell(reason);
  };
}

function verdictOf(claim: RunStatus | undefined): Verdict | undefined {
  if (claim !== "FAILED" && claim !== "KILLED") return undefined;
  return { status: claim, failure: failure("R0814", { status: claim }) };
}

/** {mlflow} ends no run by itself when a script is over; a run that is left RUNNING tells nobody anything. */
async function endOpenRuns(
  script: ScriptTracking,
  tracking: Tracking,
  status: RunStatus,
): Promise<Failure | undefined> {
  let first: Failure | undefined;
  for (const run_id of script.openRuns()) {
    try {
      const { info } = (await tracking.call("runs/get", { run_id })).run;
      if (info.lifecycle_stage === "deleted" || isEnd(info.status)) continue;
      await tracking.call("runs/update", { run_id, status, end_time: Date.now() });
    } catch (error) {
      first ??= unended(run_id, error);
      if (isDown(error)) break;
    }
  }
  return first;
}
