/** `mlpipe fmt`: files laid out in the one way. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "../../source/diagnostic.ts";
import { report, toJson } from "../../source/report.ts";
import { parse } from "../../syntax/parse.ts";
import { print } from "../../syntax/print.ts";
import { exitCodes } from "../exit.ts";
import { checkProject, openProject } from "../open.ts";
import { refuseOtherThings } from "../other-things.ts";
import { usesColor, write } from "../terminal.ts";

interface FormatOptions {
  readonly check?: boolean;
  readonly json?: boolean;
}

export function format(files: readonly string[], options: FormatOptions): number {
  for (const file of files) refuseOtherThings(file);
  const results: Result[] = [];
  for (const file of files) {
    const result = formatFile(file, options);
    results.push(result);
    if (!options.json) show(result);
  }
  if (options.json) write(`${JSON.stringify(results.map(resultToJson), undefined, 2)}\n`);
  return Math.max(...results.map(codeOf));
}

/** What was found of a file, and done: `differs` where nothing was to be written. */
interface Result {
  readonly file: string;
  readonly state: "same" | "written" | "differs" | "unreadable";
  readonly findings: readonly Diagnostic[];
}

function codeOf({ state }: Result): number {
  if (state === "unreadable") return exitCodes.usage;
  return state === "differs" ? exitCodes.differs : exitCodes.done;
}

function resultToJson(result: Result): object {
  return { ...result, findings: toJson(result.findings) };
}

function show({ file, state, findings }: Result): void {
  if (state === "unreadable")
    process.stderr.write(report(findings, { color: usesColor(process.stderr) }));
  if (state === "written") write(`${file}: laid out\n`);
  if (state === "differs") write(`${file}: would be laid out anew\n`);
}

/** A file with syntax errors keeps its text. */
function formatFile(shown: string, { check }: FormatOptions): Result {
  const { folder, file, files } = openProject(shown);
  const read = files.read(file);
  const as = (state: Result["state"], findings: Result["findings"] = []): Result => ({
    file: shown,
    state,
    findings,
  });
  if (read.kind !== "text") return as("unreadable", checkProject(shown).diagnostics);
  // Line breaks of one kind, in code too: neither R nor JavaScript tells them apart.
  const lines = read.text.replaceAll("\r\n", "\n");
  const { module, diagnostics } = parse({ path: shown, text: lines });
  if (diagnostics.some(({ severity }) => severity === "error"))
    return as("unreadable", diagnostics);
  const target = path.join(folder, file);
  const text = print(module);
  if (readFileSync(target, "utf8") === text) return as("same");
  if (!check) writeFileSync(target, text);
  return as(check ? "differs" : "written");
}
