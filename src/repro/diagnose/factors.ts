/** What may differ from one execution to the next, one thing at a time: held still for all but the one that is looked at. */
import { cpSync, existsSync } from "node:fs";
import path from "node:path";
import type { Matter } from "../trace/trace-line.ts";
import type { Abilities } from "../world/abilities.ts";
import { perturbations, roomInR } from "../world/perturbations.ts";
import { stabilisers } from "../world/stabilisers.ts";
import { type Surrounding, missingFor } from "../world/surrounding.ts";
import { isBeyondRounding } from "./beyond-rounding.ts";
import { type Key, outputOf, stepOf } from "./keys.ts";
import type { Differing } from "./laboratory.ts";

export type FactorName =
  | "clock"
  | "process"
  | "generator"
  | "chance"
  | "names"
  | "memory"
  | "haste"
  | "order"
  | "timezone"
  | "locale"
  | "home"
  | "home-path"
  | "temporary"
  | "folder"
  | "host-name"
  | "user"
  | "umask"
  | "processors"
  | "threads"
  | "variables"
  | "file"
  | "blas"
  | "left-behind";

export interface Factor {
  readonly name: FactorName;
  /** Fits behind "changing". */
  readonly words: string;
  /** Of other rounds, other settings: worth to be looked at often. Else each variant once. */
  readonly endless: boolean;
  readonly variants: readonly Surrounding[];
  /** What the code must ask for to be touched by it; the first that it asks for names the place. */
  readonly matters: readonly Matter[];
  /** Whether a difference in an output says anything of it; without it: each does. */
  readonly counts?: (differing: Differing, key: Key) => boolean;
  /** The variable or the file that it is, as the code asks for it; undefined: many. */
  readonly only?: string;
  /**
   * `left-behind`: what an execution has left in the folders of the project and the user is still there. `empty-home`: the home
   * folder is where it was, and empty.
   */
  readonly start?: "left-behind" | "empty-home";
}

/** Held in each execution that is compared one factor at a time. */
const stillNames = [
  "still-clock",
  "still-process",
  "still-generator",
  "still-chance",
  "still-names",
  "still-memory",
  "sorted-folders",
];

const free: Surrounding = {
  name: "free-memory",
  changes: "where objects lie in memory",
  cause: "memory-order",
  group: "memory-layout",
  needs: [],
  seen: [],
  make: ({ round }) => ({ env: roomInR(round) }),
};

const movedHome: Surrounding = {
  name: "moved-home",
  changes: "where the home folder is",
  cause: "host",
  needs: [],
  seen: [],
  make({ folder, env: { HOME = "" } }) {
    const moved = path.join(folder, "moved-home");
    if (existsSync(HOME)) cpSync(HOME, moved, { recursive: true });
    return { env: { HOME: moved } };
  },
};

/** A BLAS of our own that adds up from behind. */
const otherSums: Surrounding = {
  name: "other-sums",
  changes: "the library for linear algebra, to one that adds up in another order",
  cause: "blas",
  needs: ["blas"],
  seen: ["sums"],
  make: ({ abilities: { has } }) => ({ preload: has.blas.kind === "there" ? [has.blas.at] : [] }),
};

const named = new Map(
  [...perturbations, ...stabilisers, free, movedHome, otherSums].map((one) => [one.name, one]),
);

function these(...names: readonly string[]): readonly Surrounding[] {
  return names.map((name) => {
    const found = named.get(name);
    if (!found) throw new Error(`there are no surroundings ${name}`);
    return found;
  });
}

type Row = readonly [
  name: FactorName,
  words: string,
  variants: readonly string[],
  matters: readonly Matter[],
];

