/** An MLflow project made for one test: its files, a program that notes how it was started, and the runs it leaves. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { openTracking } from "../../src/tracking/open.ts";
import { type Ended, type Folder, mlpipe, temporaryFolder } from "./mlpipe.ts";

/** How the command of a project was started. */
export interface Noted {
  readonly args: readonly string[];
  readonly cwd: string;
  /** MLflow's variables and mlpipe's. */
  readonly env: Readonly<Record<string, string>>;
}

export interface NotedRun {
  readonly id: string;
  readonly experiment: string;
  readonly name: string;
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  /** All of them. */
  readonly tags: Readonly<Record<string, string>>;
  readonly artifacts: readonly string[];
}

export interface Performed extends Ended {
  readonly noted: readonly Noted[];
  readonly runs: readonly NotedRun[];
}

/** Starts the program that notes; it lies in each project. */
export const note = `${process.execPath} note.mjs`;

const noteProgram = `
import { appendFileSync } from "node:fs";
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(MLFLOW_(?!DISABLE)|MLPIPE_PARAMS|VIRTUAL_ENV)/.test(name)));
appendFileSync(process.env.NOTES, JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env }) + "\\n");
`;

/** Writes the files of a project into `folder`. */
export function writeProject(
  folder: string,
  mlproject: string | undefined,
  files: Readonly<Record<string, string>> = {},
): void {
  mkdirSync(folder, { recursive: true });
  const all = { "note.mjs": noteProgram, ...files };
  if (mlproject !== undefined) writeFileSync(path.join(folder, "MLproject"), mlproject);
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

/** A fresh folder with a project in it. */
export function projectFolder(
  mlproject: string | undefined,
  files: Readonly<Record<string, string>> = {},
): Folder {
  const folder = temporaryFolder();
  writeProject(folder.path, mlproject, files);
  return folder;
}

/** `mlpipe run WORDS` in the folder, and what has come of it. */
export async function perform(
  folder: Folder,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Performed> {
  const notes = path.join(folder.path, "notes.ndjson");
  const ended = await mlpipe(["run", ...words], {
    cwd: folder.path,
    env: { NOTES: notes, ...env },
  });
  const runs = await readRuns(env["MLFLOW_TRACKING_URI"], folder.path);
  return { ...ended, noted: readNotes(notes), runs };
}

export function readNotes(file: string): readonly Noted[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Noted);
}

/** Every run of a tracker, the oldest first. */
export async function readRuns(
  uri: string | undefined,
  folder: string,
): Promise<readonly NotedRun[]> {
  const tracking = await openTracking(uri, { folder, lookOnly: true });
  try {
    const { experiments = [] } = await tracking.call("experiments/search", { max_results: 100 });
    const names = new Map(experiments.map((one) => [one.experiment_id, one.name]));
    const { runs = [] } = await tracking.call("runs/search", {
      experiment_ids: [...names.keys()],
      order_by: ["attributes.start_time ASC"],
    });
    return await Promise.all(
      runs.map(async ({ info, data }) => ({
        id: info.run_id,
        experiment: names.get(info.experiment_id) ?? "",
        name: info.run_name,
        status: info.status,
        params: byKey(data.params),
        tags: byKey(data.tags),
        artifacts: (
          (await tracking.call("artifacts/list", { run_id: info.run_id })).files ?? []
        ).map((file) => file.path),
      })),
    );
  } finally {
    await tracking.close();
  }
}

function byKey(
  pairs: readonly { readonly key: string; readonly value: string }[] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}

const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];

/** Runs git in a folder, untouched by what a hook around the tests has set. */
export function git(folder: string, ...args: readonly string[]): string {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return execFileSync("git", [...who, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: Object.fromEntries(env),
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}
