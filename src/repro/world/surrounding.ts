/** Changed surroundings as data: what one of them changes, what it points at, and how it is brought about. */
import type { Cause } from "../cause.ts";
import type { Abilities, Ability } from "./abilities.ts";

/** What stands before the command of a step; each becomes (exec) what stands behind it. */
export type Layer =
  /** Gives the machine another name. */
  | { readonly kind: "host"; readonly name: string }
  /** Puts the file `from` in the place of `over`, for this process and what it starts. What is not absolute lies where the copy of the project does: `<its name>/data.csv`. */
  | { readonly kind: "mount"; readonly from: string; readonly over: string }
  /** The process belongs to another user and group, by their numbers. */
  | { readonly kind: "user"; readonly id: number }
  /** In octal digits. */
  | { readonly kind: "umask"; readonly mask: string }
  /** Runs on these processors alone, as `taskset` has them: `0`, `0-2`. */
  | { readonly kind: "processors"; readonly list: string }
  /** Everything lies at the same addresses in each execution. */
  | { readonly kind: "fixed-memory" };

type Variables = Readonly<Record<string, string | undefined>>;

/** All of it is optional: what is not there stays as it is. */
export interface Setting {
  /** Inherited by the step, so what a plan pins wins over it; undefined: taken away. */
  readonly env?: Variables;
  /** Set over all else, also over what a plan pins. */
  readonly forced?: Variables;
  /** For the shim, such as `shift=86400`; see stdlib/shim/surroundings.c. */
  readonly words?: readonly string[];
  /** Libraries that are loaded before all others. */
  readonly preload?: readonly string[];
  readonly layers?: readonly Layer[];
  /** The project's copy lies in this folder of the scratch folder. */
  readonly below?: string;
}

/** For one execution. */
export interface Making {
  readonly abilities: Abilities;
  /** Exists, is empty, and lies beside what is executed: what a setting needs is written here. */
  readonly folder: string;
  /** What the step would inherit. */
  readonly env: NodeJS.ProcessEnv;
  /** Names of variables that stay whatever happens, such as those that hold the plan's secrets. */
  readonly kept: ReadonlySet<string>;
  /** From 0: where there are many settings of the kind, such as times, another one for each. */
  readonly round: number;
}

export interface Surrounding {
  readonly name: string;
  /** Fits behind "changes". */
  readonly changes: string;
  /** What it speaks for when it changes a result (a perturbation), or takes a difference away (a stabiliser). */
  readonly cause: Cause;
  /** Two of one group exclude each other. Without one: its name. */
  readonly group?: string;
  /** All must be there. */
  readonly needs: readonly (keyof Abilities["has"])[];
  /** What of `stdlib/r/look.R` and `stdlib/node/look.mjs` shows that it takes effect; none: nothing that they could see. */
  readonly seen: readonly string[];
  readonly make: (making: Making) => Setting;
}

export function groupOf({ group, name }: Surrounding): string {
  return group ?? name;
}

/** Why it cannot be made on this machine; undefined: it can. */
export function missingFor({ needs }: Surrounding, { has }: Abilities): string | undefined {
  const absent = needs.map((need): Ability => has[need]).find(({ kind }) => kind === "missing");
  return absent?.kind === "missing" ? absent.why : undefined;
}
