/** Copies of what runs were given, each once under the digest of its content: `.mlpipe/inputs` in the project's folder. */
import { existsSync, rmSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import type { Digest } from "../cache/digest.ts";
import { keepFile, placeOfObject } from "../cache/objects.ts";
import { ifStillThere, ifThere, namesIn } from "../cache/there.ts";

/** What is larger is not copied: of such data people have a place of their own. */
export const largestInput = 256 << 20;
/** Of all together; what no run was given for longest goes first. */
const mostTogether = 10 * 2 ** 30;

/** The folder of the copies; `mlpipe cache` leaves it alone. */
export function inputsFolder(project: string): string {
  return path.join(project, ".mlpipe", "inputs");
}

/** A file to be copied, and the digest that it has. */
export interface Original {
  readonly file: string;
  readonly digest: Digest;
}

/** Keeps copies of files; one that is there already is only as new again. Throws the file system's errors. */
export async function keepInputs(
  root: string,
  originals: readonly Original[],
  mostBytes = mostTogether,
): Promise<void> {
  let isNew = false;
  for (const original of originals) isNew = (await keepInput(root, original)) || isNew;
  // Looks at every copy there is: once for all files of a folder.
  if (isNew) dropOldest(root, mostBytes);
}

/** Whether a copy was made: there was none, and the file is still there. */
async function keepInput(root: string, { file, digest }: Original): Promise<boolean> {
  const place = placeOfObject(root, digest);
  const now = new Date();
  if (ifThere(() => utimesSync(place, now, now) ?? true)) return false;
  return (await ifStillThere(() => keepFile(root, file))) !== undefined;
}

interface Copy {
  readonly place: string;
  readonly bytes: number;
  readonly usedAt: number;
}

function dropOldest(root: string, mostBytes: number): void {
  const copies = copiesIn(root).toSorted((a, b) => b.usedAt - a.usedAt);
  let bytes = 0;
  for (const copy of copies) {
    bytes += copy.bytes;
    if (bytes > mostBytes) rmSync(copy.place, { force: true });
  }
}

function copiesIn(root: string): readonly Copy[] {
  const objects = path.join(root, "objects");
  return namesIn(objects).flatMap((group) =>
    namesIn(path.join(objects, group)).flatMap((name) => {
      const place = path.join(objects, group, name);
      const found = ifThere(() => statSync(place));
      return found ? [{ place, bytes: found.size, usedAt: found.mtimeMs }] : [];
    }),
  );
}

/** Where the copy of that content is, if it is. Its content is to be checked by who uses it. */
export function placeOfInput(root: string, digest: Digest): string | undefined {
  const place = placeOfObject(root, digest);
  return existsSync(place) ? place : undefined;
}
