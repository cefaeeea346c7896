/** Short texts in, programs and findings out: what the specs of the checker share. */
import { compile } from "../../src/compile.ts";
import type { Program, Run } from "../../src/check/program.ts";
import { type Contents, memoryFiles } from "../../src/source/memory.ts";
import { printFindings, standard } from "./check.ts";

export function compileText(text: string, more: Contents = {}, tracking?: "databricks") {
  const files = memoryFiles({ ...standard, ...more, "main.mlpipe": text });
  return compile("main.mlpipe", files, { tracking });
}

/** The program of a text without findings. */
export function programOf(text: string, more: Contents = {}): Program {
  const { program, diagnostics } = compileText(text, more);
  if (!program || diagnostics.length > 0) throw new Error(printFindings(diagnostics));
  return program;
}

export function runOf(items: string, more: Contents = {}): Run {
  const run = programOf(`mlpipe 1\nrun main {\n${items}\n}\n`, more).runs.get("main");
  if (!run) throw new Error("no run");
  return run;
}

/** Codes, each with the text that its place covers. */
export function said(
  text: string,
  more: Contents = {},
  tracking?: "databricks",
): readonly string[] {
  return compileText(text, more, tracking).diagnostics.map(
    ({ code, place }) => `${code} ${place.source.text.slice(place.span.start, place.span.end)}`,
  );
}

export const errors = (text: string, more: Contents = {}, tracking?: "databricks") =>
  said(text, more, tracking).filter((it) => !it.startsWith("E07"));

/** What is said about the items of a run that also has code. */
export function saidInRun(items: string, more: Contents = {}): readonly string[] {
  return errors(`mlpipe 1\nrun main {\n${items}\n\`\`\`r\n1\n\`\`\`\n}\n`, more);
}

export const fence = (code = "1", language = "r") => `\n\`\`\`${language}\n${code}\n\`\`\`\n`;
