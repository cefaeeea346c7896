/** `mlpipe fmt`: files laid out in the one way. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { report } from "../../source/report.ts";
import { parse } from "../../syntax/parse.ts";
import { print } from "../../syntax/print.ts";
import { exitCodes } from "../exit.ts";
import { openProject } from "../open.ts";
import { complain, usesColor, write } from "../terminal.ts";

export function format(files: readonly string[], { check = false }: { check?: boolean }): number {
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
  if (read.kind !== "text") {
    complain(`${shown} cannot be read: ${read.kind}`);
    return "unreadable";
  }
  const { module, diagnostics } = parse({ path: shown, text: read.text });
  if (diagnostics.some(({ severity }) => severity === "error")) {
    process.stderr.write(report(diagnostics, { color: usesColor(process.stderr) }));
    return "unreadable";
  }
  const target = path.join(folder, file);
  const text = print(module);
  if (readFileSync(target, "utf8") === text) return "same";
  if (!check) writeFileSync(target, text);
  write(`${shown}: ${check ? "would be laid out anew" : "laid out"}\n`);
  return "changed";
}
