/** What was found out about files of the machine, as long as these are the same: `.mlpipe/known-files.json`. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { statOf } from "../cache/digest.ts";
import { ifThere } from "../cache/there.ts";
import { writeWhole } from "../cache/write-whole.ts";

export interface FileMemory {
  /** The answer to `question` about a file; it is found out again where its time or size is another. Undefined: it is not there. */
  readonly remembered: (
    question: string,
    file: string,
    findOut: () => string,
  ) => string | undefined;
  /** Writes down what is new. Throws the file system's errors. */
  readonly save: () => void;
}

/** `folder` is the project's. */
export function openFileMemory(folder: string): FileMemory {
  const place = path.join(folder, ".mlpipe", "known-files.json");
  const known = new Map<string, string>(Object.entries(readKnown(place)));
  let isNew = false;
  return {
    remembered(question, file, findOut) {
      const stat = statOf(file);
      if (!stat?.isFile()) return undefined;
      const key = [question, file, stat.mtimeMs, stat.size].join("\n");
      const answer = known.get(key) ?? findOut();
      isNew ||= !known.has(key);
      known.set(key, answer);
      return answer;
    },
    save() {
      if (isNew) writeWhole(place, JSON.stringify(Object.fromEntries(known)));
      isNew = false;
    },
  };
}

/** What cannot be read is found out again. */
function readKnown(place: string): Readonly<Record<string, string>> {
  const text = ifThere(() => readFileSync(place, "utf8"));
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
  } catch {
    return {};
  }
}
