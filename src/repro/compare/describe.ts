/** A row of a comparison, and a difference, each in a few words. */
import { counted, shortNumber } from "../../source/figures.ts";
import type { Difference, PredictedNumbers, Row, Rung } from "./comparison.ts";

const held: Readonly<Record<Rung, string>> = {
  bytes: "same bytes",
  content: "same content",
  environments: "same but for what formulas have captured",
  predictions: "same predictions",
  tolerance: "near enough",
  distribution: "same distribution",
};

/** Why a row has its verdict. */
export function describeRow(row: Row): string {
  const { verdict, byDigest } = row;
  if (verdict === "IGNORED") return "not counted, as the file says";
  if (verdict === "UNDECIDED") return "could not be compared";
  if (!byDigest) return describeHeld(row);
  return verdict === "DIFFERENT" ? "content, by its digest" : `${describeHeld(row)}, by digest`;
}

function describeHeld({ rung, difference, notes }: Row): string {
  if (rung === "tolerance") return notes[0] ?? held[rung];
  if (rung) return held[rung];
  return difference ? describeDifference(difference) : "";
}

/** What differs, without a subject: `3 of 10 points`. */
export function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case "only":
      return difference.side === "before" ? "is no longer there" : "was not there before";
    case "failures":
      return describeFailures(difference);
    case "points":
      return describePoints(difference);
    case "cells":
      return counted(difference.count, "cell");
    case "values":
      return counted(difference.count, "value");
    case "predictions":
      return `${difference.count} of ${counted(difference.compared, "predicted value")}`;
    case "lines":
      return difference.patch === undefined ? "nearly all lines" : "lines";
    case "bytes":
      return "bytes";
    case "pictures":
      return difference.pixels === undefined ? "the picture" : counted(difference.pixels, "pixel");
    case "files":
      return describeFiles(difference);
    default:
      return difference satisfies never;
  }
}

function describeFailures({ before, after }: Difference & { readonly kind: "failures" }): string {
  if (before && after) return "fails in another way";
  return before ? "has failed before only" : "fails now";
}

function describePoints({ points, count, compared }: Difference & { readonly kind: "points" }) {
  const isSingle = compared === 1 && count === 1 && points[0]?.step === 0;
  return isSingle ? "its value" : `${count} of ${counted(Math.max(count, compared), "point")}`;
}

/** Of a model it is what counts that its predictions differ, whatever files do. */
function describeFiles({ files, count }: Difference & { readonly kind: "files" }): string {
  const [first] = files;
  return first?.difference.kind === "predictions"
    ? describeDifference(first.difference)
    : counted(count, "file");
}

export interface Farthest {
  /** By which measure: `absolute`, `relative`. */
  readonly largest: string;
  readonly by: string;
  readonly numbers: PredictedNumbers;
}

/** The predicted numbers that are farthest apart; empty where no two finite ones differ. */
export function farthestOf({
  absolute,
  relative,
}: Difference & { readonly kind: "predictions" }): readonly Farthest[] {
  if (!absolute || !relative) return [];
  return [
    { largest: "absolute", by: shortNumber(absolute.by), numbers: absolute },
    { largest: "relative", by: shortNumber(relative.by), numbers: relative },
  ];
}
