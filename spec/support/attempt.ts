/** A pipeline written for one test and run through the front door, with everything that is known of it afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { type RunFacts, readFacts } from "./facts.ts";
import { type Ended, type Folder, entry, mlpipe } from "./mlpipe.ts";

export const fileName = "it.mlpipe";

/** Lines between the marks of a fence. */
export function fence(language: "r" | "js", ...lines: readonly string[]): string {
  return ["  ```" + language, ...lines, "  ```"].join("\n");
}

/** A file of one run; its first item stands in line 4. */
export function oneRun(...items: readonly string[]): string {
  return ["mlpipe 1", "", "run it {", ...items, "}", ""].join("\n");
}

export interface Attempt extends Ended {
  /** Every run of the store, the oldest first. */
  readonly facts: readonly RunFacts[];
  /** Ids of processes that work in the folder after the end. */
  readonly left: readonly number[];
}

export interface AttemptOptions {
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Writes `source`, runs it, and reads the store. */
export async function attempt(
  folder: Folder,
  source: string,
  { words = [], env = {} }: AttemptOptions = {},
): Promise<Attempt> {
  folder.write(fileName, source);
  const ended = await mlpipe(["run", fileName, ...words], { cwd: folder.path, env });
  const facts = await readFacts(undefined, folder.path);
  return { ...ended, facts, left: processesIn(folder.path) };
}

/** Ids of the processes whose working directory is in `folder`; none where there is no /proc. */
export function processesIn(folder: string): readonly number[] {
  return idsOfProcesses().filter((id) => {
    try {
      return readlinkSync(`/proc/${id}/cwd`).startsWith(folder) && !isDead(id);
    } catch {
      return false;
    }
  });
}

function idsOfProcesses(): readonly number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function isDead(id: number): boolean {
  return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${id}/stat`, "latin1"));
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when `text` has been printed; rejects with all that was printed when the command ends before. */
  readonly says: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Starts `mlpipe` and leaves it running. */
export function startMlpipe(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Running {
  const { MLFLOW_TRACKING_URI: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [entry, ...words], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = once(child, "close").then(
    ([code, signal]: (number | NodeJS.Signals | null)[]): Ended => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      ...said,
    }),
  );
  return {
    child,
    ended,
    async says(text) {
      const silent = ended.then(() => {
        if (!said.stdout.includes(text)) throw new Error(`it ended: ${JSON.stringify(said)}`);
      });
      while (!said.stdout.includes(text)) await Promise.race([once(child.stdout, "data"), silent]);
    },
  };
}
