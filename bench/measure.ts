/** Timing whole processes in turn, so that a slow moment of the machine hits both sides of a ratio. */
import { spawnSync } from "node:child_process";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Wall-clock milliseconds from start to exit. Throws where the command fails: a figure of a failure is none. */
export function timeOnce({ file, args, cwd, env }: Command): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(file, args, {
    cwd,
    env: env ?? process.env,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export interface Compared {
  /** Medians in milliseconds. */
  readonly ours: number;
  readonly peer: number;
  /** Median of the ratios pair by pair. */
  readonly ratio: number;
}

/** Both in turn, `rounds` times after one unmeasured pair. */
export function compare(ours: Command, peer: Command, rounds: number): Compared {
  timeOnce(peer);
  timeOnce(ours);
  const pairs = Array.from({ length: rounds }, () => ({
    peer: timeOnce(peer),
    ours: timeOnce(ours),
  }));
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    peer: median(pairs.map((pair) => pair.peer)),
    ratio: median(pairs.map((pair) => pair.ours / pair.peer)),
  };
}
