/** Ends a process with everything it has started, also what has left its process group. */
import { spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { type IdMark, idsSince, markId } from "./process-ids.ts";
import { readQuietly } from "./read-quietly.ts";

/** A child that leads its own process group, and what marks its descendants. */
export interface Tree {
  readonly group: number;
  /** A text in the environment of the child and all that inherit it. */
  readonly mark: string;
  /** When the child began, in the system's own clock ticks; 0 when unknown. */
  readonly since: number;
  readonly began: IdMark;
}

interface Member {
  readonly id: number;
  readonly group: number;
  readonly dead: boolean;
  readonly since: number;
}

/** How often to look whether processes have gone, in milliseconds. */
const patience = process.platform === "linux" ? 10 : 100;
/** How long to try after SIGKILL, in milliseconds: only a process that hangs in the kernel lives that long. */
const lastResort = 5000;

/** Call right after the child was spawned with `mark` in its environment. */
export function treeOf(group: number, mark: string): Tree {
  return { group, mark, since: linuxMember(group)?.since ?? 0, began: markId(group) };
}

/** SIGTERM to all; SIGKILL to those that are still there after `graceMs`. Resolves when none is left. */
export async function endTree(tree: Tree, graceMs: number): Promise<void> {
  const asked = new Set<number>();
  const areGone = await repeatUntilGone(tree, graceMs, (id) => {
    if (!asked.has(id)) send(id, "SIGTERM");
    asked.add(id);
  });
  if (!areGone) await repeatUntilGone(tree, lastResort, (id) => send(id, "SIGKILL"));
}

/** Ends the group at once, for a runner that is about to exit itself. */
export function killGroupNow(group: number): void {
  send(-group, "SIGKILL");
}

/** True when none is left; false when time is up. */
async function repeatUntilGone(
  tree: Tree,
  limitMs: number,
  act: (id: number) => void,
): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const living = findLiving(tree);
    if (living.length === 0) return true;
    for (const id of living) act(id);
    if (performance.now() >= deadline) return false;
    await wait(patience);
  }
}

function send(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch {
    // It has gone by itself meanwhile.
  }
}

/** Ids of the tree's processes that are not dead; a zombie is dead, and its parent's to bury. */
function findLiving(tree: Tree): readonly number[] {
  return process.platform === "linux" ? findOnLinux(tree) : findByPs(tree);
}

function findOnLinux(tree: Tree): readonly number[] {
  return idsSince(tree.began)
    .map(linuxMember)
    .filter((it) => it !== undefined && !it.dead && it.since >= tree.since && belongs(it, tree))
    .map((it) => it?.id ?? 0);
}

function belongs(member: Member, { group, mark }: Tree): boolean {
  return member.group === group || readQuietly(`/proc/${member.id}/environ`).includes(mark);
}

/** From `/proc/<id>/stat`: `id (name) state parent group … start`; the name may hold spaces and brackets. */
function linuxMember(id: number): Member | undefined {
  const stat = readQuietly(`/proc/${id}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 20) return undefined;
  const dead = fields[0] === "Z" || fields[0] === "X";
  return { id, group: Number(fields[2]), dead, since: Number(fields[19]) };
}

/** With `-E`, macOS shows the environment of the user's own processes behind the command. */
function findByPs({ group, mark }: Tree): readonly number[] {
  const { stdout } = spawnSync("ps", ["-A", "-E", "-o", "pid=,pgid=,stat=,command="], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  return String(stdout)
    .split("\n")
    .filter((line) => {
      const [, theirs, state = ""] = line.trim().split(/\s+/);
      return !state.startsWith("Z") && (Number(theirs) === group || line.includes(mark));
    })
    .map((line) => Number.parseInt(line, 10));
}
