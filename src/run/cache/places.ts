/** Where the cache of a project lies. */
import path from "node:path";

/** `.mlpipe/cache` in the project's folder. */
export function cacheFolder(folder: string): string {
  return path.join(folder, ".mlpipe", "cache");
}
