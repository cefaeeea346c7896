/** The version of this package. */
import { readFileSync } from "node:fs";

/** As in package.json, which lies two folders above both the sources and the built files. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  }
).version;
