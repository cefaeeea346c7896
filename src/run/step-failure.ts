/** Words for a step that did not end well, from how its process ended and what it had said before. */
import { statfsSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import type { Failure } from "./event.ts";
import { failure } from "./failure.ts";
import type { ProcessResult } from "./process.ts";
import type { StepPlaces } from "./step-file.ts";
import type { Said } from "./step-said.ts";

/** What is known of a step when its process has gone. */
export interface StepTrace extends Omit<Said, "notes"> {
  readonly process: ProcessResult;
  /** Why the log is incomplete. */
  readonly logFailure: NodeJS.ErrnoException | undefined;
}

/** Names for messages. */
export interface StepNames {
  readonly places: StepPlaces;
  readonly program: string;
  readonly timeoutMs: number | undefined;
  /** What the runner was told to stop by, such as SIGINT. */
  readonly stopSignal: string;
}

/** Less than this many free bytes count as a full disk. */
const fullBelow = 1 << 16;

/** Undefined when the step has done well: it says so itself, last, and exits with 0. */
export function judgeStep(trace: StepTrace, names: StepNames): Failure | undefined {
  const { process: ended, error, damage, end, logFailure } = trace;
  if (ended.kind === "not-started") return notStarted(ended, names.program);
  if (ended.stopped === "abort") return failure("R0823", { signal: names.stopSignal });
  if (ended.stopped === "timeout")
    return failure("R0822", { limit: duration(names.timeoutMs ?? ended.milliseconds) });
  if (damage) return damage;
  if (error) return error;
  if (logFailure) return cannotWrite(logFailure, names.places.log);
  if (end?.ok && ended.exitCode === 0) return undefined;
  return endedEarly(ended, names.places.folder);
}

/** The process ended, and nothing that it said tells why. */
function endedEarly(
  { exitCode, signal }: Extract<ProcessResult, { kind: "ended" }>,
  folder: string,
): Failure {
  if (isFull(folder)) return failure("R0825", { file: folder });
  if (signal !== null) return failure("R0821", { signal });
  return exitCode === 0 ? failure("R0824", {}) : failure("R0820", { exitCode: exitCode ?? 1 });
}

/** A refusal of the file system, for what is written below `.mlpipe`. */
export function cannotWrite(error: NodeJS.ErrnoException, file: string): Failure {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") return failure("R0825", { file });
  return failure("R0826", { file, reason: reasonOf(error) });
}

function notStarted(
  { code, message }: Extract<ProcessResult, { kind: "not-started" }>,
  program: string,
): Failure {
  const reason =
    code === "ENOENT" ? "it is not there" : code === "EACCES" ? "it may not be executed" : message;
  const fix = "install it, or name another one";
  return failure("R0827", { program, reason, fix });
}

/** `permission denied`: the system's own words, which Node's messages hold in several layouts. */
function reasonOf({ errno = 0, message }: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(-Math.abs(errno))?.[1] ?? message;
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < fullBelow;
  } catch {
    return false;
  }
}

/** `250 ms`, `1.5 s`, `10 min`, `2 h`, in the largest unit that it fills. */
function duration(milliseconds: number): string {
  const units = [
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1000],
  ] as const;
  const [name, size] = units.find(([, length]) => milliseconds >= length) ?? (["ms", 1] as const);
  return `${Number((milliseconds / size).toFixed(2))} ${name}`;
}
