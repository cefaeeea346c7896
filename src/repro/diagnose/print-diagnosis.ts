/** A diagnosis as it is read on a terminal: each cause with its place, what speaks for it and what to do; then what was not looked at. */
import { durationText } from "../../source/figures.ts";
import { type Paint, paintWith } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import { causes } from "../cause.ts";
import type { Diagnosis, Finding, NotChecked, Place } from "./diagnosis.ts";

export interface DiagnosisPrinting {
  readonly colour: boolean;
  /** Of a run that gives something else than was recorded. */
  readonly isOfReplay?: boolean;
}

export function printDiagnosis(
  diagnosis: Diagnosis,
  { colour, isOfReplay = false }: DiagnosisPrinting,
): string {
  const paint = paintWith(colour);
  return [
    headOf(diagnosis, isOfReplay, paint),
    ...diagnosis.findings.map((finding, at) => `\n${findingText(finding, at + 1, paint)}`),
    ...diagnosis.unexplained.map((step) => `\n${unexplainedText(step, paint)}`),
    diagnosis.notChecked.length === 0 ? "" : `\n${notCheckedText(diagnosis.notChecked, paint)}`,
    `\n${costText(diagnosis)}`,
  ].join("");
}

function headOf(
  { verdict, findings, failure, repeats }: Diagnosis,
  isOfReplay: boolean,
  paint: Paint,
): string {
  if (failure)
    return `${paint("error", "not executed:")} ${harmless(failure.message)} (${failure.code}${
      failure.place === "" ? "" : ` at ${harmless(failure.place)}`
    })\n`;
  if (verdict === "same" && findings.length === 0)
    return isOfReplay
      ? `${paint("warning", "the same each time now:")} ${repeatsText(repeats)}; it differs from what was recorded by what has changed since, or deviates more rarely than that\n`
      : `${paint("fix", "nothing differs:")} ${repeatsText(repeats)}\n`;
  const count = findings.length === 1 ? "one cause" : `${findings.length} causes`;
  return `${paint("error", "not reproducible:")} ${findings.length === 0 ? "no cause was found" : count}\n`;
}

/** The share of deviating executions that so many agreeing ones rule out at 95 %. */
function repeatsText(repeats: number): string {
  const share = Math.ceil(100 * (1 - 0.05 ** (1 / Math.max(1, repeats))));
  return `${repeats} repeats agree, in surroundings as wide apart as this machine can make them; that more than ${share} % of executions deviate is ruled out at 95 %`;
}

function findingText(finding: Finding, number: number, paint: Paint): string {
  const { cause, step, what, outputs, confidence, reason, mend, others } = finding;
  const place = finding.place ? ` at ${paint("strong", placeText(finding.place))}` : "";
  const source = what === undefined ? "" : `, ${harmless(what)}`;
  const named = outputs.map((key) => `\`${harmless(key)}\``).join(", ");
  const nameless = confidence === "guess" ? "which may give something else" : "which fails";
  const effect = outputs.length === 0 ? nameless : `changes ${named}`;
  const more = others.length === 0 ? "" : `  also at ${others.map(placeText).join(", ")}\n`;
  return [
    `${number}. ${paint("strong", cause)}${place}${source}\n`,
    `  ${causes[cause].meaning}\n`,
    more,
    `  step ${harmless(step)}, ${effect}; confidence ${confidence}: ${harmless(reason)}\n`,
    `  ${paint("fix", "mend:")} ${mend}\n`,
  ].join("");
}

function placeText({ file, line }: Place): string {
  return `${harmless(file)}:${line}`;
}

function unexplainedText(step: string, paint: Paint): string {
  return [
    `${paint("warning", "unexplained:")} the step ${harmless(step)} differs, and nothing that could be held still or changed says why\n`,
    `  what it does is told by: mlpipe trace\n`,
  ].join("");
}

/** Those with the same reason in one line. */
function notCheckedText(all: readonly NotChecked[], paint: Paint): string {
  const reasons = Map.groupBy(all, ({ why }) => why);
  const lines = [...reasons].map(
    ([why, some]) => `  ${some.map(({ what }) => what).join("; ")}: ${harmless(why)}\n`,
  );
  return `${paint("warning", "not checked")}\n${lines.join("")}`;
}

function costText({ executions, milliseconds, harmless: fine }: Diagnosis): string {
  const without = fine.length === 0 ? "" : `; without effect: ${fine.join(", ")}`;
  return `${executions} executions in ${durationText(milliseconds)}${without}\n`;
}
