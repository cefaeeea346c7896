/** Looking at what another process may take away at any moment. */
import { readdirSync } from "node:fs";

/** Undefined where what is asked for is not there, or no longer. */
export function ifThere<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    return unlessGone(error);
  }
}

/** The same of what takes longer. */
export async function ifStillThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    return unlessGone(error);
  }
}

function unlessGone(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
}

/** Names in a folder; none where it is not there. */
export function namesIn(folder: string): readonly string[] {
  return ifThere(() => readdirSync(folder)) ?? [];
}
