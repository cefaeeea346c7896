/** Findings as specs compare them: their codes, the text that each is about, and the whole of what is said. */
import { compile } from "../../src/compile.ts";
import type { Program } from "../../src/check/program.ts";
import { type Contents, memoryFiles } from "../../src/source/memory.ts";
import { checkText, check, printFindings, standard } from "./check.ts";

/** `E0602 acuracy`: each code with the text at its place, in order. */
export function said(text: string, more: Contents = {}): readonly string[] {
  const found = check({ ...more, "example.mlpipe": text }, "example.mlpipe");
  return found.map(({ code, place: { source, span } }) =>
    `${code} ${source.text.slice(span.start, span.end)}`.trim(),
  );
}

/** Message and fix of the only finding. */
export function messageOf(text: string): string {
  const [found, ...others] = checkText(text);
  if (!found || others.length > 0) throw new Error(`not one finding: ${said(text).join(", ")}`);
  return found.fix ? `${found.message}; ${found.fix}` : found.message;
}

/** The program of a text without errors; warnings are let pass. */
export function programOf(text: string): Program {
  const files = memoryFiles({ ...standard, "example.mlpipe": text });
  const { program, diagnostics } = compile("example.mlpipe", files);
  if (!program) throw new Error(printFindings(diagnostics));
  return program;
}
