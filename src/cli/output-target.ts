/** A file that a command is to write besides what it prints: what is wrong with it is told before any work is done. */
import { statSync } from "node:fs";
import path from "node:path";
import { CommandFailed } from "./exit.ts";

/** Throws where `target` would replace a pipeline, is a folder, or lies in none. Undefined: nothing is to be written. */
export function requireTarget(target: string | undefined): void {
  if (target === undefined) return;
  if (path.extname(target) === ".mlpipe")
    throw new CommandFailed(`${target} is a pipeline`, "name another file");
  if (kindOf(target) === "folder")
    throw new CommandFailed(`${target} is a folder`, "name a file in it");
  const folder = path.dirname(target);
  if (kindOf(folder) !== "folder")
    throw new CommandFailed(
      `${target} cannot be written: there is no folder ${folder}`,
      `make it: mkdir -p ${folder}`,
    );
}

function kindOf(place: string): "folder" | "file" | undefined {
  const found = statSync(place, { throwIfNoEntry: false });
  return found && (found.isDirectory() ? "folder" : "file");
}
