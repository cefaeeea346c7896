/** What the comparison of one output has found, before the contract is asked what it makes of it. */
import { type Difference, type Rung, type Side, mostListed, rungs } from "./comparison.ts";

export interface Finding {
  /** The highest that holds; undefined: none does, or nobody could say. */
  readonly rung: Rung | undefined;
  readonly difference: Difference | undefined;
  /** The bytes differ, and what they mean could not be read; the notes say why. */
  readonly isUndecided: boolean;
  readonly notes: readonly string[];
  /** The files of one side are gone. */
  readonly byDigest?: true;
}

export function same(rung: Rung, notes: readonly string[] = []): Finding {
  return { rung, difference: undefined, isUndecided: false, notes };
}

export function different(difference: Difference, notes: readonly string[] = []): Finding {
  return { rung: undefined, difference, isUndecided: false, notes };
}

export function only(side: Side): Finding {
  return different({ kind: "only", side });
}

export function undecided(difference: Difference | undefined, note: string): Finding {
  return { rung: undefined, difference, isUndecided: true, notes: [note] };
}

/** Files of a folder by their paths: as good as the worst of them, and no better than `best`. */
export function together(findings: readonly (readonly [string, Finding])[], best: Rung): Finding {
  const files = findings.flatMap(([path, { difference }]) =>
    difference ? [{ path, difference }] : [],
  );
  const isDifferent = findings.some(([, it]) => it.rung === undefined && !it.isUndecided);
  const listed = { kind: "files", files: files.slice(0, mostListed), count: files.length } as const;
  return {
    rung: lowest([best, ...findings.map(([, it]) => it.rung)]),
    difference: files.length === 0 ? undefined : listed,
    isUndecided: !isDifferent && findings.some(([, it]) => it.isUndecided),
    notes: findings.flatMap(([path, { notes }]) => notes.map((note) => `${path}: ${note}`)),
  };
}

function lowest(all: readonly (Rung | undefined)[]): Rung | undefined {
  return all.includes(undefined) ? undefined : rungs.findLast((rung) => all.includes(rung));
}
