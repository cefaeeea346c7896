/** The two tracking servers as real processes: ours and MLflow's, on a store of SQLite each, and what the system knows of them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, mlflowFolder, plainEnvironment } from "../spec/support/mlflow.ts";

const root = path.join(import.meta.dirname, "..");

export interface Peer {
  readonly url: string;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMs: number;
  /** Megabytes of the process and all it has started: what is its own, and its part of what is shared. */
  readonly memory: () => number;
  readonly stop: () => Promise<void>;
}

/** As its users start it, with four workers. */
export function startMlflowServer(folder: string): Promise<Peer> {
  const mlflow = path.join(mlflowFolder ?? "", "bin", "mlflow");
  return start(folder, (port) => [mlflow, "server", "--host", "127.0.0.1", "--port", port]);
}

export function startOurServer(folder: string): Promise<Peer> {
  const bin = path.join(root, "dist", "cli", "bin.js");
  return start(folder, (port) => [process.execPath, bin, "server", "--port", port]);
}

/** A handler of node:http without a database: what any server on this machine can reach at best. */
export function startNoopServer(folder: string): Promise<Peer> {
  const code = `require("node:http").createServer((q, a) => q.on("data", () => {}).on("end", () => a.setHeader("content-type", "application/json").end("{}"))).listen(+process.argv[1], "127.0.0.1")`;
  return start(folder, (port) => [process.execPath, "-e", code, port]);
}

async function start(folder: string, words: (port: string) => readonly string[]): Promise<Peer> {
  const port = await freePort();
  const [file = "", ...args] = words(String(port));
  const env = plainEnvironment();
  const began = performance.now();
  const child = spawn(file, args, { cwd: folder, env, detached: true, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  try {
    await firstAnswer(url, child);
  } catch (error) {
    await stop(child);
    throw error;
  }
  const startMs = performance.now() - began;
  return { url, startMs, memory: () => memoryOf(child.pid ?? 0), stop: () => stop(child) };
}

async function firstAnswer(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answered = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return;
    await delay(2);
  }
  throw new Error("the server did not answer");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  const hard = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), 10_000);
  await ended;
  clearTimeout(hard);
}

/** The proportional set size of a process group, from /proc. */
function memoryOf(group: number): number {
  const kilobytes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && groupOf(name) === group)
    .map((name) => /^Pss:\s+(\d+)/m.exec(read(`/proc/${name}/smaps_rollup`))?.[1] ?? 0)
    .reduce((sum: number, each) => sum + Number(each), 0);
  return kilobytes / 1024;
}

function groupOf(id: string): number {
  return Number(
    read(`/proc/${id}/stat`)
      .replace(/^.*\) /s, "")
      .split(" ")[2],
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Bytes of the store in `folder`, with what is not merged into it yet. */
export function storeBytes(folder: string): number {
  return ["mlflow.db", "mlflow.db-wal"]
    .map((name) => path.join(folder, name))
    .filter((file) => existsSync(file))
    .reduce((sum, file) => sum + statSync(file).size, 0);
}
