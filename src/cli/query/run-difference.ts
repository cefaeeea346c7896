/** What differs between two runs; nothing of what is the same in both. */
import type { MetricPoint } from "../../tracking/entities.ts";
import { compareByCodePoint } from "../../source/path.ts";
import { unifiedPatch } from "../patch.ts";
import { originOf, purposeOf } from "./datasets.ts";
import { type PlanFacts, factsOfPlan } from "./plan-facts.ts";
import type { RunContents, SourceFile } from "./run-contents.ts";
import { modelNotes, sourceOf, tagsOf } from "./tags.ts";

/** Undefined where one of the runs has nothing of that name. */
export interface Row {
  readonly name: string;
  readonly a: string | number | undefined;
  readonly b: string | number | undefined;
}

export const sectionNames = [
  "run",
  "params",
  "metrics",
  "tags",
  "inputs",
  "packages",
  "environment",
  "plan",
  "code",
  "artifacts",
] as const;
export type SectionName = (typeof sectionNames)[number];

/** A file of the code. `patch` leads from a to b; undefined where only sizes can be told. */
export interface FileDifference {
  readonly path: string;
  readonly a: SourceFile | undefined;
  readonly b: SourceFile | undefined;
  readonly patch: string | undefined;
}

export interface Difference {
  readonly rows: Readonly<Record<SectionName, readonly Row[]>>;
  readonly files: readonly FileDifference[];
}

export interface DifferenceOptions {
  /** Also what differs between any two runs: names, times, ids and whoever started them. */
  readonly all: boolean;
}

/** Whether nothing differs. */
export function isSame({ rows, files }: Difference): boolean {
  return files.length === 0 && sectionNames.every((name) => rows[name].length === 0);
}

type Facts = ReadonlyMap<string, string | number>;

export function compareRuns(
  a: RunContents,
  b: RunContents,
  { all }: DifferenceOptions,
): Difference {
  const [left, right] = [factsOf(a, all), factsOf(b, all)];
  const files = compareFiles(a.sources, b.sources);
  const [leftPlan, rightPlan] = [factsOfPlan(a.plan), factsOfPlan(b.plan)];
  const planRows = (part: keyof PlanFacts): readonly Row[] =>
    a.plan === undefined || b.plan === undefined
      ? []
      : compareFacts(leftPlan[part], rightPlan[part]);
  const isRecorded = a.sources.size > 0 && b.sources.size > 0;
  return {
    files,
    rows: {
      run: compareFacts(left.run, right.run),
      params: compareFacts(left.params, right.params),
      metrics: compareMetrics(a.run, b.run),
      tags: compareFacts(left.tags, right.tags),
      inputs: [...compareFacts(left.inputs, right.inputs), ...planRows("inputs")],
      packages: [...compareFacts(left.packages, right.packages), ...planRows("packages")],
      environment: planRows("environment"),
      // Where the code differs, the plan does as its consequence.
      plan: files.length === 0 || all ? planRows("plan") : [],
      // A commit says nothing more where the code itself is known.
      code: isRecorded && !all ? [] : compareFacts(left.code, right.code),
      artifacts: compareArtifacts(a, b, all),
    },
  };
}

function compareFacts(a: Facts, b: Facts): readonly Row[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].toSorted(compareByCodePoint);
  return names
    .map((name) => ({ name, a: a.get(name), b: b.get(name) }))
    .filter((row) => row.a !== row.b && !Object.is(row.a, row.b));
}

/** Tags that differ between any two runs, or that are compared elsewhere. */
const noise =
  /^mlflow\.(runName|user|parentRunId|rootRunId|log-model\.history|source\.|project\.entryPoint|databricks\.)|^mlpipe\.(source_digest|meaning|attempt|manifest|replayable|cached\..*|client_request_id|error|origin\w*|copied|intended_tracking_uri)$/;

/** Facts of a run, whose own id in any of them is no difference. */
function factsOf(
  { run }: RunContents,
  all: boolean,
): Readonly<Record<"run" | "params" | "tags" | "inputs" | "packages" | "code", Facts>> {
  const tags = tagsOf(run);
  const plain = (text: string): string =>
    all ? text : text.replaceAll(run.info.run_id, "<the run's id>");
  const packages = modelNotes(tags).flatMap((model) =>
    Object.entries(model.packages).map(
      ([name, version]) => [`${model.path} ${name}`, version] as const,
    ),
  );
  return {
    run: new Map([...runFacts(run, tags), ...(all ? identityFacts(run) : [])]),
    params: new Map((run.data.params ?? []).map(({ key, value }) => [key, plain(value)])),
    tags: new Map(
      [...tags]
        .filter(([key]) => all || !noise.test(key))
        .map(([key, value]) => [key, plain(value)]),
    ),
    inputs: inputFacts(run),
    packages: new Map(packages),
    code: codeFacts(tags),
  };
}

