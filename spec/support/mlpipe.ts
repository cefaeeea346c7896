/** The front door: the command `mlpipe` as a real process in a folder of its own. */
import { type SpawnOptions, spawn } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const root = path.join(import.meta.dirname, "..", "..");
/** The sources, run as they are. */
export const entry = path.join(root, "src", "cli", "bin.ts");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test must not inherit: where MLflow's settings point, and colours. */
const ownEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(MLFLOW_|MLPIPE_R$|FORCE_COLOR$|GIT_)/.test(name),
  ),
);

/** Runs a program to its end and gathers what it prints. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<Ended> {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const chunks: { stdout: string; stderr: string } = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (chunks.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (chunks.stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...chunks }));
  });
}

/** Runs `mlpipe` with these words in `cwd`. */
export function mlpipe(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return runProgram(process.execPath, [entry, ...args], {
    cwd,
    env: { ...ownEnvironment, ...env },
  });
}

export interface Folder extends Disposable {
  readonly path: string;
  /** Writes a file below the folder and answers its path. */
  readonly write: (name: string, text: string) => string;
}

/** A fresh folder that is gone at the end of the scope (`using`); with `copyOf`, an example's files are in it. */
export function temporaryFolder(copyOf?: string): Folder {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "mlpipe-")));
  if (copyOf !== undefined)
    cpSync(path.join(root, "examples", copyOf), folder, { recursive: true });
  return {
    path: folder,
    write(name, text) {
      const file = path.join(folder, name);
      writeFileSync(file, text);
      return file;
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
