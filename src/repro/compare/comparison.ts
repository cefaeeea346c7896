/** What a comparison of two executions says, output by output; and its ladder, from the same bytes down to the same distribution. */
import type { Failure } from "../../run/event.ts";

/**
 * How far two outputs are the same, from the strictest on. `content`: what the bytes mean. `environments`: the content but for
 * what formulas have captured of the functions that made them. `predictions`: what the models answered for the recorded rows.
 */
export const rungs = [
  "bytes",
  "content",
  "environments",
  "predictions",
  "tolerance",
  "distribution",
] as const;
export type Rung = (typeof rungs)[number];

/** IDENTICAL: by bytes or content. EQUIVALENT: by a lower rung. UNDECIDED: something could not be compared. */
export type Verdict = "IDENTICAL" | "EQUIVALENT" | "DIFFERENT" | "UNDECIDED";

/** One place in a value; both sides as a reader of that language writes them. */
export interface ValueDifference {
  /** `$coefficients[["rm"]]` in R, `rows[3].name` in JSON. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}
/** Undefined on the side that has no such point. */
export interface PointDifference {
  readonly step: number;
  readonly before: number | undefined;
  readonly after: number | undefined;
}
export interface CellDifference {
  /** From 1, the header not counted; 0 is the header. */
  readonly row: number;
  readonly column: string;
  readonly before: string;
  readonly after: string;
}
/** A value that a model has predicted. */
export interface Predicted<Value> {
  /** From 1, or its name; empty where the answers do not belong to rows. */
  readonly row: string;
  /** Where in the answer for that row, as in JavaScript; empty where it is a single value. */
  readonly column: string;
  readonly before: Value;
  readonly after: Value;
}
export interface PredictedNumbers extends Predicted<number> {
  readonly by: number;
}
export interface TableSize {
  readonly rows: number;
  readonly columns: readonly string[];
}

/** Lists hold the first ten; `count` says how many there are. */
export type Difference =
  /** The output is there on this side only. */
  | { readonly kind: "only"; readonly side: Side }
  /** Undefined: done well on that side. */
  | {
      readonly kind: "failures";
      readonly before: Failure | undefined;
      readonly after: Failure | undefined;
    }
  | {
      readonly kind: "points";
      readonly points: readonly PointDifference[];
      readonly count: number;
      /** Of points that are there on both sides. */
      readonly compared: number;
    }
  | {
      readonly kind: "cells";
      readonly cells: readonly CellDifference[];
      readonly count: number;
      readonly before: TableSize;
      readonly after: TableSize;
    }
  | {
      readonly kind: "values";
      readonly values: readonly ValueDifference[];
      readonly count: number;
    }
  /** The same rows were asked on both sides. */
  | {
      readonly kind: "predictions";
      readonly count: number;
      readonly compared: number;
      /** The two numbers that are farthest apart; undefined where no two finite numbers differ. */
      readonly absolute?: PredictedNumbers;
      /** The same, as a share of the larger of the two. */
      readonly relative?: PredictedNumbers;
      /** What differs and has no distance: labels, infinities, what is there on one side only. */
      readonly others: readonly Predicted<string>[];
      readonly otherCount: number;
    }
  /** Hunks of a unified patch; undefined where too much differs to be worth reading. */
  | { readonly kind: "lines"; readonly patch: string | undefined }
  /** `offset`: of the first byte that differs. */
  | {
      readonly kind: "bytes";
      readonly before: number;
      readonly after: number;
      readonly offset: number;
    }
  /** `pixels`: how many differ; undefined where the sizes do. */
  | {
      readonly kind: "pictures";
      readonly before: PictureSize;
      readonly after: PictureSize;
      readonly pixels: number | undefined;
    }
  /** Files of a folder, of a model or of an archive, by their paths in it. */
  | { readonly kind: "files"; readonly files: readonly FileDifference[]; readonly count: number };

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface FileDifference {
  readonly path: string;
  readonly difference: Difference;
}

export type Side = "before" | "after";

/** One output. `key` is empty for a step or the run itself, which have rows where they failed. */
export interface Row {
  readonly step: string;
  readonly key: string;
  readonly kind: "metric" | "artifact" | "model" | "step" | "run";
  readonly verdict: Verdict | "IGNORED";
  /** The highest that holds; undefined: none does, or none could be tried. */
  readonly rung: Rung | undefined;
  /** Undefined where the content is the same. */
  readonly difference: Difference | undefined;
  /** What a reader has to know besides: why it is undecided, what was left out of the comparison, by which tolerance it holds. */
  readonly notes: readonly string[];
  /** The files of one side are gone: only digests were compared, and where it differs is not known. */
  readonly byDigest?: true;
}

export interface Comparison {
  readonly verdict: Verdict;
  /** In the order of `before`; what only `after` has comes behind its step. */
  readonly rows: readonly Row[];
}

/** How many single differences are listed; the rest is counted. */
export const mostListed = 10;
