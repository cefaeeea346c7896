/** What performing a run needs from outside, and what it has come to so far. */
import path from "node:path";
import type { Tracking } from "../tracking/tracking.ts";
import type { Failure, Listener, Outcome } from "./event.ts";
import { failure } from "./failure.ts";
import type { Known } from "./later.ts";
import { type MetricBatches, openMetricBatches } from "./metric-batches.ts";
import type { TrackedState } from "./perform-call.ts";
import type { Pool } from "./pool.ts";
import type { StepEvent } from "./protocol.ts";

export interface PerformContext {
  readonly tracking: Tracking;
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted with the reason "SIGINT", "SIGTERM" or "SIGHUP". */
  readonly signal: AbortSignal;
  readonly listener: Listener;
  /** Facts for tags; see `collectFacts`. */
  readonly facts: Known;
  /** The run to use under `mlflow run`. */
  readonly adopt: string | undefined;
  /** What the steps of all runs that are performed at once share. */
  readonly pool: Pool;
  /** True: a step that has failed holds up what needs its outputs, but not what only comes `after` it. */
  readonly keepGoing: boolean;
  readonly cache: CacheUse;
}

export interface CacheUse {
  /** Every step runs; what it gives replaces what the cache has. */
  readonly renew: boolean;
  /** What is kept may be so large; the oldest goes. */
  readonly limitBytes: number;
}

/** Grows while the run is performed; owned by `perform`. */
export interface RunState {
  tracked: TrackedState;
  /** Open once the run exists in the tracker. */
  batches: MetricBatches | undefined;
  /** Last value of each metric. */
  readonly metrics: Map<string, number>;
  /** Keys of all outputs that came. */
  readonly produced: Set<string>;
  /** Events of each step that has ended. */
  readonly events: Map<string, readonly StepEvent[]>;
}

/** Nothing has happened yet. */
export function newState({ facts, adopt }: PerformContext): RunState {
  const known = adopt === undefined ? facts : { ...facts, run_id: adopt };
  return {
    tracked: { known, runName: "", experimentTags: [], loggedParams: [], isNoted: false },
    batches: undefined,
    metrics: new Map(),
    produced: new Set(),
    events: new Map(),
  };
}

/** The run's id, once it exists in the tracker. */
export function runIdOf(state: RunState): string | undefined {
  return state.batches && String(state.tracked.known.run_id);
}

/** The run's id at a point of the plan where it must exist. */
export function requireRunId(state: RunState): string {
  const id = runIdOf(state);
  if (id === undefined) throw new Error("the plan uses the run before it makes it");
  return id;
}

/** The run exists from now on: points can be sent. */
export function openRun(state: RunState, tracking: Tracking): void {
  state.batches = openMetricBatches(tracking, String(state.tracked.known.run_id));
}

/** `.mlpipe/runs/<id>` in the project's folder: what the steps of a run read and write. */
export function runFolder({ folder }: PerformContext, runId: string): string {
  return path.join(folder, ".mlpipe", "runs", runId);
}

/** Exit codes as shells have them, 128 and the signal's number; a terminal that closes (SIGHUP) terminates too. */
export function interruptedBy(signal: AbortSignal, reason: Failure): Outcome {
  return { status: "KILLED", exitCode: signal.reason === "SIGINT" ? 130 : 143, failure: reason };
}

/** What a signal came in the middle of. */
export function interrupted(signal: AbortSignal): Outcome {
  return interruptedBy(signal, failure("R0853", { signal: String(signal.reason) }));
}
