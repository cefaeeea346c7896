/** Executes one step of a plan: its folder, its process, its events as they come, and whether it did well. */
import type { StepAction } from "../plan/plan.ts";
import { type Announcement, openAnnouncement } from "./announce.ts";
import type { Failure, Listener } from "./event.ts";
import { failure } from "./failure.ts";
import { redactEvents } from "./events-redact.ts";
import { type Output, openOutput } from "./output.ts";
import { runProcess } from "./process.ts";
import type { StepEvent, StepFacts, StepLoaded } from "./protocol.ts";
import { removeSession } from "./r-session.ts";
import type { ScriptSession, Verdict } from "./script-session.ts";
import { type StepCommand, commandOf } from "./step-command.ts";
import { cannotWrite, judgeStep } from "./step-failure.ts";
import { type StepPlaces, type StepSurroundings, placesOfStep, writeStep } from "./step-file.ts";
import { hearStep } from "./step-said.ts";
import { type World, commandIn } from "./world.ts";

export interface StepContext extends StepSurroundings {
  /** `.mlpipe/runs/<run_id>`, absolute; the step's own folder is made in it. */
  readonly runFolder: string;
  /** What the process inherits, and where the values of secrets are. */
  readonly env: NodeJS.ProcessEnv;
  /** Aborted with the reason "SIGINT" or "SIGTERM". */
  readonly signal: AbortSignal;
  /** Hears of the step's start, output, warnings and end. */
  readonly listener: Listener;
  /** Receives each event of the step, secrets taken out, and the byte offset behind it in the file. Must not throw. */
  readonly onEvent: (event: StepEvent, offset: number) => void;
  /** Where the code can log to MLflow by itself; what the file's own `env` says wins over its variables. Absent: nowhere. */
  readonly session?: Pick<ScriptSession, "env" | "token" | "verdict">;
  /** Absent: the step is started as it is. */
  readonly world?: World;
  /** How long the process may take to end after SIGTERM; 5 seconds where absent. */
  readonly graceMs?: number;
}

export interface StepResult {
  /** Undefined when the step has done well. */
  readonly failure: Failure | undefined;
  /** Why mlpipe itself ended the step: the run is then KILLED. */
  readonly stopped: "timeout" | "abort" | undefined;
  /** How the code has ended its own run, where it has failed by that. */
  readonly claimed: Verdict["status"] | undefined;
  readonly milliseconds: number;
  readonly places: StepPlaces;
  /** Packages that the code loaded; empty when the step did not end by itself. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Random numbers were drawn though the step has no seed. */
  readonly unseeded: boolean;
  /** Undefined when the step did not end by itself. */
  readonly loaded: StepLoaded | undefined;
  /** The same, and where its language tells none. */
  readonly facts: StepFacts | undefined;
  /** `R 4.2.2`; "" where it was never started. */
  readonly runtime: string;
}
type Executed = Pick<
  StepResult,
  "failure" | "stopped" | "claimed" | "packages" | "unseeded" | "loaded" | "facts"
> & { readonly peakBytes: number | undefined };
type Ending = Executed & Pick<StepResult, "runtime">;

interface Prepared {
  readonly command: StepCommand;
  readonly env: NodeJS.ProcessEnv;
  readonly output: Output;
  readonly secrets: readonly string[];
  /** The secrets, and what dies with the step: files that outlive it may hold that. */
  readonly hidden: readonly string[];
}

/** The log keeps this much of the output's beginning and end. */
const limits = { headBytes: 12 << 20, tailBytes: 4 << 20 } as const;
const defaultGraceMs = 5000;

/** Never rejects for what a step or the system does; resolves when no process of the step is left. */
export async function runStep(step: StepAction, context: StepContext): Promise<StepResult> {
  const began = performance.now();
  const places = placesOfStep(context.runFolder, step.name);
  const { peakBytes, ...ending } = await attempt(step, context, places);
  const milliseconds = performance.now() - began;
  const { failure: found } = ending;
  const placed = found && { ...found, place: preciseOf(found.place, step) };
  const ok = found === undefined;
  const { name } = step;
  context.listener({
    kind: "step-ended",
    step: name,
    ok,
    milliseconds,
    peakBytes,
    failure: placed,
  });
  return { ...ending, failure: placed, milliseconds, places };
}

/** A file without a line says less than where the step's code begins. */
function preciseOf(place: string, step: StepAction): string {
  const { code } = step;
  return place === "" || (code.kind === "fence" && place === code.file) ? placeOf(step) : place;
}

/** Where the step's code begins: `iris.mlpipe:23` */
export function placeOf({ code }: Pick<StepAction, "code">): string {
  return code.kind === "fence" ? `${code.file}:${code.line}` : code.path;
}

