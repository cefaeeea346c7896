/** A row of a comparison, and a difference, each in a few words. */
import { counted } from "../../source/figures.ts";
import type { Difference, Row, Rung } from "./comparison.ts";

const held: Readonly<Record<Rung, string>> = {
  bytes: "same bytes",
  content: "same content",
  environments: "same but for what formulas have captured",
  predictions: "same predictions",
  tolerance: "near enough",
  distribution: "same distribution",
};

/** Why a row has its verdict. */
export function describeRow({ verdict, rung, difference, notes }: Row): string {
  if (verdict === "IGNORED") return "not counted, as the file says";
  if (verdict === "UNDECIDED") return "could not be compared";
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
    case "lines":
      return difference.patch === undefined ? "nearly all lines" : "lines";
    case "bytes":
      return "bytes";
    case "pictures":
      return difference.pixels === undefined ? "the picture" : counted(difference.pixels, "pixel");
    case "files":
      return counted(difference.count, "file");
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
