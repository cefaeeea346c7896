/** The standard metrics: what each takes, which way is better, where its values lie, and its definition with its source. */
import type { Domain, Goal, ListDomain, RangeDomain } from "../program.ts";

export interface StdFunction {
  /** Names of its arguments, in order: variables of the code. All are needed. */
  readonly takes: readonly string[];
  /** What may be given by name; a value lies in its domain, where it has one. */
  readonly options: Readonly<Record<string, ListDomain | undefined>>;
  /** For a metric that states none. */
  readonly goal: Goal;
  /** For a metric that states none. */
  readonly domain: Domain;
  readonly what: string;
  /** The definition, in lines; t and g are the elements of the two arguments. */
  readonly formula: readonly string[];
  readonly source: string;
}

const share: RangeDomain = {
  kind: "range",
  low: 0,
  lowOpen: false,
  high: 1,
  highOpen: false,
  by: undefined,
};
const distance: RangeDomain = { ...share, high: Infinity };
const atMostOne: RangeDomain = { ...share, low: -Infinity };

const error = {
  takes: ["truth", "guess"],
  options: {},
  goal: "minimize",
  domain: distance,
} as const;
const score = { ...error, goal: "maximize", domain: share } as const;

const averages: ListDomain = { kind: "list", values: ["macro", "micro", "weighted"] };
const byClass = { ...score, options: { average: averages, positive: undefined } };
const averaged = [
  "macro: the plain mean over the classes; micro: of all classes counted together;",
  "weighted: the mean with each class as often as in truth; positive: of that class alone",
];
const tables =
  "Sokolova and Lapalme 2009, tables 2 and 3; scikit-learn, precision_recall_fscore_support";

/** What `import … from "std/metrics"` may name; a metric may call them without an import. */
export const stdMetrics: ReadonlyMap<string, StdFunction> = new Map<string, StdFunction>([
  [
    "rmse",
    {
      ...error,
      what: "root of the mean squared difference",
      formula: ["√( Σ(t - g)² / n )"],
      source: "Hyndman and Koehler 2006, section 2.1",
    },
  ],
  [
    "mae",
    {
      ...error,
      what: "mean of the absolute differences",
      formula: ["Σ|t - g| / n"],
      source: "Hyndman and Koehler 2006, section 2.1",
    },
  ],
  [
    "r2",
    {
      ...score,
      domain: atMostOne,
      what: "share of the variance of `truth` that `guess` explains",
      formula: ["1 - Σ(t - g)² / Σ(t - mean(t))²", "an error where all of truth are alike"],
      source: "Draper and Smith 1998, chapter 1; scikit-learn, r2_score",
    },
  ],
  [
    "accuracy",
    {
      ...score,
      what: "share of guesses that are right",
      formula: ["(number of t = g) / n"],
      source: "Sokolova and Lapalme 2009, table 2; scikit-learn, accuracy_score",
    },
  ],
  [
    "precision",
    {
      ...byClass,
      what: "mean over classes: of those guessed so, the share that are so",
      formula: ["of a class: hits / guessed, and 0 where it is never guessed", ...averaged],
      source: tables,
    },
  ],
  [
    "recall",
    {
      ...byClass,
      what: "mean over classes: of those that are so, the share guessed so",
      formula: ["of a class: hits / real, and 0 where it is not in truth", ...averaged],
      source: tables,
    },
  ],
  [
    "f1",
    {
      ...byClass,
      what: "mean over classes: harmonic mean of precision and recall",
      formula: ["of a class: 2 hits / (guessed + real)", ...averaged],
      source:
        "scikit-learn, f1_score; Sokolova and Lapalme 2009 take the one of the two means instead",
    },
  ],
  [
    "auc",
    {
      ...score,
      takes: ["truth", "score"],
      options: { positive: undefined },
      what: "share of pairs of two classes that `score` puts in the right order",
      formula: [
        "(R - p(p + 1)/2) / (p q), with p positive and q other elements, and R the sum of the",
        "positive ones' ranks by score, ties by their middle rank",
        "score: a number for the positive class, which is true, or 1 beside 0, or named;",
        "or a column for each class: the mean over all pairs of classes a, b of",
        "(auc of a against b by column a + auc of b against a by column b) / 2",
      ],
      source:
        "Hanley and McNeil 1982; Hand and Till 2001; scikit-learn, roc_auc_score (ovo, macro)",
    },
  ],
  [
    "log_loss",
    {
      ...error,
      takes: ["truth", "probability"],
      options: { positive: undefined },
      what: "mean of -ln of the probability that was given to the true class",
      formula: [
        "-Σ ln(clip(p)) / n, p the probability of the true class, clipped to ε..1-ε, ε = 2^-52",
        "probability: of the positive class, which is true, or 1 beside 0, or named;",
        "or a column for each class, each row of which adds up to 1 within 0.001",
      ],
      source: "Bishop 2006, page 209; scikit-learn, log_loss",
    },
  ],
]);
