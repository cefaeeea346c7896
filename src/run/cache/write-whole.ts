/** Files that are there as a whole or not at all, whoever dies while they are written. */
import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ifThere } from "./there.ts";

/** Writes beside the place and moves; makes the folder where it is not there. Throws the file system's errors. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const isWritten = ifThere(() => writeBeside(file, content));
  if (isWritten) return;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeBeside(file, content);
}

function writeBeside(file: string, content: string | Uint8Array): true {
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(beside, content, { mode: 0o600 });
    renameSync(beside, file);
    return true;
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
