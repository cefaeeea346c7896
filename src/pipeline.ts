/** A run of a file as a value that code, such as a test, can execute and verify with other values of its params. */
import { randomInt } from "node:crypto";
import path from "node:path";
import type { Program, Run, Value } from "./check/program.ts";
import { compile } from "./compile.ts";
import { type Executed, executeRun } from "./executed.ts";
import { type Called, orRefuse, refuse } from "./pipeline-error.ts";
import { fillParams } from "./plan/params.ts";
import { diagnose } from "./repro/diagnose/diagnose.ts";
import type { Diagnosis } from "./repro/diagnose/diagnosis.ts";
import { allLaws } from "./repro/laws/all-laws.ts";
import { type LawId, lawIds } from "./repro/laws/law.ts";
import { planOf } from "./repro/laws/session.ts";
import { paramsArbitrary } from "./repro/laws/params-arbitrary.ts";
import { spaceOf } from "./repro/laws/space.ts";
import { type Verification, verify } from "./repro/laws/verify.ts";
import { openOrigin } from "./repro/origin.ts";
import { inScratch } from "./repro/scratch.ts";
import { ownCommand, stdlib } from "./repro/shipped.ts";
import { diskFiles } from "./source/disk.ts";
import { relocate } from "./source/relocate.ts";
import { report } from "./source/report.ts";
import { suggest } from "./source/suggest.ts";

/** By name. A number for `int` and `float`, a text for `string`, `path` and `uri`. */
export type Params = Readonly<Record<string, Value>>;

export interface PipelineOptions {
  /** What steps find in their environment; absent: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the runs are that inputs come from; absent: MLFLOW_TRACKING_URI, else `mlflow.db` in the current folder. */
  readonly trackingUri?: string;
}

export interface VerifyOptions {
  /** Only these; absent: all. */
  readonly laws?: readonly LawId[];
  readonly skip?: readonly LawId[];
  /** Params keep their values; absent: only those that `with` has set do. */
  readonly fixed?: boolean;
  /** The only step whose files are looked at (L5); absent: all. */
  readonly step?: string | undefined;
  /** For all laws together; absent: 60,000. */
  readonly budgetMs?: number;
  /** How many values of the params are tried at most; absent: 20. */
  readonly cases?: number;
  /** What the values are drawn from; absent: a new one each time. */
  readonly seed?: number;
  /** The one case that a failure names behind its seed. */
  readonly path?: string;
  readonly signal?: AbortSignal;
}

/** Never changes: `with` makes another one. Methods throw, or reject with, PipelineError. */
export interface Pipeline {
  readonly kind: "pipeline";
  /** As the user named it. */
  readonly file: string;
  readonly run: string;
  /** The values that it runs with; a param that has no default and no value yet is not among them. */
  readonly values: Params;
  /** The same run with other values, which must be of their types, in their domains, and keep what is required. */
  readonly with: (params: Params) => Pipeline;
  readonly step: (name: string) => PipelineStep;
  /** Values for `with`, drawn from the declared domains; what `with` has set keeps its value. Shrinks to the usual ones. */
  readonly params: () => ReturnType<typeof paramsArbitrary>;
  /** Performs the run in a copy of its project, logged nowhere. Rejects where it fails. */
  readonly execute: (options?: Pick<VerifyOptions, "signal">) => Promise<Executed>;
  readonly verify: (options?: VerifyOptions) => Promise<Verification>;
  /** Why it does not give the same again, with these values; takes more executions than `verify`. */
  readonly diagnose: (options?: Pick<VerifyOptions, "budgetMs" | "signal">) => Promise<Diagnosis>;
}

export interface PipelineStep {
  readonly kind: "step";
  readonly name: string;
  readonly pipeline: Pipeline;
}

/**
 * Opens a run of the file, whose name counts from the current folder; absent: the main run. Rejects with PipelineError, whose
 * message shows the findings, where there are errors; warnings are printed.
 */
export async function pipeline(
  file: string,
  run?: string,
  options: PipelineOptions = {},
): Promise<Pipeline> {
  const folder = path.resolve(path.dirname(file));
  const program = readProgram(file, folder);
  return openPipeline({ file, folder, program, options, run: chooseRun(program, file, run) }, {});
}

/** Warnings that were printed; a file is opened once for each of its runs. */
const told = new Set<string>();

function readProgram(file: string, folder: string): Program {
  if (!file.endsWith(".mlpipe"))
    throw refuse(`\`${file}\` is no .mlpipe file; the name of a pipeline ends so`, pipeline);
  const found = compile(path.basename(file), diskFiles(folder, stdlib));
  const diagnostics = relocate(found.diagnostics, path.relative(process.cwd(), folder));
  const findings = report(diagnostics, { color: false });
  if (!found.program) throw refuse(`${file} has errors\n\n${findings}`, pipeline);
  if (findings !== "" && !told.has(findings)) process.stderr.write(findings);
  told.add(findings);
  return found.program;
}

