/** Counts what happens in a transfer while it is told. */
import type { Copied, Listener, Outcome, Summary, TransferEvent } from "./event.ts";
import type { Report } from "./source.ts";

export interface Tally {
  readonly tell: (event: TransferEvent) => void;
  /** Tells a problem; the same one again is not told. */
  readonly report: Report;
  readonly summary: () => Summary;
}

export function startTally(listener: Listener): Tally {
  const counts: Record<Copied, Record<Outcome, number>> = {
    run: zero(),
    "logged model": zero(),
    "model version": zero(),
  };
  const problems = new Set<string>();
  let bytes = 0;
  return {
    tell(event) {
      if (event.kind === "copied") {
        counts[event.what][event.outcome] += 1;
        bytes += event.bytes;
      }
      listener(event);
    },
    report({ place, message }) {
      const known = problems.size;
      problems.add(`${place} ${message}`);
      if (problems.size > known) listener({ kind: "problem", place, message });
    },
    summary: () => ({ counts, bytes, problems: problems.size }),
  };
}

function zero(): Record<Outcome, number> {
  return { new: 0, updated: 0, unchanged: 0, left: 0 };
}
