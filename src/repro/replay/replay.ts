/** What a replay has come to: plain data, which the command prints, a report shows and the tracker keeps. */
import type { Cause } from "../cause.ts";
import type { Diagnosis } from "../diagnose/diagnosis.ts";
import type { Comparison, Verdict } from "../compare/comparison.ts";

/** Something of the surroundings, or of what the run was made from, that is not as it was. */
export interface Change {
  /** The class that such a change belongs to. */
  readonly cause: Cause;
  /** `package rpart`, `BLAS`, `TZ` */
  readonly name: string;
  /** Undefined: of all steps. */
  readonly step: string | undefined;
  /** "" where it was not there, or is not any longer. */
  readonly before: string;
  readonly after: string;
}

/** A change that may be why the outputs of a step differ. */
export interface Suspect {
  readonly cause: Cause;
  readonly step: string;
  readonly why: string;
}

export interface Replay {
  readonly runId: string;
  /** As the tracker calls it. */
  readonly name: string;
  /** The run's name in its file. */
  readonly run: string;
  readonly file: string;
  readonly tracking: string;
  /** The new run, which holds what the replay has given. */
  readonly replayId: string;
  /** Undefined: all of them. */
  readonly step: string | undefined;
  readonly verdict: Verdict;
  readonly comparison: Comparison;
  readonly changes: readonly Change[];
  /** The steps that have given something else, in order: each was given what was recorded, so that the reason lies in itself. */
  readonly guilty: readonly string[];
  /** Of each guilty step in turn; the likeliest comes first. */
  readonly suspects: readonly Suspect[];
  /** Undefined: nobody asked for it, or nothing differs. */
  readonly diagnosis: Diagnosis | undefined;
  /** What the reader has to know of how the run was restored. */
  readonly notes: readonly string[];
  readonly milliseconds: number;
}
