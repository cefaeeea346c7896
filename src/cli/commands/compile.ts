/** `mlpipe compile`: the MLproject file beside the `.mlpipe` file. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Program } from "../../check/program.ts";
import { printMlproject, unpassableParams } from "../../emit/mlproject.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { requireProgram } from "../open.ts";
import { complain, write } from "../terminal.ts";

interface CompileOptions {
  readonly check?: boolean;
  readonly stdout?: boolean;
  readonly mlprojectTypes: string;
}

export function compileFile(file: string, options: CompileOptions): number {
  const { project, program } = requireProgram(file);
  const text = printMlproject(program, { types: typesOf(options) });
  refuseUnpassable(program);
  if (options.stdout) {
    write(text);
    return exitCodes.done;
  }
  const target = existingMlproject(project.folder) ?? path.join(project.folder, "MLproject");
  const shown = path.relative(process.cwd(), target);
  const current = existsSync(target) ? readFileSync(target, "utf8") : undefined;
  if (options.check) return compareWith(current, text, shown, file);
  writeMlproject(target, current, text, shown);
  return exitCodes.done;
}

function typesOf({ mlprojectTypes: kind }: CompileOptions): "written" | "documented" {
  if (kind === "written" || kind === "documented") return kind;
  throw new CommandFailed(`--mlproject-types is \`written\` or \`documented\`, not \`${kind}\``);
}

/** MLflow takes the first file of that name in any case. */
function existingMlproject(folder: string): string | undefined {
  const name = readdirSync(folder).find((one) => one.toLowerCase() === "mlproject");
  return name && path.join(folder, name);
}

function refuseUnpassable(program: Program): void {
  for (const { entry, param } of unpassableParams(program)) {
    const what = `MLflow cannot pass the param \`${param.name}\` of ${entry}: it substitutes names of letters a-z, digits and _ only`;
    if (param.default === undefined)
      throw new CommandFailed(what, "rename the param, or give it a default");
    complain(`${what}; under mlflow run it keeps its default`);
  }
}

function compareWith(
  current: string | undefined,
  text: string,
  shown: string,
  file: string,
): number {
  if (current === text) return exitCodes.done;
  const what = current === undefined ? "does not exist" : "is not what this file compiles to";
  complain(`${shown} ${what}`, `write it: mlpipe compile ${file}`);
  return exitCodes.differs;
}

function writeMlproject(
  target: string,
  current: string | undefined,
  text: string,
  shown: string,
): void {
  if (current !== undefined && !current.startsWith("# Written by mlpipe"))
    throw new CommandFailed(
      `${shown} was not written by mlpipe and would be lost`,
      "move it away, or print the new one: mlpipe compile --stdout",
    );
  if (current !== text) writeFileSync(target, text);
  write(`${shown}: ${current === text ? "up to date" : "written"}\n`);
}
