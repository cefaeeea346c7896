/** The first step by which two recorded runs differ, and what was not the same for it: from what was recorded, nothing is executed. */
import { existsSync, readFileSync } from "node:fs";
import { digestOfFile } from "../../run/cache/digest.ts";
import { readHexFloat } from "../../run/hex-float.ts";
import { inputsFolder, placeOfInput } from "../../run/manifest/input-store.ts";
import type {
  Manifest,
  RecordedFile,
  RecordedInput,
  RecordedOutput,
  RecordedStep,
} from "../../run/manifest/manifest.ts";
import { revivePlan } from "./revive-plan.ts";
import type { RunPlan } from "../../plan/plan.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import type { Cause } from "../cause.ts";
import { compareResults } from "../compare/compare-results.ts";
import type { Comparison } from "../compare/comparison.ts";
import { changesBetween } from "./changes.ts";
import { type RecordedRun, bringArtifact } from "./recorded-run.ts";
import { recordedResults } from "./recorded-results.ts";
import { byWeight, guiltySteps } from "./suspects.ts";

/** Something that was given to the step, or lay around it, and was not the same. */
export interface Reason {
  /** A param and the seed are the user's own choice, and no cause of the surroundings. */
  readonly cause: Cause | "param" | "seed";
  readonly what: string;
  /** "" where it was not there. */
  readonly before: string;
  readonly after: string;
  /** The first line that differs, of the later run; undefined: the contents are not at hand, or are no text. */
  readonly line: number | undefined;
  /** `likely`: a result surely depends on it. `guess`: it may. */
  readonly confidence: "likely" | "guess";
  /** What a step before has given has other bytes, which mean the same. */
  readonly isSameContent: boolean;
}

export interface WhyDiffer {
  readonly before: string;
  readonly after: string;
  readonly comparison: Comparison;
  /** Undefined: no step gives anything else. */
  readonly step: string | undefined;
  /** The likeliest first. */
  readonly reasons: readonly Reason[];
}

export interface WhyRequest {
  readonly before: RecordedRun;
  readonly after: RecordedRun;
  readonly tracking: Tracking;
  /** Folders where the project lies or has lain; absolute. */
  readonly projects: readonly string[];
}

/** Rejects with CannotReplay where what was recorded is gone. */
export async function whyDiffer({
  before,
  after,
  tracking,
  projects,
}: WhyRequest): Promise<WhyDiffer> {
  const plans = [before, after].map((one) => revivePlan(one.planText, one.manifest));
  const [plan, other] = plans as [RunPlan, RunPlan];
  const unneeded = sameOutputs(before.manifest, after.manifest);
  const given = await recordedResults(before, plan, tracking, { unneeded });
  const gives = await recordedResults(after, other, tracking, { unneeded });
  const comparison = await compareResults(given.results, gives.results, plan.contract);
  const [step] = guiltySteps(comparison, before.manifest);
  const places = [...projects, before.manifest.folder, after.manifest.folder].map(inputsFolder);
  const reasons =
    step === undefined ? [] : await reasonsFor(step, [before, after], comparison, tracking, places);
  const ids = { before: before.run.info.run_id, after: after.run.info.run_id };
  const ordered = reasons
    .toSorted(byWeight)
    .toSorted((a, b) => Number(a.isSameContent) - Number(b.isSameContent));
  return { ...ids, comparison, step, reasons: ordered };
}

/** Paths of outputs that are the same by their digests: nobody has to bring the files. */
function sameOutputs(before: Manifest, after: Manifest): ReadonlySet<string> {
  const all = ({ steps }: Manifest): readonly RecordedOutput[] =>
    steps.flatMap(({ outputs }) => outputs);
  const others = new Map(all(after).map((output) => [output.path, output]));
  const same = all(before).filter((output) => isSameOutput(output, others.get(output.path)));
  return new Set(same.map((output) => output.path));
}

function isSameOutput(before: RecordedOutput, after: RecordedOutput | undefined): boolean {
  if (!after || before.files.length === 0) return false;
  const bytes = (output: RecordedOutput): string => JSON.stringify(output.files);
  if (bytes(before) === bytes(after)) return true;
  const [content, other] = [before.content, after.content];
  if (!content || !other || content.version !== other.version) return false;
  return content.sha256 === other.sha256;
}

/** What a result surely depends on. */
const sure: readonly Reason["cause"][] = ["param", "seed", "data", "code", "undeclared-file"];

type Both = readonly [before: RecordedRun, after: RecordedRun];

async function reasonsFor(
  name: string,
  runs: Both,
  comparison: Comparison,
  tracking: Tracking,
  stores: readonly string[],
): Promise<readonly Reason[]> {
  const [before, after] = runs.map(({ manifest }) =>
    manifest.steps.find((step) => step.name === name),
  );
  if (!before || !after)
    return [reasonOf("code", `step ${name}`, before ? "there" : "", after ? "there" : "")];
  const code = await codeReason(before, after, runs, tracking);
  const rewritten = rewrittenOutputs(comparison, runs[0].manifest);
  const inputs = await inputReasons(before, after, rewritten, stores);
  const others = changesBetween(runs[0].manifest, runs[1].manifest)
    .filter(({ cause, step }) => cause !== "code" && (step === undefined || step === name))
    .map((change) => reasonOf(change.cause, change.name, change.before, change.after));
  return [...chosen(before, after), ...code, ...inputs, ...unseeded(after), ...others];
}

