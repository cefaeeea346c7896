/** Why two recorded runs differ, as it is read on a terminal: the first step, and what was not the same for it. */
import { type Paint, paintWith } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import { causes } from "../cause.ts";
import type { Comparison, Row } from "../compare/comparison.ts";
import type { Reason, WhyDiffer } from "./why-differ.ts";

export function printWhy(
  { before, after, comparison, step, reasons }: WhyDiffer,
  { colour }: { readonly colour: boolean },
): string {
  const paint = paintWith(colour);
  if (step === undefined) return printSame(before, after, comparison, paint);
  const outputs = comparison.rows
    .filter((row) => row.step === step && row.verdict === "DIFFERENT" && row.key !== "")
    .map(({ key }) => `\`${harmless(key)}\``);
  const first = `${paint("strong", harmless(step))} is the first step that differs: ${outputs.join(", ") || "it has failed in one of them"}\n`;
  const lines = reasons.map(
    (reason) => `  ${paint("strong", titleOf(reason))}  ${textOf(reason)}\n`,
  );
  const none = "  nothing that was recorded has changed, so the cause is in the code itself\n";
  const next = `${paint("fix", "next:")} mlpipe replay ${before} --diagnose\n`;
  const isChanged = reasons.some(({ isSameContent }) => !isSameContent);
  return [first, ...(isChanged ? [] : [none]), ...lines, next].join("");
}

function printSame(
  before: string,
  after: string,
  { verdict, rows }: Comparison,
  paint: Paint,
): string {
  const named = (some: readonly Row[]): string =>
    some.map(({ key }) => `\`${harmless(key)}\``).join(", ");
  const open = rows.filter((row) => row.verdict === "UNDECIDED");
  if (verdict === "UNDECIDED")
    return `${paint("warning", verdict)}: whether the runs ${before} and ${after} have given the same ${named(open)} could not be told\n`;
  // The file MLmodel of every model names its run.
  const rewritten = rows.filter(({ kind, rung }) => kind === "artifact" && rung === "content");
  const besides = rewritten.length > 0 ? `; ${named(rewritten)} in other bytes` : "";
  return `${paint("fix", verdict)}: the runs ${before} and ${after} have given the same${besides}\n`;
}

function titleOf({ cause, confidence }: Reason): string {
  return confidence === "likely" ? cause : `${cause}?`;
}

function textOf({ cause, what, before, after, line, isSameContent }: Reason): string {
  if (isSameContent) return `${harmless(what)} has the same content, other bytes`;
  const place = line === undefined ? harmless(what) : `${harmless(what)}:${line}`;
  if (cause === "unseeded-rng") return causes[cause].meaning;
  if (before === "" || after === "") return `${place} is ${before === "" ? "new" : "gone"}`;
  return `${place} was ${harmless(before)}, is ${harmless(after)}`;
}
