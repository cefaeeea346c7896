/** Files that are not on a disk: for tests, the browser, and an editor's unsaved buffers over the disk. */
import { decode } from "./decode.ts";
import type { Files, ReadResult } from "./files.ts";
import { compareByCodePoint, normalisePath } from "./path.ts";

/** Contents by path (`data/iris.csv`, `std/metrics`); folders are where files lie. Bytes are decoded as on the disk. */
export type Contents = Readonly<Record<string, string | Uint8Array>>;

export function memoryFiles(contents: Contents): Files {
  const held = new Map(Object.entries(contents));
  const kindOf = (path: string) => {
    const known = normalisePath(path);
    if (known === undefined) return "outside";
    if (held.has(known)) return "file";
    return known === "" || [...held.keys()].some((key) => key.startsWith(`${known}/`))
      ? "folder"
      : "missing";
  };
  return {
    read(path) {
      const kind = kindOf(path);
      if (kind !== "file") return { kind };
      return readContent(held.get(normalisePath(path) ?? "") ?? "");
    },
    kind: kindOf,
    list: (path) => namesBelow(held.keys(), normalisePath(path)),
  };
}

/** `over` wins for the paths it holds; everything else, folders too, comes from `under`. */
export function overlayFiles(over: ReadonlyMap<string, string>, under: Files): Files {
  const held = (path: string) => over.get(normalisePath(path) ?? path);
  return {
    read(path) {
      const text = held(path);
      return text === undefined ? under.read(path) : readContent(text);
    },
    kind: (path) => (held(path) === undefined ? under.kind(path) : "file"),
    list(path) {
      const names = [...under.list(path), ...namesBelow(over.keys(), normalisePath(path))];
      return [...new Set(names)].toSorted(compareByCodePoint);
    },
  };
}

function readContent(content: string | Uint8Array): ReadResult {
  return decode(typeof content === "string" ? new TextEncoder().encode(content) : content);
}

function namesBelow(paths: Iterable<string>, folder: string | undefined): readonly string[] {
  if (folder === undefined) return [];
  const start = folder === "" ? "" : `${folder}/`;
  const names = new Set<string>();
  for (const path of paths)
    if (path.startsWith(start)) names.add(path.slice(start.length).split("/", 1)[0] ?? "");
  return [...names].toSorted(compareByCodePoint);
}
