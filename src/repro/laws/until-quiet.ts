/** Waits for what a process that was killed has left behind. */
import { readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

/** Milliseconds after which it is not waited any longer. */
const patience = 5000;

/** Resolves when no process works in `folder` or below; at once where the system does not tell. */
export async function untilQuiet(folder: string): Promise<void> {
  const end = performance.now() + patience;
  while (isBusy(folder) && performance.now() < end) await setTimeout(20);
}

function isBusy(folder: string): boolean {
  if (process.platform !== "linux") return false;
  return readdirSync("/proc").some((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      const place = readlinkSync(`/proc/${id}/cwd`);
      return place === folder || place.startsWith(`${folder}${path.sep}`);
    } catch {
      // It has ended meanwhile, or is somebody else's.
      return false;
    }
  });
}
