/** Timing whole processes in turn, so that a slow moment of the machine hits both sides of a ratio. */
import { spawnSync } from "node:child_process";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Done before each start, and not timed. */
  readonly prepare?: () => void;
}

/** Wall-clock milliseconds from start to exit. Throws where the command fails: a figure of a failure is none. */
export function timeOnce({ file, args, cwd, env, prepare }: Command): number {
  prepare?.();
  const started = performance.now();
  const { status, stderr } = spawnSync(file, args, {
    cwd,
    env: env ?? process.env,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    maxBuffer: 2 ** 26,
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

/** By the command's name, in the order of the rounds. */
export type Times = ReadonlyMap<string, readonly number[]>;

/** All of them in turn, `rounds` times after one unmeasured round. */
export function timeInTurn(commands: Readonly<Record<string, Command>>, rounds: number): Times {
  const all = Object.entries(commands);
  const round = (): readonly number[] => all.map(([, command]) => timeOnce(command));
  round();
  const measured = Array.from({ length: rounds }, round);
  return new Map(all.map(([name], at) => [name, measured.map((times) => times[at] ?? Number.NaN)]));
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
  const times = timeInTurn({ peer, ours }, rounds);
  const [our, their] = [times.get("ours") ?? [], times.get("peer") ?? []];
  return {
    ours: median(our),
    peer: median(their),
    ratio: median(our.map((each, round) => each / (their[round] ?? Number.NaN))),
  };
}
