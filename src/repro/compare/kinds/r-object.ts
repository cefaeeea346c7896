/** Objects of R, read without R. */
import { differencesBetween } from "../r/difference.ts";
import { digestObject } from "../r/digest.ts";
import { readRFile } from "../r/file.ts";
import { UnreadableError } from "../r/stream.ts";
import type { RValue } from "../r/value.ts";
import type { Difference } from "../comparison.ts";
import { type Kind, NotReadable } from "./kind.ts";

export const rObject: Kind<RValue> = {
  read(file) {
    try {
      return readRFile(file);
    } catch (error) {
      if (error instanceof UnreadableError)
        throw new NotReadable(error.message.replace(/^it /, ""));
      throw error;
    }
  },
  canonical: digestObject,
  difference: (before, after) => differenceOf(before, after, false),
  loosely: (before, after) => differenceOf(before, after, true),
  notes: (before, after) =>
    differencesBetween(before, after, { ignoresFormulas: false }).pointers.map(
      (path) => `\`${path}\` is a pointer out of R: what it points to is in no file`,
    ),
};

function differenceOf(
  before: RValue,
  after: RValue,
  ignoresFormulas: boolean,
): Difference | undefined {
  const { values, count } = differencesBetween(before, after, { ignoresFormulas });
  return count === 0 ? undefined : { kind: "values", values, count };
}
