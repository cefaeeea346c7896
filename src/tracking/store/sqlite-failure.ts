/** What SQLite's error numbers mean for the person whose file it is. */
import { TrackingError } from "../tracking.ts";

/** Primary result codes of SQLite; the extended ones keep them in their low byte. */
const sqlite = {
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  noDatabase: 26,
} as const;

function primaryCode(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !("errcode" in cause)) return undefined;
  return typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined;
}

/** Another connection holds the file just now: the same work may succeed a moment later. */
export function isBusy(cause: unknown): boolean {
  const code = primaryCode(cause);
  return code === sqlite.busy || code === sqlite.locked;
}

export function isReadOnly(cause: unknown): boolean {
  return primaryCode(cause) === sqlite.readOnly;
}

/** Whether the failure of one statement may have taken the whole transaction with it, or would meet every other one. */
export function spoilsTransaction(cause: unknown): boolean {
  const code = primaryCode(cause);
  return code !== undefined && spoiling.has(code);
}

const spoiling: ReadonlySet<number> = new Set(
  Object.values(sqlite).filter((code) => code !== sqlite.constraint),
);

/** A moment or some room later the same work may succeed, so a client may try again. */
const passing: ReadonlySet<number | undefined> = new Set([
  sqlite.busy,
  sqlite.locked,
  sqlite.full,
  sqlite.inputOutput,
]);

/** The error as `Tracking` documents it; what is already a TrackingError stays as it is. */
export function explainFailure(cause: unknown, file: string): TrackingError {
  if (cause instanceof TrackingError) return cause;
  const code = primaryCode(cause);
  const [what, fix] = describe(code);
  if (what === undefined) {
    return new TrackingError(
      "INTERNAL_ERROR",
      `the store ${file} failed: ${text(cause)}`,
      fix,
      cause,
    );
  }
  return new TrackingError(
    passing.has(code) ? "TEMPORARILY_UNAVAILABLE" : "STORE_UNUSABLE",
    `${file} ${what} (${text(cause)})`,
    fix,
    cause,
  );
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function describe(code: number | undefined): readonly [what: string | undefined, fix: string] {
  switch (code) {
    case sqlite.busy:
    case sqlite.locked:
      return [
        "is locked by another program",
        "wait until that program is done, or end it; nothing was written",
      ];
    case sqlite.readOnly:
      return ["is read-only", "give yourself the right to write to the file and to its folder"];
    case sqlite.inputOutput:
      return [
        "cannot be read or written",
        "see whether the disk is full or failing; what was stored before is kept",
      ];
    case sqlite.corrupt:
      return [
        "is damaged",
        "restore a copy, or rescue what is left with `sqlite3 FILE .recover`; it was not changed",
      ];
    case sqlite.full:
      return ["does not fit on its disk", "make room on the disk; what was stored before is kept"];
    case sqlite.cannotOpen:
      return [
        "cannot be opened or made",
        "see that its folder exists and that you may write to it, or name another file",
      ];
    case sqlite.noDatabase:
      return [
        "is no SQLite database",
        "name another file in the tracking URI; this one was not changed",
      ];
    default:
      return [undefined, "please report it"];
  }
}
