/**
 * The standard metrics, as `metric accuracy = accuracy(truth, guess)` calls them. `truth` and `guess` are arrays of equal
 * length. Regression, with t and g the numbers: rmse = √mean((t-g)²), mae = mean(|t-g|), r2 = 1 - Σ(t-g)²/Σ(t-mean(t))².
 * Classes are compared by their text. accuracy is the share of equal pairs. precision, recall and f1 are macro averages:
 * the plain mean over all classes that occur in either array, of tp/(tp+fp), tp/(tp+fn) and 2tp/(2tp+fp+fn); a class for
 * which the divisor is 0 counts as 0.
 */
import { Problem } from "./problem.mjs";

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess @param {string} name @returns {[unknown, unknown][]} */
function pairs(truth, guess, name) {
  const refuse = (/** @type {string} */ why) =>
    new Problem("R0802", `${name}(truth, guess) ${why}`, "give two arrays of the same length");
  for (const it of [truth, guess])
    if (!Array.isArray(it) && !ArrayBuffer.isView(it)) throw refuse("needs two arrays");
  if (truth.length !== guess.length)
    throw refuse(`needs arrays of one length, not ${truth.length} and ${guess.length}`);
  if (truth.length === 0) throw refuse("needs at least one element");
  return Array.from(truth, (it, i) => [it, guess[i]]);
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess @param {string} name @returns {[number, number][]} */
function numberPairs(truth, guess, name) {
  const both = pairs(truth, guess, name);
  const odd = both.findIndex((pair) => pair.some((it) => typeof it !== "number"));
  if (odd >= 0)
    throw new Problem(
      "R0802",
      `${name}(truth, guess) needs numbers; element ${odd + 1} is not one`,
      "leave such rows out, or make them numbers",
    );
  return /** @type {[number, number][]} */ (both);
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess */
export function rmse(truth, guess) {
  const both = numberPairs(truth, guess, "rmse");
  return Math.sqrt(sum(both.map(([t, g]) => (t - g) ** 2)) / both.length);
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess */
export function mae(truth, guess) {
  const both = numberPairs(truth, guess, "mae");
  return sum(both.map(([t, g]) => Math.abs(t - g))) / both.length;
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess */
export function r2(truth, guess) {
  const both = numberPairs(truth, guess, "r2");
  const mean = sum(both.map(([t]) => t)) / both.length;
  return 1 - sum(both.map(([t, g]) => (t - g) ** 2)) / sum(both.map(([t]) => (t - mean) ** 2));
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess */
export function accuracy(truth, guess) {
  const both = pairs(truth, guess, "accuracy");
  return both.filter(([t, g]) => String(t) === String(g)).length / both.length;
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess */
export function precision(truth, guess) {
  return macro(pairs(truth, guess, "precision"), (hits, falsely) => share(hits, hits + falsely));
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess */
export function recall(truth, guess) {
  return macro(pairs(truth, guess, "recall"), (hits, _, missed) => share(hits, hits + missed));
}

/** @param {ArrayLike<unknown>} truth @param {ArrayLike<unknown>} guess */
export function f1(truth, guess) {
  return macro(pairs(truth, guess, "f1"), (hits, falsely, missed) =>
    share(2 * hits, 2 * hits + falsely + missed),
  );
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole === 0 ? 0 : part / whole;
}

/**
 * Mean of `score(hits, falsely guessed, missed)` over the classes in order of their text.
 * @param {[unknown, unknown][]} both @param {(hits: number, falsely: number, missed: number) => number} score
 */
function macro(both, score) {
  /** @type {Map<string, [number, number, number]>} */
  const counts = new Map();
  const count = (/** @type {string} */ label, /** @type {0 | 1 | 2} */ which) => {
    const row = counts.get(label) ?? [0, 0, 0];
    row[which]++;
    counts.set(label, row);
  };
  for (const [t, g] of both.map((pair) => pair.map(String))) {
    if (t === g) count(t, 0);
    else {
      count(g, 1);
      count(t, 2);
    }
  }
  const classes = [...counts.keys()].sort();
  return sum(classes.map((label) => score(...(counts.get(label) ?? [0, 0, 0])))) / classes.length;
}
