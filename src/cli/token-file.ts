/** Secrets in a file of the user's own: one token a line. */
import { readFileSync, statSync } from "node:fs";
import { CommandFailed } from "./exit.ts";

/** Short ones can be guessed. */
const shortest = 16;

/** Empty lines do not count. Throws CommandFailed when others may read the file, or no good token is in it. */
export function readTokens(file: string): readonly string[] {
  const tokens = readPrivate(file)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (tokens.length === 0)
    throw new CommandFailed(`${file} holds no token`, `make one: openssl rand -hex 32 > ${file}`);
  if (tokens.some((token) => token.length < shortest || /\s/.test(token)))
    throw new CommandFailed(
      `a token in ${file} is shorter than ${shortest} characters, or has a space in it`,
      `make one: openssl rand -hex 32 > ${file}`,
    );
  return tokens;
}

function readPrivate(file: string): string {
  try {
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0)
      throw new CommandFailed(`others may read ${file}`, `keep it to yourself: chmod 600 ${file}`);
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof CommandFailed) throw cause;
    throw new CommandFailed(
      `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      "name a file with one token a line as --token-file",
    );
  }
}
