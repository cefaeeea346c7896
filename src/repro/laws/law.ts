/** A law: what a reproducible run keeps, how that is checked, and what has come of it. Data that can be written as JSON. */
import type { Value } from "../../check/program.ts";
import type { Comparison } from "../compare/comparison.ts";
import type { Session } from "./session.ts";

export const lawIds = [
  "L1",
  "L2",
  "L3",
  "L4",
  "L5",
  "L6",
  "L7",
  "L8",
  "L9",
  "L10",
  "L11",
  "L12",
  "L13",
  "L14",
] as const;
export type LawId = (typeof lawIds)[number];

export interface Law {
  readonly id: LawId;
  /** One or two words. */
  readonly title: string;
  /** What its cases are, one of them. */
  readonly counted:
    | "case"
    | "edit"
    | "kill"
    | "number"
    | "pair"
    | "param"
    | "replay"
    | "seed"
    | "step";
  /**
   * `shared`: of the laws about agreement, which have them in common: the usual values first, all others when every law had its
   * turn. `front-door`: mlpipe itself is started, in folders of the law's own. `own`: all others.
   */
  readonly executions: "own" | "shared" | "front-door";
  /** One sentence, without a full stop. */
  readonly statement: string;
  /** How it is checked, what a failure means and what to do about it; paragraphs. */
  readonly explanation: string;
  /** Rejects with OutOfTime where the budget ends before anything can be said. */
  readonly check: (session: Session) => Promise<LawOutcome>;
}

/** `notes`: what a reader has to know besides, a sentence each. */
export type LawOutcome =
  | {
      readonly kind: "held";
      readonly cases: number;
      /** What is no breach, and yet should be mended. */
      readonly warnings: readonly string[];
      readonly notes: readonly string[];
    }
  | {
      readonly kind: "failed";
      readonly cases: number;
      readonly breaches: readonly Breach[];
      readonly notes: readonly string[];
    }
  /** `why`: a clause. */
  | { readonly kind: "not-checked"; readonly why: string }
  /** Nothing can be said yet; `why`: a clause. */
  | {
      readonly kind: "undecided";
      readonly cases: number;
      readonly why: string;
      readonly notes: readonly string[];
    }
  /** All of the cases that there was time for held; at least one. */
  | {
      readonly kind: "interrupted";
      readonly cases: number;
      readonly of: number;
      readonly notes: readonly string[];
    };

/** One way in which a law is broken, as small as it could be made. */
export interface Breach {
  /** What happened, a sentence. */
  readonly what: string;
  /** All of them. */
  readonly params: Readonly<Record<string, Value>>;
  /** Names of those that are not the usual ones: the counterexample. */
  readonly unusual: readonly string[];
  /** What was changed around the execution; `changes` fits behind "changes". */
  readonly surroundings: readonly { readonly name: string; readonly changes: string }[];
  /** The first value that is not the same, on one line; empty where no value is. */
  readonly difference: string;
  /** Of two executions that should agree; undefined where that is not what is broken. */
  readonly comparison: Comparison | undefined;
  /** What repeats this very case, behind `--replay`; undefined where `--law` alone does. */
  readonly replay: string | undefined;
  /** What to do about it; empty where that depends. */
  readonly fix: string;
}

/** With the usual values; `more`: what else there is to tell. */
export function usualBreach(
  { usual }: { readonly usual: Breach["params"] },
  what: string,
  fix: string,
  more: Partial<Breach> = {},
): Breach {
  return {
    what,
    params: usual,
    unusual: [],
    surroundings: [],
    difference: "",
    comparison: undefined,
    replay: undefined,
    fix,
    ...more,
  };
}

export function held(
  cases: number,
  { warnings = [], notes = [] }: Partial<Extract<LawOutcome, { readonly kind: "held" }>> = {},
): LawOutcome {
  return { kind: "held", cases, warnings, notes };
}

export function notChecked(why: string): LawOutcome {
  return { kind: "not-checked", why };
}

export function failed(
  cases: number,
  breaches: readonly Breach[],
  notes: readonly string[] = [],
): LawOutcome {
  return { kind: "failed", cases, breaches, notes };
}

/** With no case at all nothing can be said. */
export function interrupted(cases: number, of: number, notes: readonly string[] = []): LawOutcome {
  return cases === 0
    ? undecided(0, "the budget ended before the first case", notes)
    : { kind: "interrupted", cases, of, notes };
}

export function undecided(cases: number, why: string, notes: readonly string[] = []): LawOutcome {
  return { kind: "undecided", cases, why, notes };
}
