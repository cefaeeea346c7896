/** The lines in which two texts differ. The door to `diff` for comparisons. */
import { structuredPatch } from "diff";
import type { Difference } from "./comparison.ts";

/** More lines than these that differ are no longer worth reading, and would take long to find. */
const mostEdits = 400;

/** Undefined exactly where the texts are the same. */
export function lineDifference(before: string, after: string): Difference | undefined {
  if (before === after) return undefined;
  const patch = structuredPatch("", "", before, after, undefined, undefined, {
    context: 1,
    maxEditLength: mostEdits,
  });
  if (!patch) return { kind: "lines", patch: undefined };
  const hunks = patch.hunks.map(
    ({ oldStart, oldLines, newStart, newLines, lines }) =>
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@\n${lines.join("\n")}\n`,
  );
  return { kind: "lines", patch: hunks.join("") };
}
