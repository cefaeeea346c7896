/** The compiler's only door to the disk: reads the project's folder and the standard library, and nothing outside them. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { decode, largestFile } from "./decode.ts";
import type { Files, ReadResult } from "./files.ts";
import { compareByCodePoint, normalisePath } from "./path.ts";

/** Where a path leads once every link is followed, or why it leads nowhere. */
type Found =
  | { readonly kind: "found"; readonly absolute: string }
  | { readonly kind: "missing" | "outside" }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Never throws: what goes wrong is in the answer. Links are followed as long as they stay inside. */
export function diskFiles(projectFolder: string, stdlibFolder: string): Files {
  const find = (path: string) => findBelow(projectFolder, stdlibFolder, path);
  return {
    read(path) {
      const found = find(path);
      return found.kind === "found" ? readBelow(found.absolute) : found;
    },
    kind(path) {
      const found = find(path);
      return found.kind === "found" ? kindOf(found.absolute) : found.kind;
    },
    list(path) {
      const found = find(path);
      if (found.kind !== "found") return [];
      const names = namesIn(found.absolute);
      return isStandard(path) ? names.map((name) => name.replace(/\.mlpipe$/, "")) : names;
    },
  };
}

function isStandard(path: string): boolean {
  return path === "std" || path.startsWith("std/");
}

/** `std/metrics` is `<stdlib>/metrics.mlpipe`; a path with an ending (`std/data/iris.csv`) is taken as it is. */
function findBelow(projectFolder: string, stdlibFolder: string, path: string): Found {
  const known = normalisePath(path);
  if (known === undefined) return { kind: "outside" };
  const standard = isStandard(known);
  const inside = standard ? known.slice("std/".length) : known;
  const root = standard ? stdlibFolder : projectFolder;
  const file = standard && inside !== "" && !/\.[^/]*$/.test(inside) ? `${inside}.mlpipe` : inside;
  try {
    return follow(realpathSync(root), file);
  } catch (error) {
    return failure(error);
  }
}

/** Follows links; a missing file below a link that leaves the folder is outside too, so that nothing is learnt of it. */
function follow(root: string, inside: string): Found {
  try {
    const absolute = realpathSync(join(root, inside));
    return contains(root, absolute) ? { kind: "found", absolute } : { kind: "outside" };
  } catch (error) {
    if (!isMissing(error)) return failure(error);
    const parent = dirname(inside);
    if (parent === "." || parent === inside) return { kind: "missing" };
    const above = follow(root, parent);
    return above.kind === "found" ? { kind: "missing" } : above;
  }
}

function contains(root: string, absolute: string): boolean {
  const way = relative(root, absolute);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function readBelow(absolute: string): ReadResult {
  let handle: number | undefined;
  try {
    // Without waiting: opening a pipe that nobody writes to would hang.
    handle = openSync(absolute, constants.O_RDONLY | constants.O_NONBLOCK);
    const state = fstatSync(handle);
    if (state.isDirectory()) return { kind: "folder" };
    if (!state.isFile()) return { kind: "unreadable", reason: "it is not a plain file" };
    if (state.size > largestFile) return { kind: "too-large", bytes: state.size };
    return decode(readFileSync(handle));
  } catch (error) {
    return failure(error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function kindOf(absolute: string): "file" | "folder" | "missing" | "unreadable" {
  try {
    const state = statSync(absolute);
    return state.isDirectory() ? "folder" : state.isFile() ? "file" : "unreadable";
  } catch (error) {
    return failure(error).kind;
  }
}

function namesIn(absolute: string): readonly string[] {
  try {
    return readdirSync(absolute).toSorted(compareByCodePoint);
  } catch {
    return [];
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function failure(
  error: unknown,
): { readonly kind: "missing" } | { readonly kind: "unreadable"; readonly reason: string } {
  return isMissing(error) ? { kind: "missing" } : { kind: "unreadable", reason: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ELOOP") return "its links form a circle";
  if (code === "ENAMETOOLONG") return "its name is too long";
  return code ?? String(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
