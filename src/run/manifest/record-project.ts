/** Records the run of an MLproject before its command starts: its files, its params and the machine. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Tracking } from "../../tracking/tracking.ts";
import { digestOf, filesOfTree, statOf } from "../cache/digest.ts";
import type { ProjectContext, ProjectJob, ProjectParam } from "../project-job.ts";
import { gitFacts } from "../tool.ts";
import { version } from "../version.ts";
import { openFileMemory } from "./file-memory.ts";
import { type GitState, gitState, patchName } from "./git-record.ts";
import { inputsFolder, keepInputs, largestInput, placeOfInput } from "./input-store.ts";
import { machineFacts } from "./machine-facts.ts";
import { printManifest, recordText } from "./make-manifest.ts";
import type {
  Manifest,
  RecordedFile,
  RecordedInput,
  RecordedProject,
  RecordedStep,
} from "./manifest.ts";
import { largestSent, mostSent } from "./record-manifest.ts";
import { lacksOf, scoreTag } from "./score.ts";
import { filesIn, isPrivate, originalsOf, recordFile } from "./used-files.ts";

/** What histories, trackers and installed packages are in; what mlpipe keeps itself. */
const foreign: ReadonlySet<string> = new Set([
  ".git",
  ".mlpipe",
  "mlruns",
  "mlartifacts",
  "mlflow.db",
  "mlflow.db-wal",
  "mlflow.db-shm",
  "node_modules",
  ".venv",
  "venv",
  "__pycache__",
  ".Rproj.user",
]);
const mostFiles = 2000;

/** Throws the file system's errors, and rejects with TrackingError. */
export async function recordProject(
  job: ProjectJob,
  run: { readonly id: string; readonly experiment: string },
  context: ProjectContext,
): Promise<void> {
  const { home, tracking } = context;
  const git = await gitState(job.folder, gitFacts(job.folder));
  const inputs = [await recordTree(job.folder, home), ...(await recordParams(job.params, home))];
  const plan = `${JSON.stringify(planOf(job), undefined, 1)}\n`;
  const manifest = manifestOf(job, run.experiment, plan, inputs, git, context);
  const text = printManifest(manifest);
  const folder = path.join(home, ".mlpipe", "runs", run.id, "mlpipe-record");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const texts = { "plan.json": plan, "manifest.json": text, [patchName]: git?.patch };
  for (const [name, content] of Object.entries(texts)) {
    if (content === undefined) continue;
    writeFileSync(path.join(folder, name), content);
    await tracking.upload(run.id, path.join(folder, name), `mlpipe/${name}`);
  }
  // Elsewhere a commit is had from its repository.
  const sent = inputs.filter(({ variable }) => variable !== null || !git);
  await sendInputs(sent, home, run.id, tracking);
  const tags = [
    { key: "mlpipe.manifest", value: digestOf(text) },
    { key: "mlpipe.replayable", value: scoreTag(manifest.lacks) },
  ];
  await tracking.call("runs/log-batch", { run_id: run.id, tags });
}

/** What it takes to start the entry point again, as `mlpipe/plan.json`. */
function planOf(job: ProjectJob): object {
  return { kind: "project", command: job.command, ...projectOf(job) };
}

function projectOf({ entry, params, environment, dockerWords }: ProjectJob): RecordedProject {
  const manager = environment.kind === "python" ? environment.manager : environment.kind;
  const told = params.map(({ name, text, value }) => ({ name, text, value }));
  return { entry, params: told, environment: manager, dockerWords };
}

function manifestOf(
  job: ProjectJob,
  experiment: string,
  plan: string,
  inputs: readonly RecordedInput[],
  git: GitState | undefined,
  { env, home }: ProjectContext,
): Manifest {
  const memory = openFileMemory(home);
  const machine = machineFacts(env, memory);
  memory.save();
  const steps = [stepOf(job, inputs)];
  const told = { git: git?.record ?? null, steps };
  return {
    manifest: 1,
    mlpipe: version,
    run: job.entry,
    file: "MLproject",
    experiment,
    folder: job.folder,
    seed: null,
    plan: recordText("plan.json", plan),
    sources: [],
    ...told,
    project: projectOf(job),
    machine,
    lacks: lacksOf(told),
  };
}

function stepOf({ entry, command }: ProjectJob, inputs: readonly RecordedInput[]): RecordedStep {
  return {
    name: entry,
    language: "command",
    script: null,
    code: digestOf(command),
    params: [],
    seed: null,
    seededBy: null,
    secrets: [],
    inputs,
    metrics: [],
    outputs: [],
    variables: {},
    named: {},
    startFiles: [],
    process: null,
    cachedFrom: null,
    failed: null,
  };
}

/** All files of the project, as code. */
async function recordTree(folder: string, home: string): Promise<RecordedInput> {
  const found = await filesOfTree(folder, foreign);
  const files = found.flatMap(({ path: name, digest: sha256 }): readonly RecordedFile[] => {
    const stat = statOf(path.join(folder, name));
    return stat?.isFile() && !isPrivate(name) ? [{ path: name, sha256, bytes: stat.size }] : [];
  });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const kept = bytes <= largestInput && files.length <= mostFiles;
  if (kept) await keepInputs(inputsFolder(home), originalsOf(folder, files));
  const tree = { variable: null, from: "project", path: ".", of: null } as const;
  return { ...tree, code: true, folder: true, files, kept };
}

/** Files that params name by absolute paths; what MLflow has brought for them lies in a folder that is gone afterwards. */
async function recordParams(
  params: readonly ProjectParam[],
  home: string,
): Promise<readonly RecordedInput[]> {
  const found: RecordedInput[] = [];
  for (const { name: variable, value, text } of params) {
    const stat = path.isAbsolute(value) && !/^runs:|:\/\//.test(text) ? statOf(value) : undefined;
    if (!stat) continue;
    const folder = stat.isDirectory();
    const files = folder ? await filesIn(value) : [await recordFile(value)];
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const kept = bytes <= largestInput && files.length <= mostFiles;
    if (kept) await keepInputs(inputsFolder(home), originalsOf(value, files));
    found.push({
      variable,
      from: "machine",
      path: value,
      of: null,
      code: false,
      folder,
      files,
      kept,
    });
  }
  return found;
}

async function sendInputs(
  inputs: readonly RecordedInput[],
  home: string,
  runId: string,
  tracking: Tracking,
): Promise<void> {
  let room = mostSent;
  const sent = new Set<string>();
  for (const { sha256, bytes } of inputs.flatMap(({ kept, files }) => (kept ? files : []))) {
    const place = placeOfInput(inputsFolder(home), sha256);
    if (place === undefined || sent.has(sha256) || bytes > Math.min(largestSent, room)) continue;
    sent.add(sha256);
    room -= bytes;
    await tracking.upload(runId, place, `mlpipe/inputs/${sha256}`);
  }
}
