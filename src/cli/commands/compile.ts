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
  readonly json?: boolean;
  readonly mlprojectTypes: string;
}

export function compileFile(file: string, options: CompileOptions): number {
  const { project, program } = requireProgram(file);
  const text = printMlproject(program, { types: typesOf(options) });
  refuseUnpassable(program);
  if (options.stdout && options.json)
    throw new CommandFailed("--stdout and --json exclude each other", "give one of them");
  if (options.stdout) {
    write(text);
    return exitCodes.done;
  }
  const target = existingMlproject(project.folder) ?? path.join(project.folder, "MLproject");
  const shown = path.relative(process.cwd(), target);
  const current = existsSync(target) ? readFileSync(target, "utf8") : undefined;
  const state = options.check
    ? stateOf(current, text)
    : writeMlproject(target, current, text, shown);
  if (options.json) write(`${JSON.stringify({ file: shown, state })}\n`);
  else if (!options.check || state !== "same") show(shown, state, file);
  return state === "differs" || state === "missing" ? exitCodes.differs : exitCodes.done;
}

/** How the MLproject on disk stands to what the file compiles to. */
type State = "same" | "written" | "differs" | "missing";

function stateOf(current: string | undefined, text: string): State {
  if (current === undefined) return "missing";
  return current === text ? "same" : "differs";
}

function show(shown: string, state: State, file: string): void {
  switch (state) {
    case "same":
      return write(`${shown}: up to date\n`);
    case "written":
      return write(`${shown}: written\n`);
    case "missing":
      return complain(`${shown} does not exist`, `write it: mlpipe compile ${file}`);
    case "differs":
      return complain(
        `${shown} is not what this file compiles to`,
        `write it: mlpipe compile ${file}`,
      );
    default:
      return state satisfies never;
  }
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

function writeMlproject(
  target: string,
  current: string | undefined,
  text: string,
  shown: string,
): State {
  if (current !== undefined && !current.startsWith("# Written by mlpipe"))
    throw new CommandFailed(
      `${shown} was not written by mlpipe and would be lost`,
      "move it away, or print the new one: mlpipe compile --stdout",
    );
  if (current === text) return "same";
  writeFileSync(target, text);
  return "written";
}
