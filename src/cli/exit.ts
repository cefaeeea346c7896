/** Exit codes, the one table of them, and the one exception that carries one. */

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  differs: 3,
  notReplayable: 4,
  undecided: 5,
  timedOut: 124,
  interrupted: 130,
  terminated: 143,
} as const;

/** What each means, as `mlpipe help` prints it. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done",
  failed: "a run, a step or an expectation failed; or the tracker did",
  usage: "the command or the file is wrong; nothing was started",
  differs: "differs: fmt --check, compile --check, diff, replay; a law that verify finds broken",
  notReplayable: "a recorded run cannot be replayed: something it needs is gone",
  undecided: "undecided within the budget: verify, replay",
  timedOut: "a step was ended by its timeout",
  interrupted: "interrupted (Ctrl+C)",
  terminated: "terminated",
};

/** A user's mistake on the command line: one line that names it, one that mends it. Ends the command with its code. */
export class CommandFailed extends Error {
  readonly fix: string;
  readonly exitCode: number;
  constructor(message: string, fix = "", exitCode: number = exitCodes.usage) {
    super(message);
    this.fix = fix;
    this.exitCode = exitCode;
  }
}
