/** `mlpipe eject`: a run as plain files in a folder of its own. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type EjectedFile, ejectRun } from "../../emit/eject.ts";
import { chooseEntry } from "../entry.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { type Project, requireProgram, stdlib } from "../open.ts";
import { write } from "../terminal.ts";

export function eject(file: string, name: string, folder: string): number {
  const { project, program } = requireProgram(file);
  const run = program.runs.get(chooseEntry(program, name));
  if (!run)
    throw new CommandFailed(
      `\`${name}\` is no run`,
      `${file} has ${[...program.runs.keys()].join(", ")}`,
    );
  const script = (name: string) => readFileSync(path.join(project.folder, name), "utf8");
  const ejected = ejectRun(program, run, { standard: standardSource, script });
  if (ejected.kind === "refused") throw new CommandFailed(ejected.reason, ejected.fix);
  for (const one of ejected.files) refuseToReplace(path.join(folder, one.path));
  for (const one of ejected.files) writeFile(one, folder, project);
  return exitCodes.done;
}

function standardSource(name: string): string {
  return readFileSync(path.join(stdlib, name), "utf8");
}

function refuseToReplace(target: string): void {
  if (existsSync(target))
    throw new CommandFailed(
      `${target} exists already, and nothing was written`,
      "name another folder",
    );
}

function writeFile(file: EjectedFile, folder: string, project: Project): void {
  const target = path.join(folder, file.path);
  mkdirSync(path.dirname(target), { recursive: true });
  if ("text" in file) writeFileSync(target, file.text);
  else copyFileSync(path.join(project.folder, file.copyOf), target);
  write(`${target}: written\n`);
}
