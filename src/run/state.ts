/** What performing a run needs from outside, and what it has come to so far. */
import path from "node:path";
import type { Tracking } from "../tracking/tracking.ts";
import type { Choices } from "./choose-inputs.ts";
import type { Failure, Listener, Outcome } from "./event.ts";
import { failure } from "./failure.ts";
import type { Known } from "./later.ts";
import type { LoggedPoints } from "./logged-points.ts";
import type { GitState } from "./manifest/git-record.ts";
import type { Lack } from "./manifest/manifest.ts";
import type { StepDraft } from "./manifest/step-draft.ts";
import { type MetricBatches, openMetricBatches } from "./metric-batches.ts";
import type { OpenMark } from "./open-runs.ts";
import type { TrackedState } from "./perform-call.ts";
import type { Pool } from "./pool.ts";
import type { StepEvent } from "./protocol.ts";
import type { World } from "./world.ts";

export interface PerformContext {
  readonly tracking: Tracking;
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Whose next command ends a new run if this process is gone without having done so. Absent: the project's folder. */
  readonly home?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted with the reason "SIGINT", "SIGTERM" or "SIGHUP". */
  readonly signal: AbortSignal;
  readonly listener: Listener;
  /** Facts for tags; see `collectFacts`. */
  readonly facts: Known;
  /** The run to use under `mlflow run`. */
  readonly adopt: string | undefined;
  /** The run to go on with, which an earlier attempt has left unfinished. Absent: a new one is made. */
  readonly resume?: string;
  /** The runs that inputs come from, where that is settled already. Absent: they are looked for. */
  readonly choices?: Choices;
  /** What the steps of all runs that are performed at once share. */
  readonly pool: Pool;
  /** True: a step that has failed holds up what needs its outputs, but not what only comes `after` it. */
  readonly keepGoing: boolean;
  /** Undefined: every step runs, and nothing of it is kept. */
  readonly cache: CacheUse | undefined;
  /** What the manifest says of where the run comes from. Absent: the run is nobody's to replay, and has no manifest. */
  readonly origins?: RunOrigins;
  /** What the run is called in its own code. Absent: as the tracker calls it. */
  readonly calledAs?: string;
  /** Absent: steps are started as they are. */
  readonly world?: World;
  /** The tracker that has what other runs made. Absent: the one that the run is logged to. */
  readonly origin?: Tracking;
  /** The folder of what a step gave in another execution, for the steps that take it as an input; undefined: what it gives now. */
  readonly givenBefore?: (step: string) => string | undefined;
}

export interface RunOrigins {
  /** The version of mlpipe that performs the run. */
  readonly version: string;
  /** The commit of the project's folder, and what is changed since. */
  readonly git: Promise<GitState | undefined>;
  /** The project's folder as its user knows it. */
  readonly folder: string;
  /** Of files that the run is given, up to so many bytes are copied to `.mlpipe/inputs`. */
  readonly largestCopy: number;
}

export interface CacheUse {
  /** Every step runs; what it gives replaces what the cache has. */
  readonly renew: boolean;
  /** What is kept may be so large; the oldest goes. */
  readonly limitBytes: number;
}

export interface Counted {
  readonly count: number;
  readonly step: number;
}

/** What one step has given. */
export interface Given {
  readonly metrics: Map<string, number>;
  readonly produced: Set<string>;
  /** How many points each metric has, and the step of the last. */
  readonly points: Map<string, Counted>;
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
  /** The same by the step that gave them. */
  readonly given: Map<string, Given>;
  /** Open from before the run exists in the tracker until it has its end there. */
  mark: OpenMark | undefined;
  /** For each step that came from the cache the run that made what it gave. */
  readonly cached: Map<string, string>;
  /** Events of each step that has ended. */
  readonly events: Map<string, readonly StepEvent[]>;
  /** What the manifest will say of each step that has begun. */
  readonly drafts: Map<string, StepDraft>;
  /** What a replay of the run would lack; undefined until the run is recorded. */
  lacks: readonly Lack[] | undefined;
}

/** No call has been made yet. */
export function newTracked({
  facts,
  adopt,
}: Pick<PerformContext, "facts" | "adopt">): TrackedState {
  const known = adopt === undefined ? facts : { ...facts, run_id: adopt };
  return { known, runName: "", experimentTags: [], loggedParams: [], isNoted: false };
}

/** Nothing has happened yet. */
export function newState(context: PerformContext): RunState {
  return {
    tracked: newTracked(context),
    batches: undefined,
    metrics: new Map(),
    produced: new Set(),
    given: new Map(),
    mark: undefined,
    cached: new Map(),
    events: new Map(),
    drafts: new Map(),
    lacks: undefined,
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

/** The run exists from now on: points can be sent. `known` are those that it has already. */
export function openRun(state: RunState, tracking: Tracking, known?: LoggedPoints): void {
  state.batches = openMetricBatches(tracking, String(state.tracked.known.run_id), known);
}

/** What `step` has given so far; grows. */
export function givenBy({ given }: RunState, step: string): Given {
  const known = given.get(step) ?? { metrics: new Map(), produced: new Set(), points: new Map() };
  given.set(step, known);
  return known;
}

/** An output of `step` is there. */
export function noteOutput(state: RunState, step: string, key: string): void {
  state.produced.add(key);
  givenBy(state, step).produced.add(key);
}

/** A metric of `step` has this value now, at the end of so many further points. */
export function noteMetric(
  state: RunState,
  step: string,
  key: string,
  value: number,
  further: Counted,
): void {
  noteOutput(state, step, key);
  state.metrics.set(key, value);
  const { metrics, points } = givenBy(state, step);
  metrics.set(key, value);
  const count = (points.get(key)?.count ?? 0) + further.count;
  points.set(key, { count, step: further.step });
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
