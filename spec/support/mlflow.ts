/** The real MLflow, found where the developer or CI put it: a Python client for snippets, and servers on free ports. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const startMilliseconds = 90_000;

/** Folder of the virtual environment that holds MLflow, or undefined where there is none (never in CI: there it throws). */
export const mlflowFolder: string | undefined = findMlflow();

function findMlflow(): string | undefined {
  const folder = process.env["MLPIPE_MLFLOW"] ?? join(homedir(), ".cache/mlpipe/mlflow");
  if (existsSync(join(folder, "bin/mlflow"))) return folder;
  const reason = `no MLflow in ${folder}: make one with \`python3 -m venv DIR && DIR/bin/pip install mlflow\` and set MLPIPE_MLFLOW=DIR`;
  if (process.env["CI"] === "true") throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return undefined;
}

function program(name: string): string {
  if (mlflowFolder === undefined)
    throw new Error("guard this test with skipIf(mlflowFolder === undefined)");
  return join(mlflowFolder, "bin", name);
}

/** This process's environment without MLflow's own settings, so that a developer's shell cannot change a test. */
export function plainEnvironment(
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith("MLFLOW_"),
  );
  return { ...Object.fromEntries(kept), MLFLOW_DISABLE_TELEMETRY: "true", ...more };
}

export interface Snippet {
  readonly trackingUri: string;
  /** Working folder of Python; what the snippet writes lands below it. */
  readonly folder: string;
  /** The snippet finds it, parsed, as `given`. */
  readonly given?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
}

const prelude = `
import json, os, sys
import mlflow
from mlflow.tracking import MlflowClient
client = MlflowClient()
given = json.loads(os.environ["MLPIPE_GIVEN"])
def answer(value):
    print("\\n@@answer@@" + json.dumps(value))
`;

/**
 * Runs Python with `client` (an MlflowClient on the tracking URI), `mlflow` and `given` in scope.
 * Resolves to what the snippet hands to `answer(value)`; NaN and infinities must be turned into text by the snippet.
 */
export async function askPython<T>(snippet: string, options: Snippet): Promise<T> {
  const { stdout } = await run(program("python"), ["-c", prelude + snippet], {
    cwd: options.folder,
    maxBuffer: 1 << 28,
    env: plainEnvironment({
      MLFLOW_TRACKING_URI: options.trackingUri,
      MLPIPE_GIVEN: JSON.stringify(options.given ?? null),
      ...options.environment,
    }),
  });
  const marked = stdout.split("@@answer@@")[1];
  if (marked === undefined) throw new Error(`the snippet answered nothing; it printed: ${stdout}`);
  return JSON.parse(marked) as T;
}

/** Runs the `mlflow` command to its end and resolves to what it printed on standard output. */
export async function runMlflow(
  words: readonly string[],
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run(program("mlflow"), words, {
    cwd: folder,
    maxBuffer: 1 << 28,
    env: plainEnvironment(more),
  });
  return stdout;
}

export interface MlflowServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly uri: string;
  /** Ends the server and its workers; resolves when they are gone. */
  readonly stop: () => Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Starts `mlflow server` in `folder`; `words` adds flags. Resolves when it answers; its store is `folder/mlflow.db` unless flags say otherwise. */
export async function startMlflow(
  folder: string,
  words: readonly string[] = [],
): Promise<MlflowServer> {
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const child = spawn(
    program("mlflow"),
    ["server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1", ...words],
    { cwd: folder, env: plainEnvironment(), detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  const printed = collect(child);
  try {
    await waitUntilHealthy(uri, child);
  } catch (cause) {
    await stopGroup(child);
    throw new Error(`mlflow server did not start:\n${printed()}`, { cause });
  }
  return { uri, stop: () => stopGroup(child) };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stdout?.on("data", (piece: Buffer) => (text += piece.toString()));
  child.stderr?.on("data", (piece: Buffer) => (text += piece.toString()));
  return () => text;
}

async function waitUntilHealthy(uri: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startMilliseconds;
  while (!(await isHealthy(uri))) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error(`no answer within ${startMilliseconds} ms`);
    await delay(100);
  }
}

async function isHealthy(uri: string): Promise<boolean> {
  try {
    return (await fetch(`${uri}/health`)).ok;
  } catch {
    return false;
  }
}

/** The server runs its workers as children: the whole process group, which is ours alone, has to end. */
async function stopGroup(child: ChildProcess): Promise<void> {
  const group = child.pid;
  if (group === undefined) return;
  const ended = child.exitCode === null ? once(child, "exit") : Promise.resolve();
  signalGroup(group, "SIGTERM");
  const hard = setTimeout(() => signalGroup(group, "SIGKILL"), 5_000);
  await ended;
  clearTimeout(hard);
  signalGroup(group, "SIGKILL");
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left in the group.
  }
}
