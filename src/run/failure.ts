/** Failures of a run as people read them, from the message table, a tracker's refusal, or the file system's. */
import { type Code, type ParametersOf, messages } from "../source/messages.ts";
import type { Message } from "../source/message.ts";
import { TrackingError } from "../tracking/tracking.ts";
import type { Failure } from "./event.ts";

/** A failure worded by the message table. `place` is `file:line[:column]`, or "" when unknown. */
export function failure<C extends Code>(code: C, parameters: ParametersOf<C>, place = ""): Failure {
  const entry = messages[code] as unknown as Message<ParametersOf<C>>;
  return { code, message: entry.say(parameters), fix: entry.fix(parameters), place };
}

/** Carries a failure to the one place that ends the run. Thrown inside `run` only. */
export class RunFailed extends Error {
  readonly failure: Failure;
  constructor(reason: Failure) {
    super(reason.message);
    this.failure = reason;
  }
}

/** Ends the run with a failure from the table. */
export function fail<C extends Code>(code: C, parameters: ParametersOf<C>, place = ""): never {
  throw new RunFailed(failure(code, parameters, place));
}

/** A full disk, a folder that cannot be written, a run that the tracker did not end. */
const machineCodes: ReadonlySet<string> = new Set<Code>(["R0825", "R0826", "R0840", "R0852"]);

/** By which a tracker refuses what it is asked for. */
const refusals: ReadonlySet<string> = new Set([
  "INVALID_PARAMETER_VALUE",
  "RESOURCE_ALREADY_EXISTS",
  "RESOURCE_DOES_NOT_EXIST",
]);

/** Whether the machine or the tracker has failed, and not what was to be performed: tried again, it may do well. */
export function isOfMachine(code: string): boolean {
  return machineCodes.has(code) || !(code in messages || refusals.has(code));
}

/** What an exception means to the user; undefined for a bug, which must go on upwards. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof RunFailed) return error.failure;
  if (error instanceof TrackingError)
    return { code: error.code, message: error.message, fix: error.fix, place: "" };
  if (error instanceof Error && "syscall" in error && "code" in error)
    return failure("R0840", { what: error.message });
  return undefined;
}

/** As `failureOf`; a bug is told as one, with its trace, so that a run still comes to its end. */
export function explainError(error: unknown): Failure {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return failureOf(error) ?? failure("R0854", { trace });
}
