/** A copy of a project's folder, in which an execution may write what it likes. */
import { constants, existsSync } from "node:fs";
import { cp, mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";

/** What a project's folder holds that no step is made from: histories, trackers, and what mlpipe keeps. */
const left = /^(\.git|\.mlpipe|mlruns|mlartifacts|mlflow\.db(-wal|-shm|-journal)?)$/;

/**
 * Makes `target` anew as a copy of `project`; installed packages (`node_modules`) are a link. Dates of files are kept, links
 * that lead inside are copied as links. Rejects with the file system's errors.
 */
export async function copyProject(project: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  const modules = path.join(project, "node_modules");
  await cp(project, target, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (from) => {
      const isTop = path.dirname(from) === project;
      return (
        from !== modules &&
        !from.startsWith(`${target}${path.sep}`) &&
        !(isTop && left.test(path.basename(from)))
      );
    },
  });
  if (existsSync(modules)) await symlink(modules, path.join(target, "node_modules"));
}
