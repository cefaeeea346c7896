/** What a failure means for a transfer: the end of it, or of one thing in it. */
import { TrackingError } from "../tracking.ts";
import type { Report } from "./source.ts";

const ends = ["UNREACHABLE", "UNAUTHENTICATED", "STORE_UNUSABLE", "TEMPORARILY_UNAVAILABLE"];
/** Of one file. */
const fileCodes = ["EACCES", "EPERM", "ENOENT"];

/** Whatever is asked next would fail as well. */
export function isEndOfAll(error: unknown): boolean {
  if (error instanceof TrackingError) return ends.includes(error.code);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return !fileCodes.includes(code);
}

/** Does what concerns `place` alone: if it fails, that is reported, and the rest goes on. Resolves to whether it was done. */
export async function onItsOwn(
  place: string,
  report: Report,
  work: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isEndOfAll(error) || !(error instanceof Error)) throw error;
    report({ place, message: `is not whole at the target: ${error.message}` });
    return false;
  }
}

/** A report that counts. */
export function countReports(report: Report): {
  readonly report: Report;
  readonly count: () => number;
} {
  let count = 0;
  return {
    report(problem) {
      count += 1;
      report(problem);
    },
    count: () => count,
  };
}
