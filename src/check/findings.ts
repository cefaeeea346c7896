/** Collects what the rules find: each finding once, in the order of the text. */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { SourceText } from "../source/text.ts";
import type { Loaded } from "../syntax/load.ts";

export interface Findings {
  readonly report: (diagnostic: Diagnostic) => void;
  readonly list: () => readonly Diagnostic[];
}

/**
 * A template is checked at each call, so the same finding may come twice. Warnings about an imported file are left out:
 * they are said when that file itself is checked.
 */
export function createFindings(loaded: Loaded): Findings {
  const found = new Map<string, Diagnostic>();
  const rank = new Map<SourceText, number>(
    [...loaded.modules.values()].map(({ source }, i) => [source, i]),
  );
  const rankOf = ({ place }: Diagnostic) => rank.get(place.source) ?? rank.size;
  return {
    report(diagnostic) {
      const { code, message, place, severity } = diagnostic;
      if (severity === "warning" && rankOf(diagnostic) > 0) return;
      const key = [code, rankOf(diagnostic), place.span.start, place.span.end, message].join(" ");
      if (!found.has(key)) found.set(key, diagnostic);
    },
    list: () =>
      [...found.values()].toSorted(
        (a, b) => rankOf(a) - rankOf(b) || a.place.span.start - b.place.span.start,
      ),
  };
}
