/** `mlpipe check`: every finding of a file at once. */
import { writeFileSync } from "node:fs";
import type { Diagnostic } from "../../source/diagnostic.ts";
import { mend } from "../../source/apply.ts";
import { report, toJson } from "../../source/report.ts";
import { exitCodes } from "../exit.ts";
import { checkProject } from "../open.ts";
import { usesColor, write } from "../terminal.ts";
import { checksFor } from "../where-tracked.ts";

interface CheckOptions {
  readonly strict?: boolean;
  readonly fix?: boolean;
  readonly json?: boolean;
}

export function check(file: string, options: CheckOptions): number {
  const mended = options.fix ? applyFixes(file) : 0;
  const { diagnostics, program } = checkProject(file, checksFor(undefined, process.env));
  if (options.json) write(`${JSON.stringify(toJson(diagnostics), undefined, 2)}\n`);
  else {
    if (mended > 0) write(`${mended} ${mended === 1 ? "fix" : "fixes"} applied\n`);
    write(report(diagnostics, { color: usesColor(process.stdout) }));
    if (diagnostics.length === 0)
      write(`${file}: no findings; ${countEntries(program?.own.length ?? 0)}\n`);
  }
  return isBad(diagnostics, options) ? exitCodes.usage : exitCodes.done;
}

function countEntries(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}

function isBad(diagnostics: readonly Diagnostic[], { strict }: CheckOptions): boolean {
  return diagnostics.some(({ severity }) => severity === "error" || strict === true);
}

/** A mended place may show the next finding, but not for ever. */
const rounds = 20;

/** Applies mechanical fixes, round by round, until none is left; answers how many findings they mended. */
function applyFixes(file: string): number {
  let mended = 0;
  for (let round = 0; round < rounds; round++) {
    const fixable = checkProject(file).diagnostics.filter(({ edits }) => edits.length > 0);
    if (fixable.length === 0) break;
    const { texts, postponed } = mend(fixable);
    for (const [source, text] of texts) writeFileSync(source.path, text);
    mended += fixable.length - postponed.length;
  }
  return mended;
}
