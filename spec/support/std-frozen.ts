/** What scikit-learn 1.9.1 says of these cases; spec/mlflow-scikit.spec.ts asks it again where it is installed. */
import type { Case } from "./std-metrics.ts";

export const frozen: readonly {
  readonly metric: string;
  readonly name: string;
  readonly given: Omit<Case, "metric">;
  readonly expected: number;
}[] = [
  {
    metric: "rmse",
    name: "seven numbers",
    given: { truth: [3, -0.5, 2, 7, 1.25, -4, 0.1], guess: [2.5, 0, 2, 8, 1.5, -3.75, 0.3] },
    expected: 0.48770600043175893,
  },
  {
    metric: "mae",
    name: "seven numbers",
    given: { truth: [3, -0.5, 2, 7, 1.25, -4, 0.1], guess: [2.5, 0, 2, 8, 1.5, -3.75, 0.3] },
    expected: 0.38571428571428573,
  },
  {
    metric: "r2",
    name: "seven numbers",
    given: { truth: [3, -0.5, 2, 7, 1.25, -4, 0.1], guess: [2.5, 0, 2, 8, 1.5, -3.75, 0.3] },
    expected: 0.9757407349589434,
  },
  {
    metric: "r2",
    name: "a guess worse than the mean",
    given: { truth: [3, -0.5, 2, 7, 1.25, -4, 0.1], guess: [0, 1, 2, 3, 4, 5, 6] },
    expected: -1.1945892784663905,
  },
  {
    metric: "accuracy",
    name: "four animals",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
    },
    expected: 0.4444444444444444,
  },
  {
    metric: "precision",
    name: "four animals, macro",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "macro" },
    },
    expected: 0.275,
  },
  {
    metric: "precision",
    name: "four animals, micro",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "micro" },
    },
    expected: 0.4444444444444444,
  },
  {
    metric: "precision",
    name: "four animals, weighted",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "weighted" },
    },
    expected: 0.36666666666666664,
  },
  {
    metric: "precision",
    name: "yes among yes and no",
    given: {
      truth: ["yes", "no", "no", "yes", "yes", "no", "no"],
      guess: ["yes", "yes", "no", "no", "yes", "no", "no"],
      options: { positive: "yes" },
    },
    expected: 0.6666666666666666,
  },
  {
    metric: "recall",
    name: "four animals, macro",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "macro" },
    },
    expected: 0.3333333333333333,
  },
  {
    metric: "recall",
    name: "four animals, micro",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "micro" },
    },
    expected: 0.4444444444444444,
  },
  {
    metric: "recall",
    name: "four animals, weighted",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "weighted" },
    },
    expected: 0.4444444444444444,
  },
  {
    metric: "recall",
    name: "yes among yes and no",
    given: {
      truth: ["yes", "no", "no", "yes", "yes", "no", "no"],
      guess: ["yes", "yes", "no", "no", "yes", "no", "no"],
      options: { positive: "yes" },
    },
    expected: 0.6666666666666666,
  },
  {
    metric: "f1",
    name: "four animals, macro",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "macro" },
    },
    expected: 0.2875,
  },
  {
    metric: "f1",
    name: "four animals, micro",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "micro" },
    },
    expected: 0.4444444444444444,
  },
  {
    metric: "f1",
    name: "four animals, weighted",
    given: {
      truth: ["cat", "dog", "pig", "cat", "dog", "pig", "pig", "cat", "cow"],
      guess: ["cat", "pig", "dog", "cat", "cat", "dog", "pig", "cat", "cat"],
      options: { average: "weighted" },
    },
    expected: 0.38333333333333336,
  },
  {
    metric: "f1",
    name: "yes among yes and no",
    given: {
      truth: ["yes", "no", "no", "yes", "yes", "no", "no"],
      guess: ["yes", "yes", "no", "no", "yes", "no", "no"],
      options: { positive: "yes" },
    },
    expected: 0.6666666666666666,
  },
  {
    metric: "auc",
    name: "eight scores with ties",
    given: { truth: [0, 0, 1, 1, 1, 0, 1, 0], guess: [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.05] },
    expected: 0.8125,
  },
  {
    metric: "log_loss",
    name: "eight probabilities",
    given: { truth: [0, 0, 1, 1, 1, 0, 1, 0], guess: [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.05] },
    expected: 0.4341152476152784,
  },
  {
    metric: "log_loss",
    name: "probabilities of 0 and 1",
    given: { truth: [1, 0, 1], guess: [0, 0.5, 1] },
    expected: 12.245600189892366,
  },
  {
    metric: "auc",
    name: "three classes",
    given: {
      truth: ["a", "b", "c", "a", "b", "c", "a", "c"],
      guess: [
        { a: 0.7, b: 0.2, c: 0.1 },
        { a: 0.3, b: 0.4, c: 0.3 },
        { a: 0.25, b: 0.25, c: 0.5 },
        { a: 0.2, b: 0.5, c: 0.3 },
        { a: 0.1, b: 0.8, c: 0.1 },
        { a: 0.5, b: 0.3, c: 0.2 },
        { a: 0.4, b: 0.35, c: 0.25 },
        { a: 0.125, b: 0.125, c: 0.75 },
      ],
    },
    expected: 0.8240740740740741,
  },
  {
    metric: "log_loss",
    name: "three classes",
    given: {
      truth: ["a", "b", "c", "a", "b", "c", "a", "c"],
      guess: [
        { a: 0.7, b: 0.2, c: 0.1 },
        { a: 0.3, b: 0.4, c: 0.3 },
        { a: 0.25, b: 0.25, c: 0.5 },
        { a: 0.2, b: 0.5, c: 0.3 },
        { a: 0.1, b: 0.8, c: 0.1 },
        { a: 0.5, b: 0.3, c: 0.2 },
        { a: 0.4, b: 0.35, c: 0.25 },
        { a: 0.125, b: 0.125, c: 0.75 },
      ],
    },
    expected: 0.8265131296101473,
  },
];