const endless: readonly Row[] = [
  [
    "clock",
    "the clock",
    ["still-clock"],
    ["seed", "clock", "random", "look", "parallel", "process"],
  ],
  [
    "process",
    "the number of the process",
    ["still-process"],
    ["seed", "host", "random", "process"],
  ],
  [
    "generator",
    "what an unseeded generator begins with",
    ["still-generator"],
    ["random", "parallel", "seed", "host", "process"],
  ],
  [
    "chance",
    "the random bytes of the system",
    ["still-chance"],
    ["random", "parallel", "scheduling", "process", "seed", "host"],
  ],
  ["names", "the names of temporary files", ["still-names"], ["host"]],
  ["memory", "where objects lie in memory", ["free-memory"], ["memory-order"]],
  ["haste", "which process or thread is first", ["haste"], ["scheduling", "parallel", "process"]],
];

const once: readonly Row[] = [
  [
    "order",
    "the order of folders and hashes",
    ["directory-turned", "hash-seeds"],
    ["order", "process"],
  ],
  ["timezone", "the time zone", ["timezone-west", "timezone-east"], ["timezone", "clock"]],
  ["locale", "the locale", ["locale", "collation", "no-locale"], ["locale", "order", "process"]],
  ["home-path", "where the home folder is", ["moved-home"], ["host", "environment", "look"]],
  ["temporary", "the folder of temporary files", ["temporary-folder"], ["host", "environment"]],
  ["folder", "the project's folder", ["folder"], ["host", "environment", "order", "read"]],
  ["host-name", "the name of the machine", ["host-name"], ["host", "process"]],
  ["user", "the user", ["user"], ["host", "environment", "process"]],
  ["umask", "the permissions of new files", ["umask"], ["look", "host", "process", "write"]],
  [
    "processors",
    "the number of processors",
    ["processors", "processors-more"],
    ["cpu-count", "rng-kind", "parallel", "process"],
  ],
  ["threads", "the number of threads", ["threads"], ["cpu-count", "environment", "blas"]],
  ["variables", "variables of the environment", ["variables"], ["environment", "process"]],
  ["blas", "the library for linear algebra", ["other-sums"], ["blas"]],
];

const emptyHome: Factor = {
  name: "home",
  words: "what lies in the home folder",
  endless: false,
  variants: [],
  matters: ["read", "look", "option", "rng-kind"],
  start: "empty-home",
};

/** Those that this machine can vary, and those that it cannot, with the reason. */
export interface Factors {
  readonly still: readonly Surrounding[];
  readonly varied: readonly Factor[];
  /** For executions in surroundings as wide apart as can be. */
  readonly perturbations: readonly Surrounding[];
  readonly missing: readonly { readonly surrounding: Surrounding; readonly why: string }[];
}

/** `notSeen`: surroundings that take no effect here, by name, with the reason. */
export function factorsFor(abilities: Abilities, notSeen: ReadonlyMap<string, string>): Factors {
  const whyNot = (one: Surrounding): string | undefined =>
    missingFor(one, abilities) ?? notSeen.get(one.name);
  const isThere = (one: Surrounding): boolean => whyNot(one) === undefined;
  const factorOf =
    (isEndless: boolean) =>
    ([name, words, variants, matters]: Row): Factor => ({
      name,
      words,
      matters,
      endless: isEndless,
      variants: these(...variants).filter(isThere),
      ...(name === "blas" ? { counts: countsBeyondRounding } : {}),
    });
  const all = [...endless.map(factorOf(true)), ...once.map(factorOf(false))];
  return {
    still: these(...stillNames).filter(isThere),
    varied: [...all.filter(({ variants }) => variants.length > 0), emptyHome],
    // What a profile of one's own would say is no difference between two machines as they are.
    perturbations: perturbations.filter((one) => isThere(one) && one.name !== "start-up-files"),
    missing: [...named.values()].flatMap((surrounding) => {
      const why = whyNot(surrounding);
      return why === undefined ? [] : [{ surrounding, why }];
    }),
  };
}

function countsBeyondRounding(differing: Differing, key: Key): boolean {
  return isBeyondRounding(differing.get(stepOf(key)) ?? [], outputOf(key));
}

/** `surrounding` with other settings of its kind. */
export function atRound(surrounding: Surrounding, round: number): Surrounding {
  return { ...surrounding, make: (making) => surrounding.make({ ...making, round }) };
}
