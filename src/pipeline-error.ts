/** What somebody who uses the API has to mend: the message says all of it, and the stack begins where they called. */
import { failureOf } from "./run/failure.ts";
import { CannotReplay } from "./repro/replay/refused.ts";

export class PipelineError extends Error {
  override readonly name = "PipelineError";
}

export type Called = (...words: never) => unknown;

/** `called`: the function that the user has called, which is still being called. */
export function refuse(message: string, called: Called): PipelineError {
  const error = new PipelineError(message);
  Error.captureStackTrace(error, called);
  return error;
}

/** Does what may go wrong by no fault of mlpipe's. Other errors are bugs, and go on as they are. */
export async function orRefuse<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const told = messageOf(error);
    if (told === undefined) throw error;
    throw refuse(told, orRefuse);
  }
}

/** Undefined for a bug. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof CannotReplay) return lines(error.message, error.fix);
  const failure = failureOf(error);
  return failure && lines([failure.code, failure.message].join("  "), failure.fix);
}

function lines(message: string, fix: string): string {
  return fix === "" ? message : `${message}\n  fix: ${fix}`;
}
