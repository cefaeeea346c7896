/** `mlpipe compare`: says that comparisons are not performed yet, after every check that will be made then too. */
import { chooseEntry, refuseUnperformed } from "../entry.ts";
import { CommandFailed } from "../exit.ts";
import { requireProgram } from "../open.ts";

export function compareRuns(file: string, name: string): never {
  const { program } = requireProgram(file);
  const entry = chooseEntry(program, name);
  refuseUnperformed(program, entry, file);
  throw new CommandFailed(
    `\`${entry}\` is a run, not a comparison`,
    `run it: mlpipe run ${file} ${entry}`,
  );
}
