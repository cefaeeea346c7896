/** Programs on the search path. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import path from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The file that `name` starts; undefined where no folder of PATH holds it. Relative folders do not count. */
export function findProgram(name: string, env: Environment): string | undefined {
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(path.delimiter);
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) => spellings(path.join(folder, name)))
    .find(isProgram);
}

/** Names under which a program may lie. */
export function spellings(file: string): readonly string[] {
  return process.platform === "win32" ? [`${file}.exe`, file] : [file];
}

export function isFolder(file: string): boolean {
  return existsSync(file) && statSync(file).isDirectory();
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return !isFolder(file);
  } catch {
    return false;
  }
}
