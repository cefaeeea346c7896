/** Puts what a step's inputs name on this machine. */
import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import type { OutputRef } from "../check/program.ts";
import type { PlannedInput, StepAction } from "../plan/plan.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { fail } from "./failure.ts";
import type { StepInput } from "./protocol.ts";
import { standardDataFile } from "./standard-data.ts";

export interface InputPlaces {
  readonly tracking: Tracking;
  /** The run that the inputs are for. */
  readonly runId: string;
  /** The project's folder. */
  readonly folder: string;
  /** Where a step of this run has written its outputs. */
  readonly outputsOf: (step: string) => string;
  /** A folder for what is fetched for this step; made when needed. */
  readonly fetched: string;
}

/** Each input of a step as a path that exists; downloads what another run made. */
export async function resolveInputs(
  step: StepAction,
  places: InputPlaces,
): Promise<readonly StepInput[]> {
  const inputs: StepInput[] = [];
  for (const input of step.inputs) inputs.push(await resolveInput(input, places));
  return inputs;
}

async function resolveInput(
  { variable, from }: PlannedInput,
  places: InputPlaces,
): Promise<StepInput> {
  switch (from.kind) {
    case "step": {
      const file = path.join(places.outputsOf(from.step), from.output.path);
      // What the step has logged to MLflow by itself lies there alone.
      if (!existsSync(file)) return fetchOutput(variable, places.runId, from.output, places);
      return describe(variable, from.output, file);
    }
    case "file":
      return {
        variable,
        kind: "artifact",
        format: from.format,
        path: projectFile(from.path, places.folder),
      };
    case "data":
      return { variable, kind: "artifact", format: from.format, path: standardDataFile(from) };
    case "chosen":
      return fetchOutput(variable, from.runId, from.output, places);
    case "run":
    case "run-id":
    case "best":
      throw new Error(`the run for the input ${variable} is chosen before the run is made`);
    default:
      return from satisfies never;
  }
}

function describe(variable: string, output: OutputRef, file: string): StepInput {
  return output.kind === "model"
    ? { variable, kind: "model", flavor: output.flavor, path: file }
    : { variable, kind: "artifact", format: output.format, path: file };
}

/** A file of the project, links resolved; it may have gone since it was checked. */
function projectFile(relative: string, folder: string): string {
  const file = path.join(folder, relative);
  if (!existsSync(file)) fail("R0841", { path: relative, folder });
  const inside = path.relative(realpathSync(folder), realpathSync(file));
  const leaves = inside.split(path.sep)[0] === ".." || path.isAbsolute(inside);
  if (leaves) fail("R0841", { path: relative, folder });
  return file;
}

async function fetchOutput(
  variable: string,
  runId: string,
  output: OutputRef,
  { tracking, fetched }: InputPlaces,
): Promise<StepInput> {
  const target = path.join(fetched, variable, path.basename(output.path));
  mkdirSync(path.dirname(target), { recursive: true });
  // Of a run that is gone on with, an earlier attempt may have brought it, whole or not.
  rmSync(target, { recursive: true, force: true });
  await tracking.download(runId, output.path, target);
  return describe(variable, output, target);
}
