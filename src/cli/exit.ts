/** Exit codes, as the documentation lists them, and the one exception that carries one. */

export const exitCodes = { done: 0, failed: 1, usage: 2, differs: 3 } as const;

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