function chooseRun(program: Program, file: string, name: string | undefined): Run {
  const entry = name ?? program.project.main ?? "";
  const run = program.runs.get(program.sweeps.get(entry)?.of ?? entry);
  if (run) return run;
  const known = [...program.runs.keys()];
  if (known.length === 0) throw refuse(`${file} declares no run`, pipeline);
  const near = suggest(entry, known);
  const lacks = entry === "" ? `${file} has several runs` : `${file} has no run \`${entry}\``;
  throw refuse(
    `${lacks}; ${near ? `did you mean \`${near}\`?` : `name one: ${known.join(", ")}`}`,
    pipeline,
  );
}

interface Opened {
  readonly file: string;
  /** Of the project; absolute. */
  readonly folder: string;
  readonly program: Program;
  readonly run: Run;
  readonly options: PipelineOptions;
}

/** `given`: what `with` has set. */
function openPipeline(opened: Opened, given: Params): Pipeline {
  const { file, program, run } = opened;
  const { values } = fillParams(run.params, run.requires, given);
  const fixed = Object.keys(given);
  const self: Pipeline = {
    kind: "pipeline",
    file,
    run: run.name,
    values,
    with(params) {
      const all = { ...given, ...params };
      requireValues(run, all, self.with);
      return openPipeline(opened, all);
    },
    step: (name) => ({ kind: "step", name: requireStep(run, name, self.step), pipeline: self }),
    params: () =>
      paramsArbitrary(spaceOf(program, run, requireValues(run, given, self.params), fixed)),
    async execute(options = {}) {
      const params = requireValues(run, given, self.execute);
      return orRefuse(() => executeRun({ ...opened, ...surroundings(opened, options), params }));
    },
    async verify(options = {}) {
      const params = requireValues(run, given, self.verify);
      requireLaws([...(options.laws ?? []), ...(options.skip ?? [])], self.verify);
      const kept = options.fixed ? Object.keys(params) : fixed;
      return orRefuse(() => verifyRun(opened, { params, fixed: kept }, options));
    },
    async diagnose(options = {}) {
      const params = requireValues(run, given, self.diagnose);
      return orRefuse(() => diagnoseRun(opened, params, options));
    },
  };
  return self;
}

/** A value for each param. */
function requireValues({ params, requires }: Run, given: Params, called: Called): Params {
  const { values, problems } = fillParams(params, requires, given);
  if (problems.length === 0) return values;
  throw refuse(problems.map(({ message }) => message).join("\n"), called);
}

function requireStep({ name: run, steps }: Run, name: string, called: Called): string {
  const known = steps.map((step) => step.name);
  if (known.includes(name)) return name;
  const near = suggest(name, known);
  const hint = near ? `did you mean \`${near}\`?` : `it has ${known.join(", ")}`;
  throw refuse(`\`${run}\` has no step \`${name}\`; ${hint}`, called);
}

/** Callers without types may give any text. */
function requireLaws(ids: readonly string[], called: Called): void {
  const strange = ids.find((id) => !lawIds.some((known) => known === id));
  if (strange !== undefined)
    throw refuse(`there is no law ${strange}; there are ${lawIds.join(", ")}`, called);
}

interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly trackingUri: string | undefined;
}

function surroundings(
  { options: { env = process.env, trackingUri = env["MLFLOW_TRACKING_URI"] } }: Opened,
  { signal = new AbortController().signal }: Pick<VerifyOptions, "signal">,
): Surroundings {
  return { env, signal, trackingUri };
}

async function verifyRun(
  opened: Opened,
  values: { readonly params: Params; readonly fixed: readonly string[] },
  options: VerifyOptions,
): Promise<Verification> {
  const { file: shown, folder: project, program, run } = opened;
  const { trackingUri, ...around } = surroundings(opened, options);
  const { laws = lawIds, skip = [], budgetMs = 60_000, cases = 20 } = options;
  const known = allLaws.map(({ id }) => id);
  const origin = await openOrigin(run, trackingUri);
  try {
    return await verify({
      ...values,
      ...around,
      program,
      run,
      shown,
      project,
      origin,
      budgetMs,
      cases,
      laws: known.filter((id) => laws.includes(id) && !skip.includes(id)),
      seed: options.seed ?? randomInt(2 ** 31),
      path: options.path,
      step: options.step,
      command: ownCommand,
      listener: () => {},
    });
  } finally {
    await origin?.close();
  }
}

async function diagnoseRun(
  opened: Opened,
  params: Params,
  options: Pick<VerifyOptions, "budgetMs" | "signal">,
): Promise<Diagnosis> {
  const { folder: project, run } = opened;
  const { trackingUri, ...around } = surroundings(opened, options);
  const { budgetMs = 60_000 } = options;
  const plan = planOf(opened, params);
  const origin = await openOrigin(run, trackingUri);
  const request = { ...around, ...(origin ? { origin } : {}), plan, project, budgetMs, jobs: 2 };
  try {
    return await inScratch("diagnose", (scratch) => diagnose({ ...request, scratch }));
  } finally {
    await origin?.close();
  }
}
