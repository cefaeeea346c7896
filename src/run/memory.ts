/** How much memory a process and its descendants take, looked at while they run. */
import { readFileSync, readdirSync } from "node:fs";

/** Milliseconds until the first look, so that what is over sooner costs nothing; each next one waits twice as long. */
const firstLook = 40;
/** Milliseconds between two looks, at most. */
const longestWait = 200;

export interface MemoryWatch {
  /** Ends it. The most that was seen, in bytes; undefined where nothing was: it was too short, or the system does not tell. */
  readonly end: () => number | undefined;
}

/**
 * Watches the tree of `root`. The peak of one process is what the kernel has noted; that of several is the largest sum that
 * a look has found, in which pages that they share count for each. What comes and goes between two looks is not seen.
 */
export function watchMemory(root: number): MemoryWatch {
  if (process.platform !== "linux") return { end: () => undefined };
  let peak = 0;
  let pause = firstLook;
  const look = (): void => {
    peak = Math.max(peak, peakOf(root));
    pause = Math.min(2 * pause, longestWait);
    timer = setTimeout(look, pause).unref();
  };
  let timer = setTimeout(look, pause).unref();
  return {
    end() {
      clearTimeout(timer);
      return peak > 0 ? peak : undefined;
    },
  };
}

/** Bytes: the larger of what all have now and what one of them has ever had. */
function peakOf(root: number): number {
  const memories = treeBelow(root).map(memoryOf);
  const now = memories.reduce((sum, memory) => sum + memory.now, 0);
  return Math.max(now, ...memories.map((memory) => memory.most));
}

interface Memory {
  readonly now: number;
  readonly most: number;
}

/** Zero for a process that is gone. */
function memoryOf(id: number): Memory {
  const status = readQuietly(`/proc/${id}/status`);
  const bytes = (name: string): number =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
  return { now: bytes("VmRSS"), most: bytes("VmHWM") };
}

/** The process and its descendants; those of a descendant that has ended are not found. */
function treeBelow(root: number): readonly number[] {
  const found = [root];
  for (const id of found)
    for (const task of tasksOf(id)) {
      const children = readQuietly(`/proc/${id}/task/${task}/children`);
      found.push(...children.split(" ").filter(Boolean).map(Number));
    }
  return found;
}

function tasksOf(id: number): readonly string[] {
  try {
    return readdirSync(`/proc/${id}/task`);
  } catch {
    return [];
  }
}

/** Empty where the file is gone or another user's. */
function readQuietly(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
