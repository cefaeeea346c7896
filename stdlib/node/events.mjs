/** Appends to the step's `events.ndjson`: each call is one whole line, written before the call returns. */
import { openSync, writeSync } from "node:fs";

const { process } = globalThis;

/** EX_IOERR of sysexits.h: the step's own files cannot be written. */
const cannotWrite = 74;

/** @typedef {(kind: string, fields?: object) => void} Emit */

/** @param {string} path @returns {Emit} */
export function openEvents(path) {
  const file = openSync(path, "a", 0o600);
  return (kind, fields = {}) => {
    const line = Buffer.from(`${JSON.stringify({ t: Date.now(), kind, ...fields })}\n`);
    try {
      for (let done = 0; done < line.length;) done += writeSync(file, line, done);
    } catch (error) {
      // A torn line cannot be mended, and code that catches the error must not go on as if all were well.
      process.stderr.write(
        `mlpipe: cannot write ${path}: ${/** @type {Error} */ (error).message}\n`,
      );
      process.exit(cannotWrite);
    }
  };
}
