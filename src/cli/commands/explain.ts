/** `mlpipe explain`: the page of a finding's code. */
import { compile } from "../../compile.ts";
import { explain, listCodes } from "../../source/explain.ts";
import { memoryFiles } from "../../source/memory.ts";
import { report } from "../../source/report.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { usesColor, write } from "../terminal.ts";

interface ExplainOptions {
  readonly json?: boolean;
}

export function explainCode(code: string | undefined, { json = false }: ExplainOptions): number {
  const codes = listCodes();
  if (code === undefined) {
    const list = codes.map((entry) => `${entry.code}  ${entry.title}\n`).join("");
    write(json ? `${JSON.stringify(codes, undefined, 2)}\n` : list);
    return exitCodes.done;
  }
  const page = explain(code, (example) =>
    showFindings(example, !json && usesColor(process.stdout)),
  );
  const text = `${page.text.trimEnd()}\n`;
  if (page.kind === "unknown")
    throw new CommandFailed(text.trimEnd(), "list all codes: mlpipe explain");
  const entry = codes.find((one) => text.startsWith(one.code));
  write(json ? `${JSON.stringify({ ...entry, text }, undefined, 2)}\n` : text);
  return exitCodes.done;
}

function showFindings(example: string, color: boolean): string {
  const { diagnostics } = compile("example.mlpipe", memoryFiles({ "example.mlpipe": example }));
  return report(diagnostics, { color });
}
