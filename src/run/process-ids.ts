/** Which processes can have begun after another: Linux gives ids out in turn, and begins again below when they are used up. */
import { readdirSync } from "node:fs";
import { readQuietly } from "./read-quietly.ts";

/** A process just started, and how many there had been then since the system began. */
export interface IdMark {
  readonly id: number;
  /** NaN where the system does not tell. */
  readonly count: number;
}

export function markId(id: number): IdMark {
  return { id, count: process.platform === "linux" ? countOfAll() : Number.NaN };
}

/** Ids of all living processes that may have begun since; looking at each of a busy machine's costs more than many a step. */
export function idsSince({ id, count }: IdMark): readonly number[] {
  const ids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  // Those that began since lie between this id and the last, unless a whole round may have passed.
  const last = lastId();
  const isSameRound = last >= id && countOfAll() - count < highestId() / 2;
  return isSameRound ? ids.filter((each) => each >= id && each <= last) : ids;
}

/** Threads take ids too, and count. */
function countOfAll(): number {
  return Number(/^processes (\d+)$/m.exec(readQuietly("/proc/stat"))?.[1]);
}

/** The id that was given out last: the fifth word of `0.20 0.18 0.12 1/80 11206`. */
function lastId(): number {
  return Number(readQuietly("/proc/loadavg").trim().split(" ")[4]);
}

function highestId(): number {
  return Number(readQuietly("/proc/sys/kernel/pid_max"));
}
