/** What artifacts and models a run of a tracker has, by the names under which they were declared. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Flavor, Format, OutputRef } from "../check/program.ts";
import type { RunPlan } from "../plan/plan.ts";
import type { ArtifactFile } from "../tracking/entities.ts";
import { listFolder } from "../tracking/pages.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { fail } from "./failure.ts";

/** What a recorded run calls `name`: its own plan says; a run that mlpipe did not make is searched by file names. */
export async function findOutput(
  runId: string,
  name: string,
  tracking: Tracking,
): Promise<OutputRef> {
  const files = await listFolder(tracking, runId, "");
  const plan = files.some((file) => file.path === "mlpipe" && file.is_dir)
    ? await recordedPlan(runId, tracking)
    : undefined;
  const found = outputInPlan(plan, name);
  if (found) await requireOutput(runId, found, tracking);
  return found ?? outputAmongFiles(files, name) ?? refuse(runId, name, files);
}

/** Rejects with R0844 where the run has nothing at that path. */
export async function requireOutput(
  runId: string,
  { path: place }: OutputRef,
  tracking: Tracking,
): Promise<void> {
  const folder = path.posix.dirname(place);
  const files = await listFolder(tracking, runId, folder === "." ? "" : folder);
  if (files.every((file) => file.path !== place)) refuse(runId, place, files);
}

function refuse(runId: string, output: string, files: readonly ArtifactFile[]): never {
  return fail("R0844", { run: runId, output, has: files.map((file) => file.path).join(", ") });
}

async function recordedPlan(runId: string, tracking: Tracking): Promise<RunPlan> {
  const folder = await mkdtemp(path.join(tmpdir(), "mlpipe-plan-"));
  try {
    const target = path.join(folder, "plan.json");
    await tracking.download(runId, "mlpipe/plan.json", target);
    return JSON.parse(await readFile(target, "utf8")) as RunPlan;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
function outputAmongFiles(files: readonly ArtifactFile[], name: string): OutputRef | undefined {
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
