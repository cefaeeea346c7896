/** The files of a project, by their paths in it. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { decode } from "../source/decode.ts";
import type { SourceText } from "../source/text.ts";
import { ProjectRefused } from "./refused.ts";

export interface ProjectFiles {
  readonly folder: string;
  /** Whether there is such a file; a folder is none. */
  readonly has: (name: string) => boolean;
  /** Undefined where there is none. Throws ProjectRefused for what is no text. */
  readonly read: (name: string) => SourceText | undefined;
}

/** `shown` is what stands before a path in messages: how the user would type the project's folder. */
export function filesOf(folder: string, shown: string): ProjectFiles {
  const has = (name: string): boolean => isFile(path.join(folder, name));
  return {
    folder,
    has,
    read(name) {
      if (!has(name)) return undefined;
      const source = path.join(shown, name);
      const text = decode(readFileSync(path.join(folder, name)));
      if (text.kind === "text") return { path: source, text: text.text };
      throw text.kind === "too-large"
        ? new ProjectRefused(`\`${source}\` is larger than such a file can be`, "shorten it")
        : new ProjectRefused(`\`${source}\` is no text in UTF-8`, "save it as UTF-8");
    },
  };
}

function isFile(place: string): boolean {
  return existsSync(place) && statSync(place).isFile();
}

/** The name of the folder's MLproject, in any case, without an ending; undefined where there is none. */
export function findMlproject(folder: string): string | undefined {
  const [first, second] = readdirSync(folder).filter((name) => name.toLowerCase() === "mlproject");
  if (first !== undefined && second !== undefined)
    throw new ProjectRefused(
      `the project has both ${first} and ${second}`,
      "keep one of them, called MLproject",
    );
  return first;
}