async function attempt(
  step: StepAction,
  context: StepContext,
  places: StepPlaces,
): Promise<Ending> {
  if (context.signal.aborted)
    return { ...failed(failure("R0823", { signal: stopSignal(context) })), stopped: "abort" };
  const announcement = openAnnouncement(context.listener);
  const quiet = { ...context, listener: announcement.hear };
  const prepared = prepare(step, quiet, places);
  if ("code" in prepared) return failed(prepared);
  return executeAnnounced(step, quiet, places, prepared, announcement);
}

/** The step is announced at once where its runtime is known, else when it tells it, at the latest when it has ended. */
async function executeAnnounced(
  step: StepAction,
  context: StepContext,
  places: StepPlaces,
  prepared: Prepared,
  { announce }: Announcement,
): Promise<Ending> {
  const { runtime: known, tellsVersion } = prepared.command;
  let told = known;
  const start = (runtime: string): void =>
    announce({ kind: "step-started", step: step.name, runtime, place: placeOf(step) });
  if (!tellsVersion) start(known);
  const onEvent: StepContext["onEvent"] = (event, offset) => {
    if (event.kind === "start") start((told = event.runtime));
    context.onEvent(event, offset);
  };
  const ending = await execute(step, { ...context, onEvent }, places, prepared);
  start(known);
  return { ...ending, runtime: told };
}

function failed(reason: Failure): Ending {
  return {
    failure: reason,
    stopped: undefined,
    claimed: undefined,
    packages: [],
    unseeded: false,
    loaded: undefined,
    facts: undefined,
    peakBytes: undefined,
    runtime: "",
  };
}

function stopSignal({ signal }: StepContext): string {
  return typeof signal.reason === "string" ? signal.reason : "mlpipe";
}

/** All that may go wrong before the process starts is the file system's, or a missing interpreter. */
function prepare(step: StepAction, context: StepContext, places: StepPlaces): Prepared | Failure {
  const { listener, folder } = context;
  const env = environment(step, context);
  const found = commandOf(step, places.stepFile, { env, folder });
  if ("code" in found) return found;
  const command = commandIn(context.world, found);
  const secrets = secretsOf(step, context.env);
  const hidden = context.session ? [...secrets, context.session.token] : secrets;
  try {
    writeStep(step, context, places);
    const output = openOutput({
      log: places.log,
      secrets: hidden,
      ...limits,
      onText: (stream, text) => listener({ kind: "output", step: step.name, stream, text }),
    });
    return {
      command,
      env: { ...env, ...command.env, ...context.world?.env },
      output,
      secrets,
      hidden,
    };
  } catch (error) {
    if (error instanceof Error && "syscall" in error)
      return cannotWrite(error as NodeJS.ErrnoException, places.folder);
    throw error;
  }
}

async function execute(
  step: StepAction,
  context: StepContext,
  places: StepPlaces,
  { command, env, output, secrets, hidden }: Prepared,
): Promise<Executed> {
  const { listener, onEvent } = context;
  const { name, timeoutMs } = step;
  const broken = new AbortController();
  const running = runProcess({
    command: command.file,
    args: command.args,
    cwd: context.folder,
    env,
    timeoutMs,
    graceMs: context.graceMs ?? defaultGraceMs,
    signal: AbortSignal.any([context.signal, broken.signal]),
    onOutput: output.write,
  });
  const hearing = hearStep(step, places.events, { listener, onEvent, secrets: hidden }, running);
  const said = await hearing.catch(async (bug: unknown) => {
    broken.abort();
    await running;
    throw bug;
  });
  redactEvents(places.events, secrets);
  for (const note of said.notes) output.note(note);
  const { heldBackBytes, failure: logFailure } = output.close();
  if (heldBackBytes > 0) listener({ kind: "output-cut", step: name, droppedBytes: heldBackBytes });
  const process = await running;
  if (!said.end && said.start?.session !== undefined) removeSession(said.start.session, env);
  const names = { places, program: command.file, timeoutMs, stopSignal: stopSignal(context) };
  const found = judgeStep({ ...said, process, logFailure }, names);
  const verdict = found ? undefined : context.session?.verdict();
  return {
    failure: found ?? verdict?.failure,
    claimed: verdict?.status,
    stopped: process.kind === "ended" ? process.stopped : undefined,
    packages: said.end?.packages ?? [],
    unseeded: said.end?.unseeded ?? false,
    loaded: said.end?.loaded,
    facts: said.end?.facts,
    peakBytes: process.kind === "ended" ? process.peakBytes : undefined,
  };
}

/** Values that the step must not tell. */
export function secretsOf({ secrets }: StepAction, env: NodeJS.ProcessEnv): readonly string[] {
  return secrets.map(({ from }) => env[from] ?? "").filter((secret) => secret !== "");
}

/** What the process inherits without what the plan removes, and with what the plan sets. */
function environment(
  { env: own, unsetEnv }: StepAction,
  { env, session }: StepContext,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !unsetEnv.includes(name));
  for (const [name, value] of Object.entries(own))
    if (typeof value !== "string") throw new Error(`the step's ${name} is not filled in yet`);
  return { ...Object.fromEntries(kept), ...session?.env, ...own } as NodeJS.ProcessEnv;
}
