/** The words for types, formats and languages, and what people call them elsewhere. */
import { suggest } from "../../source/suggest.ts";

interface ClosedSet {
  readonly names: readonly string[];
  /** By another language's word. */
  readonly known: Readonly<Record<string, string>>;
}

export const types: ClosedSet = {
  names: ["int", "float", "string", "bool", "path", "uri"],
  known: {
    integer: "int",
    long: "int",
    double: "float",
    number: "float",
    numeric: "float",
    real: "float",
    str: "string",
    text: "string",
    character: "string",
    boolean: "bool",
    logical: "bool",
    file: "path",
    folder: "path",
    url: "uri",
  },
};

export const formats: ClosedSet = {
  names: ["csv", "json", "text", "rds", "parquet", "png", "html", "file", "folder"],
  known: {
    txt: "text",
    string: "text",
    directory: "folder",
    dir: "folder",
    htm: "html",
    path: "file",
  },
};

export const languages: ClosedSet = {
  names: ["r", "js", "ts"],
  known: { javascript: "js", node: "js", mjs: "js", typescript: "ts", mts: "ts", rscript: "r" },
};

/** What `word` was probably meant to be. */
export function closest(word: string, { names, known }: ClosedSet): string | undefined {
  const lower = word.toLowerCase();
  if (word === "") return undefined;
  return Object.hasOwn(known, lower) ? known[lower] : suggest(word, names);
}
