/** A folder for all temporary files of the tests, also for those of programs that clean up badly when they are killed. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Answers what takes it away, when all tests have ended. */
export default function setup(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), "mlpipe-spec-"));
  // Some tests are somebody else for a while.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
