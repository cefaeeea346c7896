/** Why two recorded runs differ, as it is read on a terminal: the first step, and what was not the same for it. */
import { paintWith } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import { causes } from "../cause.ts";
import type { Reason, WhyDiffer } from "./why-differ.ts";

export function printWhy(
  { before, after, comparison, step, reasons }: WhyDiffer,
  { colour }: { readonly colour: boolean },
): string {
  const paint = paintWith(colour);
  if (step === undefined)
    return `${paint("fix", comparison.verdict)}: the runs ${before} and ${after} have given the same\n`;
  const outputs = comparison.rows
    .filter((row) => row.step === step && row.verdict === "DIFFERENT" && row.key !== "")
    .map(({ key }) => `\`${harmless(key)}\``);
  const first = `${paint("strong", harmless(step))} is the first step that differs: ${outputs.join(", ") || "it has failed in one of them"}\n`;
  const lines = reasons.map(
    (reason) => `  ${paint("strong", titleOf(reason))}  ${textOf(reason)}\n`,
  );
  const none = "  nothing that was recorded has changed, so the cause is in the code itself\n";
  const next = `${paint("fix", "next:")} mlpipe replay ${before} --diagnose\n`;
  return [first, ...(lines.length > 0 ? lines : [none]), next].join("");
}

function titleOf({ cause, confidence }: Reason): string {
  return confidence === "likely" ? cause : `${cause}?`;
}

function textOf({ cause, what, before, after, line }: Reason): string {
  const place = line === undefined ? harmless(what) : `${harmless(what)}:${line}`;
  if (cause === "unseeded-rng") return causes[cause].meaning;
  if (before === "" || after === "") return `${place} is ${before === "" ? "new" : "gone"}`;
  return `${place} was ${harmless(before)}, is ${harmless(after)}`;
}
