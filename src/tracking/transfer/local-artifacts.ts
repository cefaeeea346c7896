/** Artifacts on this machine: read only from folders that are known to belong to their store, whatever the store says. */
import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { localFolder } from "../store/artifact-place.ts";
import { unfinishedPrefix } from "../store/artifact-path.ts";
import { TrackingError } from "../tracking.ts";
import type { Owner, Report, SourceFile } from "./source.ts";

export interface LocalArtifacts {
  /** Relative locations count from it; absolute. */
  readonly folder: string;
  /** Absolute folders that artifacts may be read from: a store that came from elsewhere could name any file. Absent: all. */
  readonly roots?: readonly string[];
  readonly report: Report;
}

/** The folder that `uri` means, or the first of `others` that holds something; undefined where there is none. */
export async function findArtifacts(
  artifacts: LocalArtifacts,
  owner: Owner,
  others: readonly string[],
): Promise<string | undefined> {
  const named = namedFolder(artifacts, owner);
  const own = named.folder === undefined ? undefined : await realFolder(named.folder);
  if (own !== undefined && (await isAllowed(artifacts, own))) return own;
  for (const other of others) {
    const real = await realFolder(other);
    if (real !== undefined && (await isAllowed(artifacts, real)) && (await holdsSomething(real)))
      return real;
  }
  const place = `${owner.kind} ${owner.id}`;
  if (own !== undefined && (await holdsSomething(own)))
    artifacts.report({
      place,
      message: `its artifacts are in ${own}, beside the store, and are read from there only with --artifacts-from`,
    });
  if (named.elsewhere !== undefined)
    artifacts.report({ place, message: `its artifacts are not brought over: ${named.elsewhere}` });
  return undefined;
}

interface Named {
  readonly folder?: string;
  /** Why it is no folder of this machine. */
  readonly elsewhere?: string;
}

function namedFolder({ folder }: LocalArtifacts, { uri }: Owner): Named {
  if (uri === "") return {};
  try {
    return { folder: localFolder(uri, { folder }) };
  } catch (cause) {
    if (cause instanceof TrackingError) return { elsewhere: cause.message };
    throw cause;
  }
}

/** Without links in its path. */
async function realFolder(path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  return real !== undefined && (await stat(real)).isDirectory() ? real : undefined;
}

async function isAllowed({ roots }: LocalArtifacts, folder: string): Promise<boolean> {
  if (roots === undefined) return true;
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return real.some((root) => root !== undefined && isWithin(root, folder));
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return !(way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way));
}

async function holdsSomething(folder: string): Promise<boolean> {
  return (await readdir(folder)).length > 0;
}

/** All files below `folder`, in the order of names. Links are reported, not followed. */
export async function* walkArtifacts(
  artifacts: LocalArtifacts,
  folder: string,
  above = "",
): AsyncGenerator<SourceFile> {
  const entries = await readdir(join(folder, above), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = above === "" ? entry.name : `${above}/${entry.name}`;
    if (entry.name.startsWith(unfinishedPrefix)) continue;
    if (entry.isDirectory()) yield* walkArtifacts(artifacts, folder, path);
    else if (entry.isFile()) {
      const { size, mtimeMs } = await stat(join(folder, path));
      yield { path, size, changed: mtimeMs };
    } else
      artifacts.report({
        place: join(folder, path),
        message: "is a link or a device, which is not followed",
      });
  }
}
