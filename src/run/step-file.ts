/** A step's folder below `.mlpipe`, and `step.json`, by which the step learns everything it may know. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatNumber } from "../check/domain.ts";
import type { ParamType, Value } from "../check/program.ts";
import type { PlannedParam, StepAction } from "../plan/plan.ts";
import { printHexFloat } from "./hex-float.ts";
import type { StepFile, StepInput, StepParam, WireValue } from "./protocol.ts";

/** Where a step of a run reads and writes; all absolute. */
export interface StepPlaces {
  readonly folder: string;
  readonly stepFile: string;
  /** The fence's bytes. */
  readonly code: string;
  readonly events: string;
  /** Not there before the code has logged something to MLflow by itself. */
  readonly logged: string;
  readonly log: string;
  readonly outputs: string;
}

/** What the step's file says besides what the plan says. */
export interface StepSurroundings {
  readonly run: { readonly id: string; readonly name: string };
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly inputs: readonly StepInput[];
}

/** The places of the step `name` below the run's folder. */
export function placesOfStep(runFolder: string, name: string): StepPlaces {
  const folder = path.join(runFolder, name);
  if (path.dirname(folder) !== path.normalize(runFolder)) throw new Error(`not a step: ${name}`);
  const below = (file: string): string => path.join(folder, file);
  return {
    folder,
    stepFile: below("step.json"),
    code: below("code"),
    events: below("events.ndjson"),
    logged: below("logged.ndjson"),
    log: below("log.txt"),
    outputs: below("out"),
  };
}

/** Makes the folder anew, for the user alone, with `step.json` and the code. Throws the file system's errors. */
export function writeStep(
  step: StepAction,
  surroundings: StepSurroundings,
  places: StepPlaces,
): void {
  rmSync(places.folder, { recursive: true, force: true });
  mkdirSync(places.outputs, { recursive: true, mode: 0o700 });
  chmodSync(places.folder, 0o700);
  if (step.code.kind === "fence") writeFileSync(places.code, step.code.text, { mode: 0o600 });
  const content = JSON.stringify(stepFile(step, surroundings, places), undefined, 1);
  writeFileSync(places.stepFile, `${content}\n`, { mode: 0o600 });
  writeFileSync(places.events, "", { mode: 0o600 });
}

function stepFile(
  step: StepAction,
  { run, folder, inputs }: StepSurroundings,
  places: StepPlaces,
): StepFile {
  const script = step.code.kind === "script";
  return {
    protocol: 1,
    run,
    step: step.name,
    language: step.language,
    code: { ...codeOf(step, folder, places), script },
    params: step.params.map((param) => wireParam(param, folder)),
    inputs,
    metrics: step.metrics.map(({ key, variable = null, over, call = null, required }) => {
      return { key, variable, over: over !== undefined, call, required };
    }),
    artifacts: step.artifacts.map(({ key, variable = null, format, path: at, required }) => {
      return { key, variable, format, path: at, required };
    }),
    models: step.models.map(
      ({ key, variable = null, flavor, path: at, packages, probe = null, required }) => {
        return { key, variable, flavor, path: at, packages, probe, required };
      },
    ),
    secrets: Object.fromEntries(step.secrets.map(({ variable, from }) => [variable, from])),
    seed: step.seed ?? null,
    folder,
    outputs: places.outputs,
    events: places.events,
    logged: places.logged,
    args: script ? step.params.flatMap((param) => commandLine(param, folder)) : [],
  };
}

function codeOf(
  { code }: StepAction,
  folder: string,
  places: StepPlaces,
): { readonly path: string; readonly shownAs: string; readonly line: number } {
  return code.kind === "fence"
    ? { path: places.code, shownAs: code.file, line: code.line }
    : { path: path.resolve(folder, code.path), shownAs: code.path, line: 1 };
}

function wireParam({ name, type, value }: PlannedParam, folder: string): StepParam {
  return { name, type, value: wire(value, type, folder) };
}

function wire(value: Value, type: ParamType, folder: string): WireValue {
  if (typeof value === "number") return type === "int" ? value : { float: printHexFloat(value) };
  if (typeof value === "string") return type === "path" ? path.resolve(folder, value) : value;
  if (value === null || typeof value === "boolean") return value;
  return value.map((element) => wire(element, type, folder));
}

/** `--cp 0.05`; nothing for null. Numbers in the shortest form that reads back as the same bits. */
function commandLine({ name, type, value }: PlannedParam, folder: string): readonly string[] {
  return value === null ? [] : [`--${name}`, argument(value, type, folder)];
}

function argument(value: Value, type: ParamType, folder: string): string {
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" && type === "path" ? path.resolve(folder, value) : String(value);
}
