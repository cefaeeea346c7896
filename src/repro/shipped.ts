/** Files that come with mlpipe; one folder below the sources, as what is built lies one below `dist`. */
import { fileURLToPath } from "node:url";

/** The folder `stdlib`. */
export const stdlib = fileURLToPath(new URL("../../stdlib/", import.meta.url));

/** The words that start mlpipe itself. */
export const ownCommand: readonly string[] = [
  process.execPath,
  fileURLToPath(
    new URL(`../cli/bin.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
  ),
];
