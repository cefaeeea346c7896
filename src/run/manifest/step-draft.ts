/** What the manifest says of one step, but for what it has given: begun before the step starts, completed when it has ended. */
import type { Value } from "../../check/program.ts";
import type { PlannedParam, StepAction } from "../../plan/plan.ts";
import type { CodeFacts } from "../cache/code-facts.ts";
import { digestOf } from "../cache/digest.ts";
import type { Failure } from "../event.ts";
import { printHexFloat } from "../hex-float.ts";
import type { StepInput } from "../protocol.ts";
import type { PerformContext, RunOrigins } from "../state.ts";
import type { StepResult } from "../step.ts";
import { recordProcess } from "./process-facts.ts";
import { openFileMemory } from "./file-memory.ts";
import { largestInput } from "./input-store.ts";
import { steering } from "./machine-facts.ts";
import type { RecordedFailure, RecordedParam, RecordedStep, RecordedValue } from "./manifest.ts";
import { startFiles } from "./start-files.ts";
import { loadedFiles, usedFiles } from "./used-files.ts";

/** Plain data: it is kept beside what the step gave, for a run that is gone on with. */
export type StepDraft = Omit<RecordedStep, "metrics" | "outputs">;

/** `there`: where the declared inputs lie. Throws the file system's errors. */
export async function draftBefore(
  step: StepAction,
  there: readonly StepInput[],
  { folder, env }: Pick<PerformContext, "folder" | "env">,
  { largestCopy }: Pick<RunOrigins, "largestCopy">,
): Promise<StepDraft> {
  const { inputs, facts, code } = await usedFiles(step, there, { folder, largestCopy });
  return {
    name: step.name,
    language: step.language,
    script: step.code.kind === "script" ? step.code.path : null,
    code,
    params: step.params.map((param) => recordParam(param, step, facts)),
    seed: step.seed ?? null,
    seededBy: step.seed === undefined ? null : step.implicit ? "run" : "step",
    secrets: step.secrets.map(({ from }) => from),
    inputs,
    variables: variablesOf(step),
    named: namedVariables(step, facts, env),
    startFiles: [],
    process: null,
    cachedFrom: null,
    failed: null,
  };
}

/** The step has run in its own process. Throws the file system's errors. */
export async function draftAfter(
  draft: StepDraft,
  step: StepAction,
  result: StepResult,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<StepDraft> {
  const { failure, loaded } = result;
  const memory = openFileMemory(folder);
  const process = recordProcess(result, folder, memory);
  memory.save();
  const start = await startFiles(step, loaded, folder, env);
  const files = [...(loaded?.files ?? []), ...start.own];
  const more = await loadedFiles(files, draft.inputs, { folder, largestCopy: largestInput });
  return {
    ...draft,
    inputs: [...draft.inputs, ...more],
    startFiles: start.files,
    process,
    failed: failure ? recordFailure(failure) : null,
  };
}

function recordFailure({ code, message, place }: Failure): RecordedFailure {
  return { code, message, place };
}

function recordParam(
  { name, type, value }: PlannedParam,
  { code, metrics }: StepAction,
  facts: CodeFacts | undefined,
): RecordedParam {
  const mayBeUnseen = facts?.unseen !== false || code.kind === "script";
  const isComputed = metrics.some(({ call }) => call !== undefined);
  const named = facts?.words.has(name) || (mayBeUnseen || isComputed ? null : false);
  return { name, type, value: recordValue(value, type), named };
}

function recordValue(value: Value, type: PlannedParam["type"]): RecordedValue {
  if (typeof value === "number") return type === "int" ? value : { float: printHexFloat(value) };
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  return value.map((element) => recordValue(element, type));
}

function variablesOf({ env, unsetEnv }: StepAction): Readonly<Record<string, string | null>> {
  const gone = unsetEnv.map((name) => [name, null] as const);
  const set = Object.entries(env).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  return Object.fromEntries([...gone, ...set]);
}

/** Every shell and mlpipe itself set these anew. */
const passing = /^(?:MLFLOW_.*|MLPIPE_.*|_|PWD|OLDPWD|SHLVL|PATH)$/u;
const secretive = /TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY/iu;

/** Of a value, which may be anything, so little is told that nobody can find it out by trying. */
function namedVariables(
  { secrets, env: own, unsetEnv }: StepAction,
  facts: CodeFacts | undefined,
  env: NodeJS.ProcessEnv,
): Readonly<Record<string, string | null>> {
  const apart = new Set([...secrets.map(({ from }) => from), ...Object.keys(own), ...unsetEnv]);
  const names = Object.keys(env).filter(
    (name) =>
      facts?.words.has(name) && !apart.has(name) && !steering.test(name) && !passing.test(name),
  );
  return Object.fromEntries(
    names.toSorted().map((name) => {
      const told = secretive.test(name) ? null : digestOf(env[name] ?? "").slice(0, 4);
      return [name, told];
    }),
  );
}
