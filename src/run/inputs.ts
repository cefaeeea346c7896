/** Finds what a step's inputs name, and puts it on this machine. */
import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import type { Flavor, Format, OutputRef } from "../check/program.ts";
import type { PlannedInput, PlannedInputSource, RunPlan, StepAction } from "../plan/plan.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { fail } from "./failure.ts";
import type { StepInput } from "./protocol.ts";

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
  readonly experimentId: string;
  /** The `.mlpipe` file, for what to type. */
  readonly file: string;
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
    case "run":
      return fetchOutput(variable, await newestRun(from, places), from.output, places);
    case "run-id":
      return fetchOutput(variable, from.id, await findOutput(from.id, from.output, places), places);
    case "best":
      return fail("R0842", { of: from.of });
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

/** The newest FINISHED run of that name in the experiment. */
async function newestRun(
  from: Extract<PlannedInputSource, { kind: "run" }>,
  { tracking, experimentId, file }: InputPlaces,
): Promise<string> {
  const { runs } = await tracking.call("runs/search", {
    experiment_ids: [experimentId],
    filter: `tags.\`mlpipe.run\` = '${from.run}' AND attributes.status = 'FINISHED'`,
    order_by: ["attributes.start_time DESC"],
    max_results: 1,
  });
  return (
    runs?.[0]?.info.run_id ?? fail("R0843", { run: from.run, experiment: from.experiment, file })
  );
}

async function fetchOutput(
  variable: string,
  runId: string,
  output: OutputRef,
  { tracking, fetched }: InputPlaces,
): Promise<StepInput> {
  const target = path.join(fetched, variable, path.basename(output.path));
  mkdirSync(path.dirname(target), { recursive: true });
  await tracking.download(runId, output.path, target);
  return describe(variable, output, target);
}

/** What a recorded run calls `name`: its own plan says; a run that mlpipe did not make is searched by file names. */
async function findOutput(runId: string, name: string, places: InputPlaces): Promise<OutputRef> {
  const { files = [] } = await places.tracking.call("artifacts/list", { run_id: runId });
  const plan = files.some((file) => file.path === "mlpipe" && file.is_dir)
    ? await recordedPlan(runId, name, places)
    : undefined;
  return (
    outputInPlan(plan, name) ??
    outputAmongFiles(files, name) ??
    fail("R0844", { run: runId, output: name, has: files.map((file) => file.path).join(", ") })
  );
}

async function recordedPlan(
  runId: string,
  name: string,
  { tracking, fetched }: InputPlaces,
): Promise<RunPlan> {
  const target = path.join(fetched, `${name}.plan.json`);
  mkdirSync(fetched, { recursive: true });
  await tracking.download(runId, "mlpipe/plan.json", target);
  return JSON.parse(readFileSync(target, "utf8")) as RunPlan;
}

function outputInPlan(plan: RunPlan | undefined, name: string): OutputRef | undefined {
  for (const action of plan?.actions ?? []) {
    if (action.kind !== "step") continue;
    const artifact = action.artifacts.find(({ key }) => key === name);
    if (artifact) return { kind: "artifact", path: artifact.path, format: artifact.format };
    const model = action.models.find(({ key }) => key === name);
    if (model)
      return { kind: "model", path: model.path, flavor: model.flavor, language: action.language };
  }
  return undefined;
}

const formatOfEnding: Readonly<Record<string, Format>> = {
  ".csv": "csv",
  ".json": "json",
  ".txt": "text",
  ".rds": "rds",
  ".parquet": "parquet",
  ".png": "png",
  ".html": "html",
};

/** `model` is a folder of that name (MLflow's way to keep models); an artifact is a file of that name, with or without ending. */
function outputAmongFiles(
  files: readonly { readonly path: string; readonly is_dir: boolean }[],
  name: string,
): OutputRef | undefined {
  const flavor: Flavor = "crate";
  const found = files.find((file) => file.path === name || path.parse(file.path).name === name);
  if (!found) return undefined;
  if (found.is_dir) return { kind: "model", path: found.path, flavor, language: "r" };
  return {
    kind: "artifact",
    path: found.path,
    format: formatOfEnding[path.extname(found.path)] ?? "file",
  };
}
