/** The compiler as the specs of its messages see it: files in memory in, findings and their printed form out. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CheckOptions } from "../../src/check/context.ts";
import { compile } from "../../src/compile.ts";
import type { Diagnostic } from "../../src/source/diagnostic.ts";
import { type Contents, memoryFiles } from "../../src/source/memory.ts";
import { report } from "../../src/source/report.ts";

const library = join(import.meta.dirname, "../../stdlib");

/** The standard library as it lies in the repository. */
export const standard: Contents = Object.fromEntries(
  readdirSync(library)
    .filter((name) => name.endsWith(".mlpipe"))
    .map((name) => [`std/${name.slice(0, -".mlpipe".length)}`, readFileSync(join(library, name))]),
);

/** What the compiler says about `entry`, one of `contents`. */
export function check(
  contents: Contents,
  entry: string,
  options: CheckOptions = {},
): readonly Diagnostic[] {
  return compile(entry, memoryFiles({ ...standard, ...contents }), options).diagnostics;
}

/** What it says about a single file. */
export function checkText(text: string): readonly Diagnostic[] {
  return check({ "example.mlpipe": text }, "example.mlpipe");
}

export function printFindings(diagnostics: readonly Diagnostic[]): string {
  return report(diagnostics, { color: false });
}
