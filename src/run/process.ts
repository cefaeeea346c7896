/** One child process from its start to the end of everything it has started; never leaves one behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { guardGroup } from "./guard.ts";
import { type Tree, endTree, killGroupNow, treeOf } from "./kill.ts";
import { watchMemory } from "./memory.ts";

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Undefined: none. */
  readonly timeoutMs: number | undefined;
  /** How long the process may take to end after SIGTERM. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
  /** Receives what the process prints, as it comes; must not throw. */
  readonly onOutput: (stream: "stdout" | "stderr", bytes: Buffer) => void;
}

export type ProcessResult =
  | {
      readonly kind: "ended";
      /** Null when a signal ended it. */
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
      /** Why mlpipe ended it; undefined when it ended by itself. */
      readonly stopped: "timeout" | "abort" | undefined;
      readonly milliseconds: number;
      /** Memory of it and its descendants at their largest, as far as that was seen. */
      readonly peakBytes: number | undefined;
    }
  /** `code` is the system's, such as ENOENT. */
  | { readonly kind: "not-started"; readonly code: string; readonly message: string };

/** Environment variable that all descendants inherit; a runner inside a step adds its own mark to the outer ones. */
const markVariable = "MLPIPE_PROCESS_TREE";
/** Timers of Node hold at most this many milliseconds. */
const longestTimer = 2 ** 31 - 1;

const groups = new Set<number>();
let watchesExit = false;

/** A runner that ends in the middle takes its children along. */
function endWithRunner(group: number): void {
  groups.add(group);
  if (watchesExit) return;
  watchesExit = true;
  process.once("exit", () => groups.forEach(killGroupNow));
}

/** Starts the process and resolves when it and all its descendants have gone. Never rejects. */
export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  const began = performance.now();
  const mark = randomUUID();
  const child = start(request, mark);
  const failed = await startError(child);
  if (failed || child.pid === undefined)
    return { kind: "not-started", code: failed?.code ?? "", message: failed?.message ?? "" };
  const tree = treeOf(child.pid, mark);
  endWithRunner(tree.group);
  const release = guardGroup(tree.group);
  const memory = watchMemory(child.pid);
  try {
    const stopped = await untilExit(child, tree, request);
    const peakBytes = memory.end();
    await endTree(tree, request.graceMs);
    await untilClosed(child, request.graceMs);
    const { exitCode, signalCode: signal } = child;
    const milliseconds = performance.now() - began;
    return { kind: "ended", exitCode, signal, stopped, milliseconds, peakBytes };
  } finally {
    memory.end();
    groups.delete(tree.group);
    release();
  }
}

function start({ command, args, cwd, env, onOutput }: ProcessRequest, mark: string): ChildProcess {
  const marks = [env[markVariable], mark].filter(Boolean).join(":");
  const child = spawn(command, args, {
    cwd,
    env: { ...env, [markVariable]: marks },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout?.on("data", (bytes: Buffer) => onOutput("stdout", bytes));
  child.stderr?.on("data", (bytes: Buffer) => onOutput("stderr", bytes));
  return child;
}

/** Resolves when the program runs, or with the reason why it does not. */
async function startError(child: ChildProcess): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await once(child, "spawn");
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

/** Resolves when the child itself has ended, to why mlpipe ended it, if it did. */
async function untilExit(
  child: ChildProcess,
  tree: Tree,
  { timeoutMs, graceMs, signal }: ProcessRequest,
): Promise<"timeout" | "abort" | undefined> {
  let stopped: "timeout" | "abort" | undefined;
  let ending: Promise<void> | undefined;
  const stop = (why: "timeout" | "abort"): void => {
    stopped ??= why;
    ending ??= endTree(tree, graceMs);
  };
  const onAbort = (): void => stop("abort");
  const cancel = timeoutMs === undefined ? undefined : after(timeoutMs, () => stop("timeout"));
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  signal.removeEventListener("abort", onAbort);
  cancel?.();
  await ending;
  return stopped;
}

/** Like setTimeout, for any length; returns what cancels it. */
function after(milliseconds: number, act: () => void): () => void {
  const part = Math.min(milliseconds, longestTimer);
  let cancelRest: (() => void) | undefined;
  const timer = setTimeout(() => {
    if (milliseconds > part) cancelRest = after(milliseconds - part, act);
    else act();
  }, part);
  return () => {
    clearTimeout(timer);
    cancelRest?.();
  };
}

/** Takes what is still in the pipes. A process that nobody could find or end may hold them open; it is not waited for. */
async function untilClosed(child: ChildProcess, limitMs: number): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((it): it is Readable => it?.closed === false);
  const closed = Promise.all(streams.map((it) => once(it, "close").catch(() => {})));
  const giveUp = new AbortController();
  await Promise.race([closed, wait(limitMs, undefined, { signal: giveUp.signal }).catch(() => {})]);
  giveUp.abort();
  for (const stream of streams) stream.destroy();
}
