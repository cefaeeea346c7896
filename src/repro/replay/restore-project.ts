/** The folder of a project as it was when a run was performed: from its commit, its recorded sources and what it was given. */
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { digestOfFile, statOf } from "../../run/cache/digest.ts";
import type { RecordedFile, RecordedInput } from "../../run/manifest/manifest.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { type ContentPlaces, findContent, placesInProjects } from "./find-content.ts";
import { type RecordedRun, bringArtifact, refuseChanged, refuseGone } from "./recorded-run.ts";
import { CannotReplay } from "./refused.ts";
import type { Change } from "./replay.ts";
import { findRepository, restoreCommit } from "./restore-commit.ts";

export interface Restored {
  /** The project's folder. */
  readonly folder: string;
  /** Where each declared input lies that another run has made, by `run:path`. */
  readonly fromRuns: ReadonlyMap<string, string>;
  /** Where each file lies that a param has named by a path outside of the project, by that path. */
  readonly moved: ReadonlyMap<string, string>;
  /** What could only be had as it is now. */
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

export interface RestorePlaces {
  readonly tracking: Tracking;
  /** Made for it alone. */
  readonly scratch: string;
  /** Folders where the project lies or has lain; absolute. */
  readonly projects: readonly string[];
}

/** Rejects with CannotReplay where something is nowhere to be found. */
export async function restoreProject(
  recorded: RecordedRun,
  places: RestorePlaces,
): Promise<Restored> {
  const { manifest } = recorded;
  const top = path.join(places.scratch, path.basename(manifest.folder) || "project");
  const notes = await restoreTree(recorded, top, places);
  const folder = path.join(top, manifest.git?.folder ?? "");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await restoreSources(recorded, folder, places.tracking);
  const given = await restoreInputs(recorded, folder, places);
  linkPackages(folder, places.projects);
  const taken = new Set(given.changes.map(({ name }) => name));
  const changed = (await changedSince(recorded, places.projects)).filter(
    (name) => !taken.has(name),
  );
  return { folder, ...given, notes: [...notes, ...changed.map(noteChanged)] };
}

/** Of the commit all that there is: the code may need more than it says. */
async function restoreTree(
  { manifest: { git }, ...recorded }: RecordedRun,
  top: string,
  { projects, tracking }: RestorePlaces,
): Promise<readonly string[]> {
  if (!git) return [];
  const repository = await findRepository(git, projects);
  if (repository === undefined)
    return [
      `no repository here has the commit ${git.commit.slice(0, 12)}: only what the run has named was restored`,
    ];
  const brought = { ...recorded, tracking };
  const name = "mlpipe/changes.patch";
  const patch = git.patch ? await bringArtifact(name, brought) : undefined;
  if (git.patch && patch === undefined) throw refuseGone(name, brought);
  if (git.patch && patch !== undefined && (await digestOfFile(patch)) !== git.patch.sha256)
    throw refuseChanged(name, brought);
  await restoreCommit(git, repository, patch, top);
  return [];
}

async function restoreSources(
  { manifest: { sources }, run, folder: brought }: RecordedRun,
  folder: string,
  tracking: Tracking,
): Promise<void> {
  for (const { path: name, sha256 } of sources) {
    const artifact = `mlpipe/source/${name}`;
    const file = await bringArtifact(artifact, { run, tracking, folder: brought });
    if (file === undefined) throw refuseGone(artifact, { run, tracking });
    if ((await digestOfFile(file)) !== sha256) throw refuseChanged(artifact, { run, tracking });
    put(file, folder, name);
  }
}

type Given = Pick<Restored, "fromRuns" | "moved" | "changes">;

async function restoreInputs(
  { manifest: { steps }, run, folder: brought }: RecordedRun,
  folder: string,
  { tracking, projects }: RestorePlaces,
): Promise<Given> {
  const fromRuns = new Map<string, string>();
  const moved = new Map<string, string>();
  const changes: Change[] = [];
  const places = { run, tracking, folder: brought, projects };
  for (const { name: step, inputs } of steps)
    for (const input of inputs) {
      const root = rootOf(input, folder, brought);
      if (root === undefined) continue;
      for (const file of input.files) {
        const { place, change } = await findOrTake(input, file, step, places);
        if (change) changes.push(change);
        if (place !== undefined && !isInItsPlace(input, file, place))
          put(place, root, path.join(input.path, file.path));
      }
      const there = path.join(root, input.path);
      if (input.from === "run") fromRuns.set(`${input.of}:${input.path}`, there);
      if (input.from === "machine" && existsSync(there)) moved.set(input.path, there);
    }
  return { fromRuns, moved, changes };
}

/** Below which folder an input is put; undefined: it needs none. */
function rootOf({ from, of }: RecordedInput, folder: string, brought: string): string | undefined {
  switch (from) {
    case "step":
    case "standard":
      return undefined;
    case "run":
      return path.join(brought, "given", String(of));
    case "project":
      return folder;
    case "machine":
      return path.join(brought, "machine");
    default:
      return from satisfies never;
  }
}

function isInItsPlace(input: RecordedInput, file: RecordedFile, place: string): boolean {
  return input.from === "machine" && place === path.join(input.path, file.path);
}

/** What is as it was, else what is there now, which is told. A file of the machine that nobody has declared may be gone. */
async function findOrTake(
  input: RecordedInput,
  file: RecordedFile,
  step: string,
  places: ContentPlaces,
): Promise<{ readonly place: string | undefined; readonly change: Change | undefined }> {
  const { place, tried } = await findContent(input, file, places);
  if (place !== undefined) return { place, change: undefined };
  const now = asItIsNow(input, file, places.projects);
  const isForeign = input.from === "machine" && input.variable === null;
  if (now === undefined && !isForeign) throw refuseInput(input, file, step, tried);
  return { place: now, change: await changeOf(input, file, step, now) };
}

/** Files of the project that are not what the run was made from any longer; nothing of them is used. */
async function changedSince(
  { manifest: { sources, steps } }: RecordedRun,
  projects: readonly string[],
): Promise<readonly string[]> {
  const inputs = steps.flatMap((step) => step.inputs.filter(({ from }) => from === "project"));
  const files = [
    ...sources,
    ...inputs.flatMap((input) =>
      input.files.map((file) => ({ ...file, path: path.posix.join(input.path, file.path) })),
    ),
  ];
  const names = new Set<string>();
  for (const file of files) {
    const places = projects.map((project) => path.join(project, file.path));
    const now = places.find((place) => statOf(place)?.isFile());
    if (now !== undefined && (await digestOfFile(now)) !== file.sha256) names.add(file.path);
  }
  return [...names];
}

function noteChanged(name: string): string {
  return `${name} has changed since; it was replayed as it was recorded`;
}

/** Better than nothing, and told. */
function asItIsNow(
  input: RecordedInput,
  file: RecordedFile,
  projects: readonly string[],
): string | undefined {
  return placesInProjects(input, file, projects).find((place) => existsSync(place));
}

async function changeOf(
  input: RecordedInput,
  { path: below, sha256 }: RecordedFile,
  step: string,
  now: string | undefined,
): Promise<Change> {
  return {
    cause: input.code ? "code" : input.variable === null ? "undeclared-file" : "data",
    name: path.posix.join(input.path, below),
    step,
    before: shortDigest(sha256),
    after: now === undefined ? "" : shortDigest(await digestOfFile(now)),
  };
}

function shortDigest(digest: string): string {
  return `sha256 ${digest.slice(0, 12)}`;
}

function refuseInput(
  input: RecordedInput,
  file: RecordedFile,
  step: string,
  tried: readonly string[],
): CannotReplay {
  const name = path.posix.join(input.path, file.path);
  const { sha256, bytes } = file;
  return new CannotReplay(
    `\`${name}\`, which the step ${step} was given (${bytes} bytes, ${shortDigest(sha256)}), is gone; looked in ${tried.join(", ")}`,
    "put the file back where it was, and replay again",
  );
}

/** Copies a file to its place below `root`; a link in the way, which may lead elsewhere, is taken away first. */
function put(file: string, root: string, name: string): void {
  const target = path.join(root, name);
  const folder = path.dirname(target);
  let place = root;
  for (const part of path.relative(root, folder).split(path.sep)) {
    place = path.join(place, part);
    if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(place);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const way = path.relative(realpathSync(root), realpathSync(folder));
  if (way.split(path.sep)[0] === "..")
    throw new CannotReplay(`\`${name}\` would be restored outside of its project`);
  if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(target);
  copyFileSync(file, target);
}

/** Installed packages are used as they lie in the project or above it; that they are the same is looked at afterwards. */
function linkPackages(folder: string, projects: readonly string[]): void {
  for (const name of ["node_modules", path.join("renv", "library")]) {
    const target = path.join(folder, name);
    const found = projects
      .flatMap((project) => (name === "node_modules" ? selfAndAbove(project) : [project]))
      .map((place) => path.join(place, name))
      .find((place) => existsSync(place));
    if (found === undefined || existsSync(target)) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    symlinkSync(found, target);
  }
}

function selfAndAbove(folder: string): readonly string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...selfAndAbove(above)];
}
