/** Carries out machine-applicable fixes: `check --fix`, an editor's quick fix, and the tests that hold the fixes to their word. */
import type { Diagnostic, Edit } from "./diagnostic.ts";
import type { SourceText } from "./text.ts";

/** New texts by source, and the findings whose edits were put off because an earlier finding changes the same place. */
export interface Mended {
  readonly texts: ReadonlyMap<SourceText, string>;
  /** Check again and mend again: each round applies at least one finding's edits. */
  readonly postponed: readonly Diagnostic[];
}

/** Applies each finding's edits whole or not at all, in the order given. */
export function mend(diagnostics: readonly Diagnostic[]): Mended {
  const taken: Edit[] = [];
  const postponed: Diagnostic[] = [];
  for (const diagnostic of diagnostics) {
    const clash = diagnostic.edits.some((edit) => taken.some((other) => touches(edit, other)));
    if (clash) postponed.push(diagnostic);
    else taken.push(...diagnostic.edits);
  }
  const sources = new Set(taken.map((edit) => edit.place.source));
  const textOf = (source: SourceText) =>
    applyEdits(
      source.text,
      taken.filter((edit) => edit.place.source === source),
    );
  return { texts: new Map([...sources].map((source) => [source, textOf(source)])), postponed };
}

/** `text` with `edits` applied; they must not overlap. Insertions at one offset keep their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { place, replacement } of edits.toSorted(byStart)) {
    if (place.span.start < at) throw new Error("the edits of a finding overlap");
    result += text.slice(at, place.span.start) + replacement;
    at = place.span.end;
  }
  return result + text.slice(at);
}

function byStart(a: Edit, b: Edit): number {
  return a.place.span.start - b.place.span.start || a.place.span.end - b.place.span.end;
}

/** Overlapping, or insertions at one place, whose order would be a guess. */
function touches(a: Edit, b: Edit): boolean {
  if (a.place.source !== b.place.source) return false;
  const [x, y] = [a.place.span, b.place.span];
  return (x.start < y.end && y.start < x.end) || x.start === y.start;
}
