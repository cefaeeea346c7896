/** Whether MLflow hands an R script its parameters; the line that does where it does not. */
import type { Diagnostic } from "../source/diagnostic.ts";
import { diagnose } from "../source/messages.ts";
import { sourceCommand } from "./entry.ts";
import type { EntryPoint } from "./project.ts";

/** Rscript with its options, then a file, or an expression that sources one. */
const started =
  /\bRscript(?:\.exe)?(?:\s+--?[\w-]+(?:=\S+)?)*?\s+(["']?)(?<file>[^\s"'-][^\s"']*\.[Rr])\1(?=\s|$)/;
const sourced =
  /\bRscript(?:\.exe)?\s+-e\s+.*?\bmlflow_source\(\s*\\?(["'])(?<file>.+?\.[Rr])\\?\1\s*\)\s*["']/;

/**
 * A warning where the command starts an R script that asks `mlflow_param` in a way by which it gets nothing. `readFile`
 * answers undefined for what is not there.
 */
export function adviseOnR(
  entry: EntryPoint,
  readFile: (path: string) => string | undefined,
): Diagnostic | undefined {
  const { command, parameters, place } = entry;
  if (!place || parameters.length === 0) return undefined;
  const found = started.exec(command) ?? sourced.exec(command);
  const file = found?.groups?.["file"];
  if (!found || !file || !/\bmlflow_param\s*\(/.test(readFile(file) ?? "")) return undefined;
  const end = endOfCall(command, found.index + found[0].length);
  const isSourced = found[0].includes("mlflow_source");
  if (isSourced && passesAll(command.slice(found.index, end), entry)) return undefined;
  const working = `${sourceCommand(file)}${parameters.map(({ name }) => ` --${name}={${name}}`).join("")}`;
  const line = command.slice(0, found.index) + working + command.slice(end);
  return diagnose("M0909", place, {
    script: file,
    names: parameters.map(({ name }) => name).join(", "),
    command: `command: ${JSON.stringify(line)}`,
  });
}

/** Where the shell's next command begins, or the end of all. */
function endOfCall(command: string, from: number): number {
  const rest = /\s*(?:&&|\|\|?|;|\n|>)/.exec(command.slice(from));
  return rest ? from + rest.index : command.length;
}

/** Whether each parameter follows as `--name={name}` or `--name {name}`. */
function passesAll(call: string, { parameters }: EntryPoint): boolean {
  return parameters.every(({ name }) => call.includes(`--${name}=`) || call.includes(`--${name} `));
}
