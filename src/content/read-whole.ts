/** The bytes of a file whose meaning is asked for. */
import { readFile, stat } from "node:fs/promises";
import { NotReadable, mostUnpacked } from "./kind.ts";

/** Rejects with NotReadable where it is larger than what a file may unpack to, and with the file system's errors. */
export async function readWhole(file: string): Promise<Buffer> {
  if ((await stat(file)).size > mostUnpacked) throw new NotReadable("is larger than 500 MB");
  return readFile(file);
}
