/** A copy of a project's folder, in which an execution may write what it likes. */
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** What a project's folder holds that no step is made from: histories, trackers, and what mlpipe keeps. */
const left = /^(\.git|\.mlpipe|mlruns|mlartifacts|mlflow\.db(-wal|-shm|-journal)?)$/;

/**
 * Makes `target` anew as a copy of `project`; installed packages (`node_modules`) are a link. Dates of files are kept, links
 * that lead inside are copied as links. Where folders for temporary files lie inside the project, the copy has an empty one.
 * Rejects with the file system's errors.
 */
export async function copyProject(project: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  const above = path.dirname(target);
  await mkdir(above, { recursive: true, mode: 0o700 });
  // Of a folder that is a link, the link alone would be copied.
  const root = await realpath(project);
  const modules = path.join(root, "node_modules");
  const isMeant = (from: string): boolean =>
    from !== modules && !(path.dirname(from) === root && left.test(path.basename(from)));
  await copyBeside(await scratchIn(root, await realpath(above)), root, target, isMeant);
  if (existsSync(modules)) await symlink(modules, path.join(target, "node_modules"));
}

/** The folder inside `root` that `folder` lies in for a while; undefined: it lies elsewhere. */
async function scratchIn(root: string, folder: string): Promise<string | undefined> {
  if (!isInside(folder, root)) return undefined;
  const temporary = await realpath(tmpdir());
  if (isInside(temporary, root) && isInside(folder, temporary)) return temporary;
  const [top = ""] = path.relative(root, folder).split(path.sep);
  return path.join(root, top);
}

function isInside(place: string, folder: string): boolean {
  return place.startsWith(`${folder}${path.sep}`);
}

/** `cp` copies no folder into itself: of those that `scratch` lies in, all else is copied entry by entry. */
async function copyBeside(
  scratch: string | undefined,
  from: string,
  to: string,
  filter: (from: string) => boolean,
): Promise<void> {
  if (scratch === undefined || (from !== scratch && !isInside(scratch, from))) {
    const mode = constants.COPYFILE_FICLONE;
    const all = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true } as const;
    return cp(from, to, { ...all, mode, filter });
  }
  await mkdir(to, { recursive: true });
  const names = from === scratch ? [] : await readdir(from);
  for (const name of names)
    await copyBeside(scratch, path.join(from, name), path.join(to, name), filter);
}
