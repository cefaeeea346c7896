/** SIGINT, SIGTERM and SIGHUP, by which a terminal that closes ends its programs, as an AbortSignal. */
import { exitCodes } from "./exit.ts";

const codes = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.terminated,
} as const;

/** What a command ends with whose signal, of `abortOnSignals`, is aborted. */
export function interruptedCode({ reason }: AbortSignal): number {
  return reason === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated;
}

/** Milliseconds within which a second signal is an echo of the first: a terminal and `npx` both pass Ctrl-C on. */
const echo = 1000;

/**
 * Aborts with the first signal's name as reason. Whoever sends another later does not want to wait: this process ends at
 * once with what it has started, and the run keeps the status that the tracker has.
 */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (first !== undefined && performance.now() - first > echo) process.exit(codes[name]);
      first ??= performance.now();
      controller.abort(name);
    });
  return controller.signal;
}
