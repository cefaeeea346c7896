/**
 * The standard metrics: `metric accuracy = accuracy(truth, guess)` calls them, and code does as `metrics.accuracy(truth, guess)`.
 * The same definitions as in R, to the last bit but for log_loss; `mlpipe docs std/metrics` prints them with their sources.
 *
 * Classes are compared by their text and ordered by code points. What has no value (no element, a missing one, one class where two are
 * needed) is an error that says so.
 */
import {
  columnsOf,
  findClass,
  labelsOf,
  numbersOf,
  pairwiseMean,
  pairwiseSum,
  positivesOf,
  refuse,
  refusePositive,
  requireSameLength,
  sortedClasses,
} from "./metric-values.mjs";

/** @typedef {ArrayLike<unknown>} Vector */
/** @typedef {{ readonly average?: string, readonly positive?: unknown }} Options */

/** @param {Vector} truth @param {Vector} guess @param {(t: number, g: number) => number} term @returns {number[]} */
function terms(truth, guess, term) {
  const [t, g] = [numbersOf(truth, "truth"), numbersOf(guess, "guess")];
  requireSameLength(t, g, "guess");
  return t.map((it, i) => term(it, g[i]));
}

/** @param {number} number */
const square = (number) => number * number;

/** @param {Vector} truth @param {Vector} guess */
export function rmse(truth, guess) {
  return Math.sqrt(pairwiseMean(terms(truth, guess, (t, g) => square(t - g))));
}

/** @param {Vector} truth @param {Vector} guess */
export function mae(truth, guess) {
  return pairwiseMean(terms(truth, guess, (t, g) => Math.abs(t - g)));
}

/** @param {Vector} truth @param {Vector} guess */
export function r2(truth, guess) {
  const left = pairwiseSum(terms(truth, guess, (t, g) => square(t - g)));
  const real = numbersOf(truth, "truth");
  const mean = pairwiseMean(real);
  const all = pairwiseSum(real.map((it) => square(it - mean)));
  if (all > 0 && real.some((it) => it !== real[0])) return 1 - left / all;
  throw refuse(
    "all elements of `truth` are alike: there is no variance to explain",
    "use rmse or mae",
    "truth",
  );
}

/** @param {Vector} truth @param {Vector} guess @returns {[string[], string[]]} */
function twoLabels(truth, guess) {
  const both = [labelsOf(truth, "truth"), labelsOf(guess, "guess")];
  requireSameLength(both[0], both[1], "guess");
  return /** @type {[string[], string[]]} */ (both);
}

/** @param {Vector} truth @param {Vector} guess */
export function accuracy(truth, guess) {
  const [real, guessed] = twoLabels(truth, guess);
  return real.filter((label, i) => label === guessed[i]).length / real.length;
}

/** @typedef {{ hits: number, guessed: number, real: number }} Counts of one class */
/** @typedef {(counts: Counts) => number} Score */

/** In the order of the classes. @param {readonly string[]} truth @param {readonly string[]} guess */
function countClasses(truth, guess) {
  const classes = sortedClasses([...truth, ...guess]);
  const counts = new Map(classes.map((label) => [label, { hits: 0, guessed: 0, real: 0 }]));
  const of = (/** @type {string} */ label) => /** @type {Counts} */ (counts.get(label));
  truth.forEach((label, i) => {
    of(label).real++;
    of(guess[i]).guessed++;
    if (label === guess[i]) of(label).hits++;
  });
  return counts;
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole === 0 ? 0 : part / whole;
}

/** @param {Vector} truth @param {Vector} guess @param {Options} options @param {Score} score */
function classMean(truth, guess, { average = "macro", positive }, score) {
  const [real, guessed] = twoLabels(truth, guess);
  const counts = countClasses(real, guessed);
  if (positive !== undefined)
    return score(/** @type {Counts} */ (counts.get(findClass(positive, [...counts.keys()]))));
  const all = [...counts.values()];
  if (average === "macro") return pairwiseMean(all.map(score));
  if (average === "micro") return score(addUp(all));
  if (average === "weighted")
    return pairwiseSum(all.map((it) => score(it) * it.real)) / real.length;
  throw refuse('`average` is one of "macro", "micro" and "weighted"', "choose one of them");
}

/** @param {readonly Counts[]} all @returns {Counts} */
function addUp(all) {
  return all.reduce((a, b) => ({
    hits: a.hits + b.hits,
    guessed: a.guessed + b.guessed,
    real: a.real + b.real,
  }));
}

/** @param {Vector} truth @param {Vector} guess @param {Options} [options] */
export function precision(truth, guess, options = {}) {
  return classMean(truth, guess, options, ({ hits, guessed }) => share(hits, guessed));
}

/** @param {Vector} truth @param {Vector} guess @param {Options} [options] */
export function recall(truth, guess, options = {}) {
  return classMean(truth, guess, options, ({ hits, real }) => share(hits, real));
}

