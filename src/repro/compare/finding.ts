/** What the comparison of one output has found, before the contract is asked what it makes of it. */
import type { Difference, Rung } from "./comparison.ts";

export interface Finding {
  /** The highest that holds; undefined: none does, or nobody could say. */
  readonly rung: Rung | undefined;
  readonly difference: Difference | undefined;
  /** The bytes differ, and what they mean could not be read; the notes say why. */
  readonly isUndecided: boolean;
  readonly notes: readonly string[];
}

export function same(rung: Rung, notes: readonly string[] = []): Finding {
  return { rung, difference: undefined, isUndecided: false, notes };
}

export function different(difference: Difference, notes: readonly string[] = []): Finding {
  return { rung: undefined, difference, isUndecided: false, notes };
}

export function undecided(difference: Difference | undefined, note: string): Finding {
  return { rung: undefined, difference, isUndecided: true, notes: [note] };
}
