/** What an execution of a run has given, as code reads it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Program, Run, Value } from "./check/program.ts";
import { PipelineError } from "./pipeline-error.ts";
import { lowerRun } from "./plan/lower-run.ts";
import { execute } from "./repro/execute.ts";
import { openOrigin } from "./repro/origin.ts";
import type { Output, Point, Results } from "./repro/results.ts";
import type { Failure } from "./run/event.ts";

/** Its files are gone once it is disposed: `await using executed = await iris.execute()`. */
export interface Executed extends AsyncDisposable {
  /** The last value of each metric, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** All that was logged of each metric, by name, in that order. */
  readonly histories: Readonly<Record<string, readonly Point[]>>;
  /** Artifacts and models by name: a file or a folder, as an absolute path. */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Step by step, as `compareResults` takes it. */
  readonly results: Results;
  readonly milliseconds: number;
}

export interface ExecuteOptions {
  readonly file: string;
  /** Of the project; absolute. */
  readonly folder: string;
  readonly program: Program;
  readonly run: Run;
  readonly params: Readonly<Record<string, Value>>;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly trackingUri: string | undefined;
}

/** Rejects with PipelineError where the run fails. */
export async function executeRun(options: ExecuteOptions): Promise<Executed> {
  const scratch = await mkdtemp(path.join(tmpdir(), "mlpipe-execute-"));
  const dispose = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    return { ...(await executeIn(scratch, options)), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function executeIn(
  scratch: string,
  { file, folder, program, run, params, env, signal, trackingUri }: ExecuteOptions,
): Promise<Omit<Executed, typeof Symbol.asyncDispose>> {
  const plan = lowerRun(program, run, { params, adopt: false });
  const origin = await openOrigin(run, trackingUri);
  try {
    const around = { env, signal, scratch, ...(origin ? { origin } : {}) };
    const { results, milliseconds } = await execute({ ...around, plan, project: folder });
    if (results.failure) throw failed(`${file} ${run.name}`, results.failure);
    return { ...byName(results.steps.flatMap(({ outputs }) => outputs)), results, milliseconds };
  } finally {
    await origin?.close();
  }
}

function failed(what: string, { code, place, message, fix }: Failure): PipelineError {
  const where = [place, code].filter((part) => part !== "").join("  ");
  return new PipelineError(`${what} fails\n${where}  ${message}${fix && `\n  fix: ${fix}`}`);
}

function byName(outputs: readonly Output[]): Pick<Executed, "metrics" | "histories" | "artifacts"> {
  const metrics = outputs.filter((output) => output.kind === "metric");
  const files = outputs.filter((output) => output.kind !== "metric");
  return {
    metrics: Object.fromEntries(
      metrics.map(({ key, points }) => [key, points.at(-1)?.value ?? Number.NaN]),
    ),
    histories: Object.fromEntries(metrics.map(({ key, points }) => [key, points])),
    artifacts: Object.fromEntries(files.map((output) => [output.key, output.path])),
  };
}
