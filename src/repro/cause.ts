/** Why two executions of one run may differ: the classes that a diagnosis names, what each means, and how it is mended. */

export type Cause =
  | "unseeded-rng"
  | "overridden-seed"
  | "parallel-rng"
  | "rng-kind"
  | "clock"
  | "timezone"
  | "locale"
  | "order"
  | "undeclared-file"
  | "environment"
  | "host"
  | "cpu-count"
  | "blas"
  | "memory-order"
  | "package"
  | "code"
  | "data"
  | "scheduling";

export interface CauseFacts {
  /** Fits behind "cause:". */
  readonly title: string;
  /** One sentence, without a full stop. */
  readonly meaning: string;
  /** One thing to do, in code of each language or in the `.mlpipe` file; begins with a verb. */
  readonly mend: { readonly r: string; readonly node: string };
}

/** The same thing to do whatever the language. */
const both = (words: string): CauseFacts["mend"] => ({ r: words, node: words });

export const causes: Readonly<Record<Cause, CauseFacts>> = {
  "unseeded-rng": {
    title: "random numbers without a seed",
    meaning: "the code draws random numbers from a generator that nobody has seeded",
    mend: {
      r: "write `seed 1` in the run; each step then draws from a seed of its own",
      node: "write `seed 1` in the run, and draw from `Math.random()`, which follows it; `node:crypto` follows none",
    },
  },
  "overridden-seed": {
    title: "a seed that is not used, or replaced",
    meaning:
      "there is a seed, but the code seeds again from the clock or the process, or draws beside the seeded generator",
    mend: {
      r: "write `seed 1` in the run, and seed from nothing else: `set.seed(seed)`, once, or not at all",
      node: "draw from `Math.random()`, which follows the run's seed, and not from `node:crypto`, the clock or the process",
    },
  },
  "parallel-rng": {
    title: "random numbers in parallel processes",
    meaning: "workers draw from generators that the seed of the main process does not reach",
    mend: {
      r: 'call `RNGkind("L\'Ecuyer-CMRG")` before `set.seed(seed)` and give a fixed number of workers (`mc.cores = 2`); on a cluster call `clusterSetRNGStream(cluster, seed)`',
      node: "draw in the main thread and hand the numbers out, or give each worker a generator seeded from `seed` and the task's number",
    },
  },
  "rng-kind": {
    title: "another kind of random generator",
    meaning: "the same seed gives other numbers, since the kind of the generator is set elsewhere",
    mend: {
      r: 'name the kinds: `set.seed(seed, "Mersenne-Twister", "Inversion", "Rejection")`, or write `seed` in the run, which does so',
      node: "choose the generator in the code, and not by a variable or a version",
    },
  },
  clock: {
    title: "the clock",
    meaning: "a result holds the time of day, the date or how long something took",
    mend: both(
      "make the time a param of the run, or leave it out of what is compared: `reproducible exact except …`",
    ),
  },
  timezone: {
    title: "the time zone",
    meaning: "times are read or written in the zone of the machine",
    mend: {
      r: 'name the zone: `as.POSIXct(x, tz = "UTC")`, `format(x, tz = "UTC")`; or write `reproducible` in the run, which sets TZ=UTC',
      node: 'use the UTC functions (`getUTCHours`, `toISOString`, `timeZone: "UTC"`); or write `reproducible` in the run, which sets TZ=UTC',
    },
  },
  locale: {
    title: "the locale",
    meaning: "texts are sorted, named or written as the language of the machine has it",
    mend: {
      r: 'sort by `sort(x, method = "radix")`, name levels (`factor(x, levels = …)`), write months as numbers; or write `reproducible` in the run, which pins the locale',
      node: 'sort without `localeCompare`, or name the locale (`localeCompare(other, "en")`, `toLocaleString("en")`); or write `reproducible` in the run, which pins the locale',
    },
  },
  order: {
    title: "an order that nothing promises",
    meaning: "files of a folder, or entries of a hash, are taken in the order in which they come",
    mend: {
      r: 'sort what is listed: `sort(x, method = "radix")`',
      node: "sort what is listed: `.toSorted()`",
    },
  },
  "undeclared-file": {
    title: "a file that is not declared",
    meaning: "a result depends on a file that is no input of the step",
    mend: both(
      'have it in the project and declare it: `input rows from "rows.csv": csv`; then read that variable',
    ),
  },
  environment: {
    title: "a variable or a start-up file of the user",
    meaning: "a result depends on an environment variable, or on what .Rprofile or .Renviron set",
    mend: {
      r: "make it a param of the run; `reproducible` starts R without .Rprofile and .Renviron",
      node: "make it a param of the run",
    },
  },
  host: {
    title: "the machine, the user or the folder",
    meaning:
      "a result holds the name of the machine or the user, a process id, a path, or permissions of files",
    mend: both(
      "leave it out of the results, or make it a param; name files relative to the project's folder",
    ),
  },
  "cpu-count": {
    title: "the number of processors or threads",
    meaning: "work is split by the number of processors, and the split shows in the result",
    mend: {
      r: "give a fixed number: `mc.cores = 2`, not `detectCores()`",
      node: "give a fixed number of parts, not `availableParallelism()` or `cpus().length`",
    },
  },
  blas: {
    title: "the library for linear algebra, or the processor's kernel of it",
    meaning: "the problem is so badly conditioned that the last bits of a sum decide",
    mend: both(
      "state a tolerance for it (`reproducible { NAME within 1e-6 }`), scale the columns, or fix signs of vectors by a rule",
    ),
  },
  "memory-order": {
    title: "addresses in memory",
    meaning: "objects are ordered or named by where they lie in memory",
    mend: both("order or name them by a value that they hold"),
  },
  package: {
    title: "another version of a package or of the language",
    meaning: "what the code loads is not what the recorded run has loaded",
    mend: {
      r: "install the recorded version, as by {renv}",
      node: "install the recorded version (`npm ci`)",
    },
  },
  code: {
    title: "the code has changed",
    meaning: "the step is not the one that was recorded",
    mend: both("replay the recorded commit, or take the new results as the recorded ones"),
  },
  data: {
    title: "the data have changed",
    meaning: "an input does not hold what it held",
    mend: both("bring the recorded file back, or run anew with the data as they are"),
  },
  scheduling: {
    title: "what ends first",
    meaning:
      "processes, threads or promises race, and the result keeps the order in which they end",
    mend: {
      r: "put results in the order of their tasks before they are combined",
      node: "keep results by their task's number (`Promise.all` does), and combine them in that order",
    },
  },
};
