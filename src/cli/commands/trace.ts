/** `mlpipe trace`: what each step of a run really reads, writes, draws and asks the machine for. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { lower } from "../../plan/lower.ts";
import type { RunPlan } from "../../plan/plan.ts";
import { openOrigin } from "../../repro/origin.ts";
import { printTrace } from "../../repro/trace/print-trace.ts";
import { type RunTrace, traceRun } from "../../repro/trace/trace-run.ts";
import { chooseRun, describeChoice, readParams } from "../entry.ts";
import { exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { requireProgram } from "../open.ts";
import { abortOnSignals, interruptedCode } from "../signals.ts";
import { usesColor, write } from "../terminal.ts";

interface TraceOptions {
  readonly param?: readonly string[];
  readonly trackingUri?: string;
  readonly r?: string;
  readonly json?: boolean;
}

export async function trace(
  file: string,
  name: string | undefined,
  options: TraceOptions,
): Promise<number> {
  const { project, program } = requireProgram(file);
  const run = chooseRun(program, name, "traced");
  const params = readParams(program, run.name, options.param);
  const plan = lower(program, run.name, { params, adopt: false }) as RunPlan;
  const origin = await openOrigin(run, options.trackingUri);
  const signal = abortOnSignals();
  const traced = await traceIn(plan, project.folder, options, signal, origin);
  if (options.json) write(jsonText(traced));
  else {
    const printed = { command: "mlpipe", color: usesColor(process.stdout) };
    write(`${describeChoice(program, name, run)}${printTrace({ ...traced, file }, printed)}`);
  }
  if (signal.aborted) return interruptedCode(signal);
  return traced.failure ? exitCodes.failed : exitCodes.done;
}

async function traceIn(
  plan: RunPlan,
  project: string,
  { r }: TraceOptions,
  signal: AbortSignal,
  origin: Awaited<ReturnType<typeof openOrigin>>,
): Promise<RunTrace> {
  const env = r === undefined ? process.env : { ...process.env, MLPIPE_R: r };
  const root = await mkdtemp(path.join(tmpdir(), "mlpipe-trace-"));
  try {
    const scratch = path.join(root, "trace");
    return await traceRun({ plan, project, scratch, env, signal, ...(origin && { origin }) });
  } finally {
    await origin?.close();
    await rm(root, { recursive: true, force: true });
  }
}