/** @param {Vector} truth @param {Vector} guess @param {Options} [options] */
export function f1(truth, guess, options = {}) {
  return classMean(truth, guess, options, (it) => share(2 * it.hits, it.guessed + it.real));
}

/** A row for each pair of classes, by `truth` first. @param {Vector} truth @param {Vector} guess */
export function confusion(truth, guess) {
  const [real, guessed] = twoLabels(truth, guess);
  const classes = sortedClasses([...real, ...guessed]);
  const rows = classes.flatMap((t) => classes.map((g) => ({ truth: t, guess: g, count: 0 })));
  const places = new Map(classes.map((label, at) => [label, at]));
  const at = (/** @type {string} */ label) => places.get(label) ?? 0;
  real.forEach((label, i) => rows[at(label) * classes.length + at(guessed[i])].count++);
  return rows;
}

/**
 * Share of pairs, one of either side, in which the positive one has the higher score; a tie counts half.
 * @param {readonly boolean[]} real @param {readonly number[]} score
 */
function pairShare(real, score) {
  const order = score.map((_, i) => i).sort((a, b) => score[a] - score[b]);
  let ranks = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    let positives = 0;
    for (; end < order.length && score[order[end]] === score[order[start]]; end++)
      positives += Number(real[order[end]]);
    ranks += (positives * (start + 1 + end)) / 2;
  }
  const positive = real.filter(Boolean).length;
  return (ranks - (positive * (positive + 1)) / 2) / (positive * (real.length - positive));
}

/** @param {string} which @returns {Error} */
function oneClass(which) {
  return refuse(
    "all elements of `truth` are of one class: there is nothing to tell apart",
    `give rows of ${which} classes`,
    "truth",
  );
}

/** @param {Vector} truth @param {Vector | readonly object[]} score @param {Options} [options] */
export function auc(truth, score, { positive } = {}) {
  const columns = columnsOf(truth, score, "score");
  if (columns) return handTill(columns, positive);
  const real = positivesOf(truth, positive);
  const numbers = numbersOf(score, "score");
  requireSameLength(real, numbers, "score");
  if (real.every((it) => it === real[0])) throw oneClass("both");
  return pairShare(real, numbers);
}

/**
 * The mean over all pairs of classes of how well either one's column tells the two apart.
 * @param {import("./metric-values.mjs").Columns} columns @param {unknown} positive
 */
function handTill(columns, positive) {
  refusePositive(positive, "score");
  const classes = sortedClasses(columns.labels);
  if (classes.length < 2) throw oneClass("two");
  const shares = classes.flatMap((a, i) =>
    classes.slice(i + 1).map((b) => twoClasses(columns, a, b)),
  );
  return pairwiseMean(shares);
}

/** @param {import("./metric-values.mjs").Columns} columns @param {string} a @param {string} b */
function twoClasses({ labels, rows }, a, b) {
  const among = rows.map((_, i) => i).filter((i) => labels[i] === a || labels[i] === b);
  const shareOf = (/** @type {string} */ label) =>
    pairShare(
      among.map((i) => labels[i] === label),
      among.map((i) => rows[i][label]),
    );
  return (shareOf(a) + shareOf(b)) / 2;
}

/** @param {Vector} truth @param {Vector | readonly object[]} probability @param {Options} [options] */
export function log_loss(truth, probability, { positive } = {}) {
  const columns = columnsOf(truth, probability, "probability");
  const said = columns
    ? saidInColumns(columns, positive)
    : saidOfTruth(truth, probability, positive);
  const tiny = Number.EPSILON;
  return pairwiseMean(said.map((it) => -Math.log(Math.min(Math.max(it, tiny), 1 - tiny))));
}

/** @param {Vector} truth @param {Vector} probability @param {unknown} positive @returns {number[]} */
function saidOfTruth(truth, probability, positive) {
  const real = positivesOf(truth, positive);
  const numbers = numbersOf(probability, "probability");
  requireSameLength(real, numbers, "probability");
  const at = numbers.findIndex((it) => it < 0 || it > 1);
  if (at < 0) return numbers.map((it, i) => (real[i] ? it : 1 - it));
  throw refuse(
    `\`probability[${at}]\` is ${numbers[at]}`,
    "a probability lies in 0..1",
    "probability",
  );
}

/** @param {import("./metric-values.mjs").Columns} columns @param {unknown} positive @returns {number[]} */
function saidInColumns({ labels, rows }, positive) {
  refusePositive(positive, "probability");
  const at = rows.map((row) => Object.values(row)).findIndex(isNoDistribution);
  if (at < 0) return rows.map((row, i) => row[labels[i]]);
  throw refuse(
    `\`probability[${at}]\` is no distribution`,
    "the numbers of a row lie in 0..1, and their sum is 1",
    "probability",
  );
}

/** @param {readonly number[]} row */
function isNoDistribution(row) {
  const isOutside = row.some((it) => it < 0 || it > 1);
  return isOutside || Math.abs(pairwiseSum(row) - 1) > 0.001;
}
