/** Texts: lines, however they end. */
import { structuredPatch } from "diff";
import type { Difference } from "../comparison.ts";
import { type Kind, decodeUtf8 } from "./kind.ts";

/** More lines than these that differ are no longer worth reading, and would take long to find. */
const mostEdits = 400;

export const text: Kind<string> = {
  read: (file) => withLineEnds(decodeUtf8(file)),
  canonical: (content) => content,
  difference: lineDifference,
};

/** Every line ends with `\n`, the last one too. */
export function withLineEnds(content: string): string {
  const unix = content.replace(/\r\n?/g, "\n");
  return unix === "" || unix.endsWith("\n") ? unix : `${unix}\n`;
}

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
