/**
 * `holdout` and `folds`: which rows are for training and which for testing; the same rows as in R for a seed, counted from 0.
 *
 * Row i has the number that SplitMix64 draws for it from the seed, as sweeps draw; rows are chosen by the order of these
 * numbers. `Math.random` is neither used nor moved.
 */
import { labelsOf, refuse, sortedClasses } from "./metric-values.mjs";

const golden = 0x9e3779b97f4a7c15n;

/** @typedef {{ readonly train: number[], readonly test: number[] }} Split rows by their index, in ascending order */
/** @typedef {{ readonly seed?: number, readonly strata?: ArrayLike<unknown> }} Options */

/** The first n draws of SplitMix64 from the seed, in [0, 1). @param {number} n @param {number} seed */
function drawsOf(n, seed) {
  const draws = new Float64Array(n);
  let state = BigInt(seed);
  for (let i = 0; i < n; i++) {
    state = BigInt.asUintN(64, state + golden);
    let z = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    draws[i] = Number((z ^ (z >> 31n)) >> 11n) * 2 ** -53;
  }
  return draws;
}

/** @param {unknown} n @param {unknown} seed */
function check(n, seed) {
  if (!Number.isSafeInteger(n) || Number(n) < 2 || Number(n) >= 2 ** 31)
    throw refuse("`n` is no number of rows from 2", "give the number of rows: data.length");
  if (!Number.isSafeInteger(seed)) throw refuse("`seed` is no whole number", "give a whole number");
}

/** Number of each row's class, by the order of the classes; all 0 without strata. @param {ArrayLike<unknown> | undefined} strata @param {number} n */
function strataNumbers(strata, n) {
  if (strata === undefined) return Array.from({ length: n }, () => 0);
  const labels = labelsOf(strata, "strata");
  if (labels.length !== n)
    throw refuse(
      `\`strata\` is of length ${labels.length}, for ${n} rows`,
      "give the class of each row",
    );
  const numbers = new Map(sortedClasses(labels).map((label, at) => [label, at]));
  return labels.map((label) => numbers.get(label) ?? 0);
}

/** Rows by class, then by draw, then by index. @param {number} n @param {number} seed @param {ArrayLike<unknown> | undefined} strata */
function orderRows(n, seed, strata) {
  const draws = drawsOf(n, seed);
  const numbers = strataNumbers(strata, n);
  const rows = Array.from(draws, (_, row) => row);
  rows.sort((a, b) => numbers[a] - numbers[b] || draws[a] - draws[b] || a - b);
  return { rows, numbers };
}

/** @param {Uint8Array | Uint32Array} sides @param {number} testing @returns {Split} */
function splitBy(sides, testing) {
  /** @type {{ train: number[], test: number[] }} */
  const found = { train: [], test: [] };
  sides.forEach((side, row) => (side === testing ? found.test : found.train).push(row));
  return found;
}

/**
 * What code calls; `seed` is taken where it gives none.
 * @param {number} seed
 */
export function splitHelpers(seed) {
  return {
    /** @param {number} n @param {number} share @param {Options} [options] @returns {Split} */
    holdout: (n, share, options = {}) => holdout(n, share, { seed, ...options }),
    /** @param {number} n @param {number} k @param {Options} [options] @returns {Split[]} */
    folds: (n, k, options = {}) => folds(n, k, { seed, ...options }),
  };
}

/** @param {number} n @param {number} share @param {Options & { readonly seed: number }} options @returns {Split} */
function holdout(n, share, { seed, strata }) {
  check(n, seed);
  if (typeof share !== "number" || !(share > 0 && share < 1))
    throw refuse(
      "`share` is no number between 0 and 1",
      "give the part of the rows for training, such as 0.75",
    );
  const { rows, numbers } = orderRows(n, seed, strata);
  const testing = new Uint8Array(n);
  for (let start = 0, end = 0; start < n; start = end) {
    while (end < n && numbers[rows[end]] === numbers[rows[start]]) end++;
    const size = Math.floor(share * (end - start) + 0.5);
    for (let at = start + size; at < end; at++) testing[rows[at]] = 1;
  }
  const split = splitBy(testing, 1);
  const [none] = [
    ...(split.train.length === 0 ? ["training"] : []),
    ...(split.test.length === 0 ? ["testing"] : []),
  ];
  if (none === undefined) return split;
  throw refuse(
    `\`share\` leaves none of the ${n} rows for ${none}`,
    "choose another share, or take more rows",
  );
}

/** @param {number} n @param {number} k @param {Options & { readonly seed: number }} options @returns {Split[]} */
function folds(n, k, { seed, strata }) {
  check(n, seed);
  if (!Number.isSafeInteger(k) || k < 2 || k > n)
    throw refuse(`\`k\` is no whole number from 2 to ${n}`, "give the number of folds, such as 5");
  const fold = new Uint32Array(n);
  orderRows(n, seed, strata).rows.forEach((row, at) => (fold[row] = at % k));
  return Array.from({ length: k }, (_, j) => splitBy(fold, j));
}
