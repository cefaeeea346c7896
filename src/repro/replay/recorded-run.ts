/** A run as mlpipe has recorded it: its manifest and its plan, brought here from the tracker and checked. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Digest, digestOf, digestOfFile } from "../../run/cache/digest.ts";
import type { Manifest, RecordedFile } from "../../run/manifest/manifest.ts";
import { readManifest } from "../../run/manifest/read-manifest.ts";
import type { TrackedRun } from "../../tracking/entities.ts";
import { type Tracking, unlessMissing } from "../../tracking/tracking.ts";
import { CannotReplay } from "./refused.ts";

export interface RecordedRun {
  readonly run: TrackedRun;
  readonly manifest: Manifest;
  /** `mlpipe/plan.json` as text. */
  readonly planText: string;
  /** Where artifacts of the run are brought to. */
  readonly folder: string;
}

/** `folder`: for what is brought from the tracker. Rejects with CannotReplay where something of it is gone or damaged. */
export async function openRecorded(
  run: TrackedRun,
  tracking: Tracking,
  folder: string,
): Promise<RecordedRun> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const digest = tagOf(run, "mlpipe.manifest");
  if (digest === undefined) throw refuseUnrecorded(run);
  const brought = { run, tracking, folder };
  const text = await bringText("mlpipe/manifest.json", digest, brought);
  const manifest = readManifest(text);
  if ("problem" in manifest)
    throw new CannotReplay(
      `the manifest of the run ${run.info.run_id} ${manifest.problem}`,
      "run the file again: mlpipe run <file>",
    );
  const planText = await bringText("mlpipe/plan.json", manifest.plan.sha256, brought);
  return { run, manifest, planText, folder };
}

export function tagOf({ data }: TrackedRun, key: string): string | undefined {
  return data.tags?.find((tag) => tag.key === key)?.value;
}

function refuseUnrecorded(run: TrackedRun): CannotReplay {
  const { run_id, run_name } = run.info;
  const isOwn = tagOf(run, "mlpipe.file") !== undefined;
  return new CannotReplay(
    isOwn
      ? `the run ${run_id} (${run_name}) has no manifest: an older mlpipe has made it, or it was killed before it was recorded`
      : `the run ${run_id} (${run_name}) was not made by mlpipe, which has recorded nothing of it`,
    "what mlpipe runs from now on can be replayed: mlpipe run <file>",
  );
}

interface Brought {
  readonly run: TrackedRun;
  readonly tracking: Tracking;
  readonly folder: string;
}

async function bringText(name: string, digest: string, brought: Brought): Promise<string> {
  const file = await bringArtifact(name, brought);
  const text = file === undefined ? undefined : readFileSync(file, "utf8");
  if (text === undefined) throw refuseGone(name, brought);
  if (digestOf(text) !== digest) throw refuseChanged(name, brought);
  return text;
}

/** The place of an artifact that is here now; undefined where the tracker has it no longer. */
export async function bringArtifact(
  name: string,
  { run, tracking, folder }: Brought,
): Promise<string | undefined> {
  const target = path.join(folder, ...name.split("/"));
  if (existsSync(target)) return target;
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
  await unlessMissing(() => tracking.download(run.info.run_id, name, target));
  return existsSync(target) ? target : undefined;
}

export function refuseGone(name: string, { run, tracking }: Omit<Brought, "folder">): CannotReplay {
  return new CannotReplay(
    `${name}, an artifact of the run ${run.info.run_id}, is gone from ${tracking.uri}`,
    "restore it there, or replay another run: mlpipe runs",
  );
}

export function refuseChanged(
  name: string,
  { run, tracking }: Omit<Brought, "folder">,
): CannotReplay {
  return new CannotReplay(
    `${name}, an artifact of the run ${run.info.run_id}, is not what was recorded; somebody has changed it in ${tracking.uri}`,
    "restore it there, or replay another run: mlpipe runs",
  );
}

/** The first of the files below `place` that is not as it was recorded; a single file has the path "". */
export async function firstChanged(
  place: string,
  files: readonly RecordedFile[],
): Promise<RecordedFile | undefined> {
  for (const file of files) {
    const found = path.join(place, file.path);
    if (!existsSync(found) || (await digestOfFile(found)) !== (file.sha256 as Digest)) return file;
  }
  return undefined;
}
