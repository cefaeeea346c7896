/** Remembers what was read, by its exact text: the incremental part of the parser. */
import type { Context } from "./context.ts";
import type { Part, ReadPart } from "./part.ts";
import { readFresh } from "./piece.ts";

export interface Memory {
  readonly readPart: ReadPart;
  /** Forgets what was not needed of late. */
  readonly forget: () => void;
}

/** At least so many parts are remembered, so that undo finds them again. */
const least = 2000;

export function createMemory(): Memory {
  const parts = new Map<string, Part>();
  let used = 0;
  const readPart: ReadPart = (text: string, context: Context) => {
    const key = `${context.rule} ${text}`;
    const part = parts.get(key) ?? readFresh(text, context, readPart);
    parts.delete(key);
    parts.set(key, part);
    used++;
    return part;
  };
  const forget = (): void => {
    const most = Math.max(least, 2 * used);
    for (const key of parts.keys()) {
      if (parts.size <= most) break;
      parts.delete(key);
    }
    used = 0;
  };
  return { readPart, forget };
}