/** Paths of outputs that have other bytes and the same content. */
function rewrittenOutputs({ rows }: Comparison, { steps }: Manifest): ReadonlySet<string> {
  const paths = steps.flatMap(({ name, outputs }) => {
    const own = rows.filter(({ step, rung }) => step === name && rung === "content");
    const its = outputs.filter(({ key, kind }) =>
      own.some((row) => row.key === key && row.kind === kind),
    );
    return its.map((output) => output.path);
  });
  return new Set(paths);
}

function reasonOf(
  cause: Reason["cause"],
  what: string,
  before: string,
  after: string,
  line?: number,
): Reason {
  const confidence = sure.includes(cause) || cause === "unseeded-rng" ? "likely" : "guess";
  return { cause, what, before, after, line, confidence, isSameContent: false };
}

function chosen(before: RecordedStep, after: RecordedStep): readonly Reason[] {
  const names = new Set([...before.params, ...after.params].map(({ name }) => name));
  const textOf = ({ params }: RecordedStep, name: string): string => {
    const value = params.find((param) => param.name === name)?.value;
    return value === undefined ? "" : shortValue(value);
  };
  const params = [...names].map((name) =>
    reasonOf("param", name, textOf(before, name), textOf(after, name)),
  );
  const seeds = [before, after].map(({ seed }) => (seed === null ? "" : String(seed)));
  const seed = reasonOf("seed", "seed", seeds[0] ?? "", seeds[1] ?? "");
  return [...params, seed].filter((reason) => reason.before !== reason.after);
}

function shortValue(value: unknown): string {
  if (typeof value === "object" && value !== null && "float" in value)
    return String(readHexFloat(String(value.float)));
  return typeof value === "string" ? value : JSON.stringify(value);
}

function unseeded({ process }: RecordedStep): readonly Reason[] {
  return process?.unseeded
    ? [reasonOf("unseeded-rng", "random numbers", "unseeded", "unseeded")]
    : [];
}

async function codeReason(
  before: RecordedStep,
  after: RecordedStep,
  runs: Both,
  tracking: Tracking,
): Promise<readonly Reason[]> {
  if (before.code === after.code) return [];
  const file = after.script ?? runs[1].manifest.file;
  const texts = await Promise.all(runs.map((run) => sourceOf(run, file, tracking)));
  const digests = [before, after].map(({ code }) => code?.slice(0, 12) ?? "");
  const line = firstChangedLine(texts[0], texts[1]);
  return [reasonOf("code", file, digests[0] ?? "", digests[1] ?? "", line)];
}

async function sourceOf(
  { run, folder }: RecordedRun,
  file: string,
  tracking: Tracking,
): Promise<string | undefined> {
  const place = await bringArtifact(`mlpipe/source/${file}`, { run, folder, tracking });
  return place === undefined ? undefined : readFileSync(place, "utf8");
}

async function inputReasons(
  before: RecordedStep,
  after: RecordedStep,
  rewritten: ReadonlySet<string>,
  stores: readonly string[],
): Promise<readonly Reason[]> {
  const nameOf = ({ variable, path }: RecordedInput): string => variable ?? path;
  const names = new Set([...before.inputs, ...after.inputs].map(nameOf));
  const found = [...names].map(async (name) => {
    const [one, other] = [before, after].map(({ inputs }) =>
      inputs.find((it) => nameOf(it) === name),
    );
    const reasons = await inputReason(one, other, stores);
    const { from, path } = one ?? other ?? {};
    const isSame = from === "step" && rewritten.has(path ?? "");
    return isSame ? reasons.slice(0, 1).map((reason) => rewrittenReason(reason, path)) : reasons;
  });
  return (await Promise.all(found)).flat();
}

/** Hardly any step cares how what it is given was written. */
function rewrittenReason(reason: Reason, what = reason.what): Reason {
  return { ...reason, what, line: undefined, confidence: "guess", isSameContent: true };
}

async function inputReason(
  before: RecordedInput | undefined,
  after: RecordedInput | undefined,
  stores: readonly string[],
): Promise<readonly Reason[]> {
  const input = after ?? before;
  if (!input) return [];
  const paths = new Set(
    [...(before?.files ?? []), ...(after?.files ?? [])].map(({ path }) => path),
  );
  const found = [...paths].map(async (path) => {
    const [one, other] = [before, after].map((it) => it?.files.find((file) => file.path === path));
    if (one?.sha256 === other?.sha256) return [];
    const texts = await Promise.all([one, other].map((file) => contentOf(file, stores)));
    const name = path === "" ? input.path : `${input.path}/${path}`;
    const told = [one, other].map((file) => file?.sha256.slice(0, 12) ?? "");
    const line = firstChangedLine(texts[0], texts[1]);
    return [reasonOf(causeOf(input), name, told[0] ?? "", told[1] ?? "", line)];
  });
  return (await Promise.all(found)).flat();
}

function causeOf({ code, variable }: RecordedInput): Cause {
  if (code) return "code";
  return variable === null ? "undeclared-file" : "data";
}

async function contentOf(
  file: RecordedFile | undefined,
  stores: readonly string[],
): Promise<string | undefined> {
  if (!file) return undefined;
  for (const store of new Set(stores)) {
    const place = placeOfInput(store, file.sha256);
    if (place !== undefined && existsSync(place) && (await digestOfFile(place)) === file.sha256)
      return readFileSync(place, "utf8");
  }
  return undefined;
}

/** From 1, in the later text; undefined where one of them is not there, or they are the same, or no text. */
export function firstChangedLine(
  before: string | undefined,
  after: string | undefined,
): number | undefined {
  if (before === undefined || after === undefined || before === after) return undefined;
  if (before.includes("\0") || after.includes("\0")) return undefined;
  const [old, now] = [before.split("\n"), after.split("\n")];
  const at = now.findIndex((line, index) => line !== old[index]);
  return at < 0 ? now.length : at + 1;
}
