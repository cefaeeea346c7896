/** Follows a file that another process appends lines to, from a byte offset to the end. */
import { type FSWatcher, closeSync, openSync, readSync, watch } from "node:fs";

export interface TailedLine {
  /** Without its line break. */
  readonly text: string;
  /** Byte offset behind its line break: where to go on after a restart. */
  readonly end: number;
}

const lineBreak = 10;
/** Each step under way has one; many steps a second make many, which wait for the garbage collector. */
const chunkBytes = 1 << 14;
/** How often to look without being told, in milliseconds: some file systems never tell. */
const pollMs = 200;

/**
 * Yields each line once its line break is there. When `ended` has settled the file is read to its end; then the generator
 * returns the torn rest behind the last line break, usually "". The file must exist; it may only grow.
 */
export async function* tailLines(
  path: string,
  from: number,
  ended: Promise<unknown>,
): AsyncGenerator<TailedLine, string, undefined> {
  const file = openSync(path, "r");
  const lines = openLines(file, from);
  const bell = openBell(path, ended);
  try {
    for (;;) {
      // Asked before reading: what was written before the end is then read for certain.
      const last = bell.isOver();
      yield* lines.read();
      if (last) return lines.rest();
      await bell.rings();
    }
  } finally {
    bell.close();
    closeSync(file);
  }
}

/** Cuts what is new in the file into lines. */
function openLines(
  file: number,
  from: number,
): { readonly read: () => Generator<TailedLine>; readonly rest: () => string } {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let torn: Buffer[] = [];
  let offset = from;
  return {
    *read() {
      for (;;) {
        const count = readSync(file, chunk, 0, chunkBytes, offset);
        if (count === 0) return;
        let start = 0;
        for (let at = chunk.indexOf(lineBreak); at >= 0 && at < count;) {
          const line = Buffer.concat([...torn, chunk.subarray(start, at)]);
          torn = [];
          start = at + 1;
          yield { text: line.toString(), end: offset + start };
          at = chunk.indexOf(lineBreak, start);
        }
        torn.push(Buffer.from(chunk.subarray(start, count)));
        offset += count;
      }
    },
    rest: () => Buffer.concat(torn).toString(),
  };
}

/** Rings when the file may have grown, and once when `ended` settles. */
function openBell(
  path: string,
  ended: Promise<unknown>,
): {
  readonly isOver: () => boolean;
  readonly rings: () => Promise<void>;
  readonly close: () => void;
} {
  let [rung, over] = [false, false];
  let wake: (() => void) | undefined;
  const ring = (): void => {
    rung = true;
    wake?.();
  };
  const end = (): void => {
    over = true;
    ring();
  };
  void ended.then(end, end);
  const timer = setInterval(ring, pollMs);
  const watcher = watchQuietly(path, ring);
  return {
    isOver: () => over,
    async rings() {
      if (!rung) await new Promise<void>((resolve) => (wake = resolve));
      rung = false;
    },
    close() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** Undefined where the system has no more watches to give; polling does then. */
function watchQuietly(path: string, ring: () => void): FSWatcher | undefined {
  try {
    return watch(path, ring).on("error", () => {});
  } catch {
    return undefined;
  }
}
