/** From a path on the command line to a checked program, its findings shown as paths from the current folder. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { CheckOptions } from "../check/context.ts";
import type { Program } from "../check/program.ts";
import { compile } from "../compile.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import { diskFiles } from "../source/disk.ts";
import type { Files } from "../source/files.ts";
import { relocate } from "../source/relocate.ts";
import { report } from "../source/report.ts";
import { CommandFailed } from "./exit.ts";
import { refuseOtherThings } from "./other-things.ts";
import { rememberingParser } from "./remembered-parse.ts";
import { usesColor } from "./terminal.ts";

/** The standard library, beside the sources as beside the built files. */
export const stdlib = fileURLToPath(new URL("../../stdlib", import.meta.url));

export interface Project {
  /** The folder that holds the file; absolute. */
  readonly folder: string;
  /** The file's name in it. */
  readonly file: string;
  /** The file as the user named it. */
  readonly shown: string;
  readonly files: Files;
}

/** What is named like a pipeline but cannot be read is a finding later on; what is something else is refused. */
export function openProject(file: string): Project {
  refuseOtherThings(file);
  const absolute = path.resolve(file);
  const folder = path.dirname(absolute);
  return { folder, file: path.basename(absolute), shown: file, files: diskFiles(folder, stdlib) };
}

export interface Checked {
  readonly project: Project;
  readonly program: Program | undefined;
  /** Places are named from the current folder. */
  readonly diagnostics: readonly Diagnostic[];
}

export function checkProject(file: string, options: CheckOptions = {}): Checked {
  const project = openProject(file);
  const parser = rememberingParser(project.folder);
  const { program, diagnostics } = compile(project.file, project.files, { ...options, parser });
  return {
    project,
    program,
    diagnostics: relocate(diagnostics, path.relative(process.cwd(), project.folder)),
  };
}

/** The program of a file without errors; its warnings are shown. Otherwise the findings are shown and the command ends. */
export function requireProgram(
  file: string,
  options: CheckOptions = {},
): {
  readonly project: Project;
  readonly program: Program;
} {
  const { project, program, diagnostics } = checkProject(file, options);
  if (diagnostics.length > 0)
    process.stderr.write(report(diagnostics, { color: usesColor(process.stderr) }));
  if (!program) throw new CommandFailed(`${file} has errors, and nothing was done`);
  return { project, program };
}
