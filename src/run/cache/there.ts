/** Looking at what another process may take away at any moment. */
import { readdirSync } from "node:fs";

/** Undefined where what is asked for is not there, or no longer. */
export function ifThere<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Names in a folder; none where it is not there. */
export function namesIn(folder: string): readonly string[] {
  return ifThere(() => readdirSync(folder)) ?? [];
}
