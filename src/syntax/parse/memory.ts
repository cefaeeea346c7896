/** Remembers what was read, by its exact text: the incremental part of the parser. */
import type { Context } from "./context.ts";
import type { Part, ReadPart } from "./part.ts";
import { readFresh } from "./piece.ts";

export interface Memory {
  readonly readPart: ReadPart;
  /** Forgets what was not needed of late. */
  readonly forget: () => void;
}

interface Remembered {
  readonly part: Part;
  /** Number of parts that it was read from, itself included. */
  readonly weight: number;
}

/** At least so many parts are remembered, so that undo finds them again. */
const least = 2000;

export function createMemory(): Memory {
  const known = new Map<string, Remembered>();
  /** Weight of what was needed since the last time something was forgotten. */
  let used = 0;
  const readPart: ReadPart = (text: string, context: Context) => {
    const key = `${context.rule} ${text}`;
    const before = used;
    const found = known.get(key);
    if (found) known.delete(key);
    const part = found?.part ?? readFresh(text, context, readPart);
    const weight = found?.weight ?? used - before + 1;
    used = before + weight;
    known.set(key, { part, weight });
    return part;
  };
  const forget = (): void => {
    const most = Math.max(least, 2 * used);
    for (const key of known.keys()) {
      if (known.size <= most) break;
      known.delete(key);
    }
    used = 0;
  };
  return { readPart, forget };
}
