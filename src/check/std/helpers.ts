/** Functions of the standard library that the code of every step can call; no metric can be one of them. */

export interface StdHelper {
  /** As the code calls it. */
  readonly inR: string;
  readonly inJs: string;
  readonly what: string;
  /** The definition, in lines. */
  readonly formula: readonly string[];
  readonly source: string;
}

const draws =
  "Steele, Lea and Flood 2014 (SplitMix64); of the same seed the same rows in R and in JavaScript";

/** Of `std/metrics`. */
export const metricHelpers: ReadonlyMap<string, StdHelper> = new Map([
  [
    "confusion",
    {
      inR: "metrics$confusion(truth, guess)",
      inJs: "metrics.confusion(truth, guess)",
      what: "table of how often each class of `truth` was guessed to be each class",
      formula: [
        "a row for each pair of classes: truth, guess, count; by truth, then by guess, in the order",
        "of code points; pairs that never come have the count 0",
      ],
      source: "Sokolova and Lapalme 2009, table 1",
    },
  ],
]);

/** Of `std/split`. */
export const splitHelpers: ReadonlyMap<string, StdHelper> = new Map([
  [
    "holdout",
    {
      inR: "holdout(n, share, seed = …, strata = …)",
      inJs: "holdout(n, share, { seed, strata })",
      what: "`train` and `test`: the numbers of the rows for each, in ascending order",
      formula: [
        "u₁ … uₙ are the first n draws from the seed; row i has uᵢ",
        "train: the ⌊share·n + ½⌋ rows with the least u, of equal ones the earlier",
        "with strata, the class of each row: so within each class",
        "rows count from 1 in R, from 0 in JavaScript; the seed is the step's, else 0",
      ],
      source: draws,
    },
  ],
  [
    "folds",
    {
      inR: "folds(n, k, seed = …, strata = …)",
      inJs: "folds(n, k, { seed, strata })",
      what: "k times `train` and `test`, so that each row is in one `test`",
      formula: [
        "u₁ … uₙ are the first n draws from the seed; row i has uᵢ",
        "rows in the order of u, with strata of class and then u: the j-th, from 0, is tested in",
        "fold j mod k + 1",
        "rows count from 1 in R, from 0 in JavaScript; the seed is the step's, else 0",
      ],
      source: draws,
    },
  ],
]);
