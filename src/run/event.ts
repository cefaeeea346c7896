/** Everything that can happen while a plan is performed. Displays, logs and tests only read this. */
import type { RunStatus } from "../tracking/entities.ts";
import type { Lack } from "./manifest/manifest.ts";

/** What went wrong, as a user reads it. `place` is `iris.mlpipe:31` or `iris.mlpipe:31:5`, empty when unknown. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly place: string;
}

/** How a run ended. `exitCode` is the process's: 0, 1, 124, 130, 143. */
export interface Outcome {
  readonly status: RunStatus;
  readonly exitCode: number;
  readonly failure: Failure | undefined;
}

/** Trials by their end. `known`: an earlier attempt had brought them to it, and they were not performed again. */
export interface SweepCounts {
  readonly finished: number;
  readonly failed: number;
  readonly killed: number;
  readonly known: number;
  /** How many of the known ones had failed. */
  readonly knownFailed: number;
}
export interface BestTrial {
  readonly trial: string;
  readonly runId: string;
  readonly params: Readonly<Record<string, string>>;
  /** Last values. */
  readonly metrics: Readonly<Record<string, number>>;
}

export type RunEvent =
  | {
      readonly kind: "run-created";
      readonly runId: string;
      readonly name: string;
      readonly experiment: string;
      readonly tracking: string;
    }
  | {
      readonly kind: "run-adopted";
      readonly runId: string;
      readonly name: string;
      readonly tracking: string;
    }
  /** An input of a step that another run made; `why` is that run's name, and why it was taken. */
  | {
      readonly kind: "input";
      readonly step: string;
      readonly variable: string;
      readonly runId: string;
      readonly why: string;
    }
  | {
      readonly kind: "run-resumed";
      readonly runId: string;
      readonly name: string;
      readonly experiment: string;
      readonly tracking: string;
    }
  | { readonly kind: "params"; readonly params: Readonly<Record<string, string>> }
  | {
      readonly kind: "step-started";
      readonly step: string;
      readonly runtime: string;
      readonly place: string;
    }
  /** A piece of the step's standard output or error, decoded with replacement; may hold part of a line. */
  | {
      readonly kind: "output";
      readonly step: string;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  /** Output beyond the limit is kept in the log file's head and tail only. */
  | { readonly kind: "output-cut"; readonly step: string; readonly droppedBytes: number }
  | {
      readonly kind: "metric";
      readonly step: string;
      readonly key: string;
      readonly value: number;
      readonly at: number;
    }
  | { readonly kind: "artifact"; readonly step: string; readonly path: string }
  | { readonly kind: "model"; readonly step: string; readonly path: string }
  /** `alias` is absent where the file asks for none. */
  | {
      readonly kind: "registered";
      readonly model: string;
      readonly name: string;
      readonly version: string;
      readonly alias: string | undefined;
    }
  | { readonly kind: "warning"; readonly step: string | undefined; readonly failure: Failure }
  | {
      readonly kind: "step-ended";
      readonly step: string;
      readonly ok: boolean;
      readonly milliseconds: number;
      /** Memory of its processes at their largest; undefined where it was over before anybody looked, or nobody could. */
      readonly peakBytes: number | undefined;
      readonly failure: Failure | undefined;
    }
  /** An earlier attempt has done it: the run that is gone on with has its outputs. */
  | {
      readonly kind: "step-kept";
      readonly step: string;
      readonly metrics: Readonly<Record<string, number>>;
    }
  /** It was never started, since `because` has failed, which it needs directly or indirectly. */
  | { readonly kind: "step-cancelled"; readonly step: string; readonly because: string }
  /** Instead of a start and an end: what the step gave in the run `from` is given again. */
  | {
      readonly kind: "step-cached";
      readonly step: string;
      readonly from: string;
      readonly savedMilliseconds: number;
    }
  | {
      readonly kind: "expectation";
      readonly text: string;
      readonly held: boolean;
      readonly actual: string;
    }
  /** The run above the trials is there. */
  | {
      readonly kind: "sweep-started";
      readonly sweep: string;
      readonly runId: string;
      readonly experiment: string;
      readonly tracking: string;
      readonly trials: number;
      /** Of these, how many an earlier attempt has brought to their end. */
      readonly known: number;
      /** True where an earlier attempt has made the run. */
      readonly resumed: boolean;
    }
  | {
      readonly kind: "trial-started";
      readonly trial: string;
      readonly params: Readonly<Record<string, string>>;
    }
  /** An earlier attempt has brought it to its end. */
  | {
      readonly kind: "trial-kept";
      readonly trial: string;
      readonly runId: string;
      readonly params: Readonly<Record<string, string>>;
      readonly status: RunStatus;
      /** Last values. */
      readonly metrics: Readonly<Record<string, number>>;
      /** No trial before it was better. */
      readonly isBest: boolean;
    }
  /** Something happened in the run of a trial. */
  | { readonly kind: "trial-event"; readonly trial: string; readonly event: RunEvent }
  | {
      readonly kind: "trial-ended";
      readonly trial: string;
      readonly runId: string | undefined;
      readonly outcome: Outcome;
      /** Last values. */
      readonly metrics: Readonly<Record<string, number>>;
      /** No trial before it was better. */
      readonly isBest: boolean;
      readonly milliseconds: number;
    }
  | {
      readonly kind: "sweep-ended";
      readonly runId: string | undefined;
      readonly outcome: Outcome;
      readonly counts: SweepCounts;
      readonly best: BestTrial | undefined;
      readonly milliseconds: number;
    }
  /** Before the end of a run that a replay would lack something of; `lookedAt`: of how many things. */
  | {
      readonly kind: "replayability";
      readonly lacks: readonly Lack[];
      readonly lookedAt: number;
    }
  | {
      readonly kind: "run-ended";
      readonly runId: string | undefined;
      readonly outcome: Outcome;
      readonly milliseconds: number;
    };

/** Receives events in order; must not throw. */
export type Listener = (event: RunEvent) => void;
