/** Projects that mlpipe has compiled, whose commands start mlpipe. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { quoteForShell } from "../source/shell-quote.ts";

/** The command with this mlpipe in it, where the project does not bring its own: npx would find none, or another. */
export function withOwnMlpipe(command: string, folder: string): string {
  if (bringsMlpipe(folder)) return command;
  const ending = path.extname(fileURLToPath(import.meta.url));
  // Built, this file lies in one folder below `dist` and the command in another.
  const bin = fileURLToPath(new URL(`../cli/bin${ending}`, import.meta.url));
  const words = `${quoteForShell(process.execPath)} ${quoteForShell(bin)} `;
  return command.replace(/^npx --no mlpipe (?=run |compare )/, () => words);
}

function bringsMlpipe(folder: string): boolean {
  if (existsSync(path.join(folder, "node_modules", ".bin", "mlpipe"))) return true;
  const above = path.dirname(folder);
  return above !== folder && bringsMlpipe(above);
}
