/** `mlpipe fmt`: files laid out in the one way. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "../../source/diagnostic.ts";
import { report } from "../../source/report.ts";
import { parse } from "../../syntax/parse.ts";
import { print } from "../../syntax/print.ts";
import { exitCodes } from "../exit.ts";
import { checkProject, openProject } from "../open.ts";
import { refuseOtherThings } from "../other-things.ts";
import { usesColor, write } from "../terminal.ts";

export function format(files: readonly string[], { check = false }: { check?: boolean }): number {
  for (const file of files) refuseOtherThings(file);
  const results = files.map((file) => formatFile(file, check));
  return Math.max(...results.map((result) => codeOf(result, check)));
}

type Result = "same" | "changed" | "unreadable";

function codeOf(result: Result, check: boolean): number {
  if (result === "unreadable") return exitCodes.usage;
  return result === "changed" && check ? exitCodes.differs : exitCodes.done;
}

/** A file with syntax errors keeps its text; the errors are shown. */
function formatFile(shown: string, check: boolean): Result {
  const { folder, file, files } = openProject(shown);
  const read = files.read(file);
  if (read.kind !== "text") return refuse(checkProject(shown).diagnostics);
  // Line breaks of one kind, in code too: neither R nor JavaScript tells them apart.
  const lines = read.text.replaceAll("\r\n", "\n");
  const { module, diagnostics } = parse({ path: shown, text: lines });
  if (diagnostics.some(({ severity }) => severity === "error")) return refuse(diagnostics);
  const target = path.join(folder, file);
  const text = print(module);
  if (readFileSync(target, "utf8") === text) return "same";
  if (!check) writeFileSync(target, text);
  write(`${shown}: ${check ? "would be laid out anew" : "laid out"}\n`);
  return "changed";
}

function refuse(diagnostics: readonly Diagnostic[]): Result {
  process.stderr.write(report(diagnostics, { color: usesColor(process.stderr) }));
  return "unreadable";
}
