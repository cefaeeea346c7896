/** Disks that are full at once: a file system in memory, of a given size. */
import { spawnSync } from "node:child_process";

/** Until the end of the scope (`using`). */
export interface TinyDisk extends Disposable {
  /** False where this user may not mount one: the reason is printed. */
  readonly done: boolean;
}

/** Makes the empty `folder` a file system of `size`, as `mount` writes it. */
export function mountTinyDisk(folder: string, size = "256k"): TinyDisk {
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], {
    encoding: "utf8",
  });
  const done = mount.status === 0;
  const reason = mount.stderr || String(mount.error);
  if (
    !done &&
    process.env["CI"] === "true" &&
    !/permission|superuser|not permitted|ENOENT/i.test(reason)
  )
    throw new Error(`cannot mount a tmpfs: ${reason}`);
  if (!done) console.warn(`a full disk cannot be made here: ${reason.trim()}`);
  return {
    done,
    [Symbol.dispose]() {
      if (done) spawnSync("umount", ["-l", folder]);
    },
  };
}