type Run = RunContents["run"];
type Pairs = readonly (readonly [string, string | number])[];

function runFacts({ info }: Run, tags: ReadonlyMap<string, string>): Pairs {
  const error = tags.get("mlpipe.error");
  return [
    ["status", info.status],
    ["lifecycle", info.lifecycle_stage],
    ...(error === undefined ? [] : [["error", error] as const]),
  ];
}

function identityFacts({ info }: Run): Pairs {
  const { end_time: ended } = info;
  return [
    ["id", info.run_id],
    ["name", info.run_name],
    ["experiment", info.experiment_id],
    ["user", info.user_id],
    ["artifacts at", info.artifact_uri],
    ["started, in ms", info.start_time],
    ...(ended === undefined ? [] : [["took, in ms", ended - info.start_time] as const]),
  ];
}

function codeFacts(tags: ReadonlyMap<string, string>): Facts {
  const { name, entryPoint, commit, branch, repository, changed } = sourceOf(tags);
  const facts = {
    source: name,
    "entry point": entryPoint,
    repository,
    branch,
    commit,
    ...(commit === undefined ? {} : { "changes not committed": changed ? "yes" : "no" }),
  };
  return new Map(
    Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined),
  );
}

/** The last values, and their steps where both runs have them and they differ. */
function compareMetrics(a: Run, b: Run): readonly Row[] {
  const pointsOf = ({ data }: Run): ReadonlyMap<string, MetricPoint> =>
    new Map((data.metrics ?? []).map((point) => [point.key, point]));
  const [left, right] = [pointsOf(a), pointsOf(b)];
  const read = (
    points: ReadonlyMap<string, MetricPoint>,
    other: ReadonlyMap<string, MetricPoint>,
  ): Facts =>
    new Map(
      [...points.values()].flatMap(({ key, value, step }) => [
        [key, value] as const,
        ...(other.has(key) ? [[`${key}, its last step`, step] as const] : []),
      ]),
    );
  return compareFacts(read(left, right), read(right, left));
}

function inputFacts({ inputs }: Run): Facts {
  const datasets = (inputs?.dataset_inputs ?? []).map((input) => {
    const { name, digest } = input.dataset;
    const purpose = purposeOf(input);
    const key = purpose === undefined ? name : `${name}, for ${purpose}`;
    return [key, `${digest} ${originOf(input)}`] as const;
  });
  const models = (inputs?.model_inputs ?? []).map(
    ({ model_id }) => [`model ${model_id}`, "used"] as const,
  );
  return new Map([...datasets, ...models]);
}

/** By size. An MLmodel file names the run and the time, and says nothing more that is not compared elsewhere. */
function compareArtifacts(a: RunContents, b: RunContents, all: boolean): readonly Row[] {
  if (a.artifacts === undefined || b.artifacts === undefined) return [];
  const unseen = [...a.unopened, ...b.unopened];
  return compareFacts(a.artifacts, b.artifacts).filter(
    ({ name, a: left, b: right }) =>
      !unseen.some((folder) => name.startsWith(`${folder}/`)) &&
      (all || left === undefined || right === undefined || !/(^|\/)MLmodel$/.test(name)),
  );
}

function compareFiles(
  a: RunContents["sources"],
  b: RunContents["sources"],
): readonly FileDifference[] {
  // A run whose code nobody recorded has not lost it.
  if (a.size === 0 || b.size === 0) return [];
  const paths = [...new Set([...a.keys(), ...b.keys()])].toSorted(compareByCodePoint);
  return paths
    .map((path) => ({ path, a: a.get(path), b: b.get(path) }))
    .filter((file) => !isSameFile(file.a, file.b))
    .map((file) => ({ ...file, patch: patchOf(file.path, file.a, file.b) }));
}

function isSameFile(a: SourceFile | undefined, b: SourceFile | undefined): boolean {
  if (a?.kind === "text" && b?.kind === "text") return a.text === b.text;
  return a?.kind === "bytes" && b?.kind === "bytes" && a.bytes === b.bytes;
}

function patchOf(
  path: string,
  a: SourceFile | undefined,
  b: SourceFile | undefined,
): string | undefined {
  if (a?.kind === "bytes" || b?.kind === "bytes") return undefined;
  return unifiedPatch(path, a?.text ?? "", b?.text ?? "");
}
