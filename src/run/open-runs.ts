/** Runs that are being performed, each a small file below `.mlpipe/open`; one whose process is gone is ended by the next. */
import { randomUUID } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { type TrackedRun, isEnd } from "../tracking/entities.ts";
import { type Tracking, unlessMissing } from "../tracking/tracking.ts";
import type { Failure } from "./event.ts";
import { explainError, failure, isOfMachine } from "./failure.ts";
import { type Owner, isGone, thisOwner } from "./owner.ts";

/** The tag by which a run is found of which only this is known: that it was about to be made. */
export const attemptTag = "mlpipe.attempt";

interface OpenRun {
  readonly owner: Owner;
  readonly attempt: string;
  /** Where the tracker is. */
  readonly tracking: string;
  readonly experimentId: string;
  /** Undefined: about to be made. */
  readonly runId: string | undefined;
}

export interface OpenMark {
  /** The value of the tag `mlpipe.attempt`. */
  readonly attempt: string;
  /** The run exists from now on. */
  readonly made: (runId: string) => void;
  /** The run has its end in the tracker. */
  readonly close: () => void;
}

function folderOf(project: string): string {
  return path.join(project, ".mlpipe", "open");
}

function addressOf({ address, uri }: Tracking): string {
  return address ?? uri;
}

/** Marks a run as this process's: `known`, or one that is about to be made. Throws the file system's errors. */
export function markOpen(
  project: string,
  tracking: Tracking,
  experimentId: string,
  known?: string,
): OpenMark {
  const attempt = randomUUID();
  const folder = folderOf(project);
  const file = path.join(folder, `${attempt}.json`);
  const owner = thisOwner();
  const line = (runId: string | undefined): string => {
    const open: OpenRun = { owner, attempt, tracking: addressOf(tracking), experimentId, runId };
    return `${JSON.stringify(open)}\n`;
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, line(known), { mode: 0o600, flush: true });
  return {
    attempt,
    // Not flushed: without it the run is found by its tag.
    made: (runId) => appendFileSync(file, line(runId)),
    close: () => rmSync(file, { force: true }),
  };
}

/** R0865 where another process performs the run now; undefined where none is known to. `name`: as the user calls it. */
export function otherAtIt(project: string, run: string, name: string): Failure | undefined {
  const found = readOpen(project).find(({ open }) => open.runId === run && !isGone(open.owner));
  if (!found) return undefined;
  const { pid, host } = found.open.owner;
  return failure("R0865", { name, run, pid, host });
}

/** Whether a process has left runs open and is gone; some of them may have got their end by other means. */
export function hasAbandoned(project: string): boolean {
  return readOpen(project).some(({ open }) => isGone(open.owner));
}

/**
 * Ends, as KILLED, every run of this tracker that was left open by a process that is gone. Resolves to what is to be told of
 * them. A run that has got its end by other means, or was never made, is only forgotten.
 */
export async function endAbandoned(
  project: string,
  tracking: Tracking,
): Promise<readonly Failure[]> {
  const ended: Failure[] = [];
  for (const { file, open } of readOpen(project)) {
    if (open.tracking !== addressOf(tracking) || !isGone(open.owner)) continue;
    try {
      const run = await findRun(open, tracking);
      if (run && isLeftOpen(run)) ended.push(await endRun(run, tracking));
    } catch (error) {
      const reason = explainError(error);
      ended.push(reason);
      // A tracker that is away may take the end another time; one that refuses it never will.
      if (isOfMachine(reason.code)) continue;
    }
    rmSync(file, { force: true });
  }
  return ended;
}

function isLeftOpen({ info }: TrackedRun): boolean {
  return !isEnd(info.status) && info.lifecycle_stage === "active";
}

async function findRun(open: OpenRun, tracking: Tracking): Promise<TrackedRun | undefined> {
  const { runId: run_id, experimentId, attempt } = open;
  if (run_id !== undefined)
    return (await unlessMissing(() => tracking.call("runs/get", { run_id })))?.run;
  const { runs = [] } = await tracking.call("runs/search", {
    experiment_ids: [experimentId],
    filter: `tags.\`${attemptTag}\` = '${attempt}'`,
    max_results: 1,
  });
  return runs[0];
}

async function endRun({ info }: TrackedRun, tracking: Tracking): Promise<Failure> {
  const { run_id, run_name } = info;
  const reason = failure("R0859", { run: run_id, name: run_name });
  const value = `${reason.code} ${reason.message}`;
  await tracking.call("runs/set-tag", { run_id, key: "mlpipe.error", value });
  await tracking.call("runs/update", { run_id, status: "KILLED", end_time: Date.now() });
  return reason;
}

function readOpen(project: string): readonly { readonly file: string; readonly open: OpenRun }[] {
  const folder = folderOf(project);
  return namesIn(folder).flatMap((name) => {
    const file = path.join(folder, name);
    const open = readMark(file);
    return open ? [{ file, open }] : [];
  });
}

/** By its last whole line. Undefined where there is none: it was torn while it was written, and its run was not made yet. */
function readMark(file: string): OpenRun | undefined {
  try {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return JSON.parse(lines.at(-1) ?? "") as OpenRun;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}
