/** Findings as they are named from another folder than the project's. */
import type { Diagnostic } from "./diagnostic.ts";
import type { Place, SourceText } from "./text.ts";

/** The same findings with paths as the user would type them. `folder`: the way to the project's; empty: it is the same. */
export function relocate(
  diagnostics: readonly Diagnostic[],
  folder: string,
): readonly Diagnostic[] {
  if (folder === "") return diagnostics;
  const moved = new Map<SourceText, SourceText>();
  const move = (place: Place): Place => {
    const { source } = place;
    const shown = source.path.startsWith("std/") ? source.path : `${folder}/${source.path}`;
    const known = moved.get(source) ?? { ...source, path: shown };
    moved.set(source, known);
    return { ...place, source: known };
  };
  return diagnostics.map((one) => ({
    ...one,
    place: move(one.place),
    related: one.related.map((related) => ({ ...related, place: move(related.place) })),
    edits: one.edits.map((edit) => ({ ...edit, place: move(edit.place) })),
  }));
}
