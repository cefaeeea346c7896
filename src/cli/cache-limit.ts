/** How large the cache may be, as people write it. */
import { readSize, usualLimit } from "../run/cache/size.ts";
import { CommandFailed } from "./exit.ts";

/** Bytes; `said` names the text where it is no size. */
export function sizeOf(text: string, said: string): number {
  const bytes = readSize(text);
  if (bytes !== undefined) return bytes;
  throw new CommandFailed(`${said}: expected a size`, "for example 2GB, 512MiB or 0");
}

/** MLPIPE_CACHE_SIZE, else 10 GB. */
export function cacheLimit({ MLPIPE_CACHE_SIZE: text }: NodeJS.ProcessEnv): number {
  return text ? sizeOf(text, `MLPIPE_CACHE_SIZE=${text}`) : usualLimit;
}
