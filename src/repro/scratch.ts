/** A folder for one piece of work, of which nobody needs what is in it afterwards. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** `purpose`: a word that is in the folder's name. Rejects with the file system's errors, and with what the work rejects with. */
export async function inScratch<T>(
  purpose: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), `mlpipe-${purpose}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
