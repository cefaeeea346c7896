/** `mlpipe explain`: the page of a finding's code. */
import { compile } from "../../compile.ts";
import { explain, listCodes } from "../../source/explain.ts";
import { memoryFiles } from "../../source/memory.ts";
import { report } from "../../source/report.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { usesColor, write } from "../terminal.ts";

export function explainCode(code: string | undefined): number {
  if (code === undefined) {
    write(
      listCodes()
        .map((entry) => `${entry.code}  ${entry.title}\n`)
        .join(""),
    );
    return exitCodes.done;
  }
  const page = explain(code, showFindings);
  if (page.kind === "unknown") throw new CommandFailed(page.text, "mlpipe explain lists all codes");
  write(page.text.endsWith("\n") ? page.text : `${page.text}\n`);
  return exitCodes.done;
}

function showFindings(example: string): string {
  const { diagnostics } = compile("example.mlpipe", memoryFiles({ "example.mlpipe": example }));
  return report(diagnostics, { color: usesColor(process.stdout) });
}
