/** Environments that were made once and are used again, below the user's cache folder, by what went into them. */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/**
 * The folder of the environment `key`. `make` makes one in a folder that does not exist yet, where it stays, since an
 * environment cannot be moved. Whoever is done first publishes his; a second that was made meanwhile is removed again, and
 * what is half-made when mlpipe is killed is never found.
 */
export async function cachedEnvironment(
  key: string,
  env: NodeJS.ProcessEnv,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const shelf = path.join(cacheFolder(env), "envs", key);
  const known = await readPublished(shelf);
  if (known !== undefined) return known;
  const name = randomUUID();
  const folder = path.join(shelf, name);
  await mkdir(shelf, { recursive: true, mode: 0o700 });
  try {
    await make(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  if (await publish(shelf, name)) return folder;
  const theirs = await readPublished(shelf);
  if (theirs === undefined) return folder;
  await rm(folder, { recursive: true, force: true });
  return theirs;
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const named = env["XDG_CACHE_HOME"];
  const base = named && path.isAbsolute(named) ? named : path.join(homedir(), ".cache");
  return path.join(base, "mlpipe");
}

/** Names the environment that counts. */
const pointer = "ready";

async function readPublished(shelf: string): Promise<string | undefined> {
  try {
    return path.join(shelf, await readFile(path.join(shelf, pointer), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether this one is the first. A link appears with its whole content or not at all. */
async function publish(shelf: string, name: string): Promise<boolean> {
  const draft = path.join(shelf, `${name}.${pointer}`);
  await writeFile(draft, name);
  try {
    await link(draft, path.join(shelf, pointer));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
