/** Which process performs a run, told apart from any that gets its number later. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

export interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in words that no other of this number can have; "" where the system does not tell. */
  readonly began: string;
}

let own: Owner | undefined;

export function thisOwner(): Owner {
  return (own ??= { host: hostname(), pid: process.pid, began: beginOf(process.pid) ?? "" });
}

/** Whether the process is known to have gone. Of another host's processes nothing is known. */
export function isGone({ host, pid, began }: Owner): boolean {
  if (host !== hostname()) return false;
  if (!exists(pid)) return true;
  const now = beginOf(pid);
  return began !== "" && now !== undefined && now !== began;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * The boot's id and the ticks since then, from field 22 of /proc/<pid>/stat; a process that is dead and only waits to be
 * counted has no begin of its own. Undefined where there is no /proc.
 */
function beginOf(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? "zombie" : `${boot} ${fields[18] ?? ""}`;
  } catch {
    return undefined;
  }
}
