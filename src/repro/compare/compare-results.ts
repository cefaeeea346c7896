/** What two executions of a run have given, compared output by output as the run's contract asks for. */
import { stat } from "node:fs/promises";
import type { Contract, Tolerance } from "../../check/program.ts";
import type { KnownOutput, Output, Results, StepResults } from "../results.ts";
import type { Decision } from "../statistics/sequential-test.ts";
import { compareDigests } from "./compare-digests.ts";
import { compareFiles } from "./compare-file.ts";
import { compareFolders } from "./compare-folder.ts";
import { compareMetrics } from "./compare-metric.ts";
import { compareModels } from "./compare-model.ts";
import type { Comparison, Row, Rung, Verdict } from "./comparison.ts";
import { type Finding, different, only, same } from "./finding.ts";

/** A metric whose values differ, and that is promised to have the same distribution up to `margin`. */
export interface DistributionQuestion {
  readonly step: string;
  readonly key: string;
  readonly margin: number;
}
export interface Judged {
  readonly decision: Decision;
  /** By which executions it was decided. */
  readonly note: string;
}

/** What a comparison needs besides the results. */
export interface Surroundings {
  /** Executes as often as it takes. Absent: such metrics are undecided. */
  readonly judge?: (question: DistributionQuestion) => Promise<Judged>;
  /** Says where R is, which reads parquet and some compressions. Absent: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

interface Under extends Surroundings {
  readonly contract: Contract | undefined;
}

/** `contract`: of the run; undefined: nothing may differ. Rejects with the file system's errors. */
export async function compareResults(
  before: Results<KnownOutput>,
  after: Results<KnownOutput>,
  contract: Contract | undefined,
  surroundings: Surroundings = {},
): Promise<Comparison> {
  const names = unique([...before.steps, ...after.steps].map(({ step }) => step));
  const rows = await Promise.all(
    names.map((name) => {
      const pair = [stepOf(before, name), stepOf(after, name)] as const;
      return compareSteps(name, ...pair, { ...surroundings, contract });
    }),
  );
  const all = [...rows.flat(), ...runRow(before, after, rows.flat())];
  return { verdict: verdictOf(all), rows: all };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function stepOf(
  { steps }: Results<KnownOutput>,
  name: string,
): StepResults<KnownOutput> | undefined {
  return steps.find(({ step }) => step === name);
}

const kindOf = (output: KnownOutput): Output["kind"] =>
  output.kind === "digests" ? output.of : output.kind;
const identityOf = (output: KnownOutput): string => `${kindOf(output)} ${output.key}`;

async function compareSteps(
  step: string,
  before: StepResults<KnownOutput> | undefined,
  after: StepResults<KnownOutput> | undefined,
  under: Under,
): Promise<readonly Row[]> {
  const [outputs, others] = [before?.outputs ?? [], after?.outputs ?? []];
  const identities = unique([...outputs, ...others].map(identityOf));
  const rows = await Promise.all(
    identities.map((identity) => {
      const find = (some: readonly KnownOutput[]) => some.find((it) => identityOf(it) === identity);
      return compareOutputs(step, find(outputs), find(others), under);
    }),
  );
  return [...failureRow({ step, kind: "step" }, before?.failure, after?.failure), ...rows.flat()];
}

/** There where one side has failed. */
function failureRow(
  { step, kind }: { readonly step: string; readonly kind: "step" | "run" },
  before: Results["failure"],
  after: Results["failure"],
): readonly Row[] {
  if (!before && !after) return [];
  const isSame = before?.code === after?.code && before?.place === after?.place;
  const finding = isSame ? same("content") : different({ kind: "failures", before, after });
  return [row({ step, key: "", kind }, finding)];
}

/** The run has failed by itself where no step has: an expectation does not hold, an output that steps share is missing. */
function runRow(
  before: Results<KnownOutput>,
  after: Results<KnownOutput>,
  rows: readonly Row[],
): readonly Row[] {
  if (rows.some(({ kind }) => kind === "step")) return [];
  return failureRow({ step: "", kind: "run" }, before.failure, after.failure);
}

async function compareOutputs(
  step: string,
  before: KnownOutput | undefined,
  after: KnownOutput | undefined,
  under: Under,
): Promise<readonly Row[]> {
  const output = before ?? after;
  if (!output) return [];
  const { key } = output;
  const tolerance = under.contract?.tolerances[key];
  const finding = !before
    ? only("after")
    : !after
      ? only("before")
      : await compareBoth(step, before, after, under);
  return [row({ step, key, kind: kindOf(output) }, finding, tolerance)];
}

async function compareBoth(
  step: string,
  before: KnownOutput,
  after: KnownOutput,
  { contract, judge, env = process.env }: Under,
): Promise<Finding> {
  const tolerance = contract?.tolerances[before.key];
  if (before.kind === "metric" && after.kind === "metric") {
    const finding = compareMetrics(before.points, after.points, tolerance);
    const isOpen = finding.isUndecided && tolerance?.kind === "distribution";
    if (!isOpen || !judge) return finding;
    return judged(finding, await judge({ step, key: before.key, margin: tolerance.margin }));
  }
  if (before.kind === "metric" || after.kind === "metric")
    throw new Error(`${before.kind} and ${after.kind} are not compared`);
  if (before.kind === "digests" || after.kind === "digests")
    return compareDigests(before, after, tolerance);
  if (before.kind === "model" && after.kind === "model")
    return compareModels(before.path, after.path, tolerance, env);
  if (before.kind === "artifact" && after.kind === "artifact")
    return compareArtifacts(before, after, env);
  throw new Error(`${before.kind} and ${after.kind} are not compared`);
}

function judged(finding: Finding, { decision, note }: Judged): Finding {
  const notes = [note];
  if (decision === "undecided") return { ...finding, notes };
  const rung = decision === "equivalent" ? "distribution" : undefined;
  return { ...finding, rung, isUndecided: false, notes };
}

type ArtifactOutput = Extract<Output, { kind: "artifact" }>;

async function compareArtifacts(
  before: ArtifactOutput,
  after: ArtifactOutput,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const [isFolder, isFolderAfter] = [await isDirectory(before), await isDirectory(after)];
  if (isFolder && isFolderAfter) return compareFolders(before.path, after.path, env);
  if (!isFolder && !isFolderAfter) return compareFiles(before.path, after.path, before.format, env);
  const shown = (is: boolean): string => (is ? "a folder" : "a file");
  const value = { path: "", before: shown(isFolder), after: shown(isFolderAfter) };
  return different({ kind: "values", values: [value], count: 1 });
}

async function isDirectory({ path }: ArtifactOutput): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

function row(
  about: Pick<Row, "step" | "key" | "kind">,
  { rung, difference, isUndecided, notes, byDigest }: Finding,
  tolerance?: Tolerance,
): Row {
  const found = isUndecided ? "UNDECIDED" : verdictOfRung(rung);
  const verdict = tolerance?.kind === "ignored" ? "IGNORED" : found;
  return { ...about, verdict, rung, difference, notes, ...(byDigest && { byDigest }) };
}

function verdictOfRung(rung: Rung | undefined): Verdict {
  if (rung === undefined) return "DIFFERENT";
  return rung === "bytes" || rung === "content" ? "IDENTICAL" : "EQUIVALENT";
}

const byWeight = ["DIFFERENT", "UNDECIDED", "EQUIVALENT"] as const;

/** The worst of them; what is ignored does not count. */
function verdictOf(rows: readonly Row[]): Verdict {
  return byWeight.find((verdict) => rows.some((it) => it.verdict === verdict)) ?? "IDENTICAL";
}
