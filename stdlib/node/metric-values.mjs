/** What the standard metrics take: vectors of numbers, labels of classes, columns of scores; checked, with the place of what is wrong. */
import { Problem } from "./problem.mjs";

/** A mistake of the one who called; `argument` is the parameter that it is about. @param {string} message @param {string} fix @param {string} [argument] */
export function refuse(message, fix, argument) {
  return Object.assign(new Problem("R0802", message, fix), { argument });
}

/**
 * Sum of neighbours, then of those sums, and so on: of n numbers to within log2(n) roundings, in the same order as in R.
 * @param {ArrayLike<number>} values
 */
export function pairwiseSum(values) {
  let sums = Float64Array.from(values);
  while (sums.length > 1) {
    const half = new Float64Array(Math.ceil(sums.length / 2));
    for (let i = 0; i < half.length; i++) half[i] = sums[2 * i] + (sums[2 * i + 1] ?? 0);
    sums = half;
  }
  return sums[0] ?? 0;
}

/** @param {ArrayLike<number>} values */
export function pairwiseMean(values) {
  return pairwiseSum(values) / values.length;
}

/** @param {unknown} values @param {string} name @returns {unknown[]} */
function vectorOf(values, name) {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values))
    throw refuse(`\`${name}\` is no array`, `give \`${name}\` as one array`, name);
  const items = Array.from(/** @type {ArrayLike<unknown>} */ (/** @type {unknown} */ (values)));
  if (items.length === 0) throw refuse(`\`${name}\` has no element`, "give at least one", name);
  const at = items.findIndex((it) => it === null || it === undefined || Number.isNaN(it));
  if (at < 0) return items;
  throw refuse(`\`${name}[${at}]\` is missing`, "leave such rows out of both arrays", name);
}

/** @param {unknown} values @param {string} name @returns {number[]} */
export function numbersOf(values, name) {
  const items = vectorOf(values, name);
  const at = items.findIndex((it) => typeof it !== "number" || !Number.isFinite(it));
  if (at < 0) return /** @type {number[]} */ (items);
  throw typeof items[at] === "number"
    ? refuse(`\`${name}[${at}]\` is ${items[at]}`, "leave such rows out of both arrays", name)
    : refuse(`\`${name}[${at}]\` is no number`, "give an array of numbers", name);
}

/** Texts that are the same for the same class. @param {unknown} values @param {string} name @returns {string[]} */
export function labelsOf(values, name) {
  const items = vectorOf(values, name);
  const at = items.findIndex((it) => typeof it === "object" || typeof it === "function");
  if (at < 0) return items.map(String);
  throw refuse(`\`${name}[${at}]\` is no class`, "give texts, numbers or truth values", name);
}

/** In the order of code points, as in R. @param {readonly string[]} labels */
export function sortedClasses(labels) {
  const classes = [...new Set(labels)].map((label) => ({ label, bytes: Buffer.from(label) }));
  return classes.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ label }) => label);
}

/** @param {{ readonly length: number }} truth @param {{ readonly length: number }} other @param {string} name */
export function requireSameLength(truth, other, name) {
  if (truth.length === other.length) return;
  throw refuse(
    `\`truth\` is of length ${truth.length}, \`${name}\` of length ${other.length}`,
    "give two of the same length",
    name,
  );
}

/** @param {unknown} positive @param {readonly string[]} classes @returns {string} */
export function findClass(positive, classes) {
  const [label = ""] = labelsOf([positive], "positive");
  if (classes.includes(label)) return label;
  const known = classes.slice(0, 10).join(", ");
  throw refuse(`there is no class \`${label}\``, `the classes are: ${known}`);
}

/** Which elements are of the positive class. @param {unknown} truth @param {unknown} positive @returns {boolean[]} */
export function positivesOf(truth, positive) {
  const items = vectorOf(truth, "truth");
  const labels = labelsOf(items, "truth");
  const classes = sortedClasses(labels);
  if (positive !== undefined) {
    const wanted = findClass(positive, classes);
    return labels.map((label) => label === wanted);
  }
  if (items.every((it) => it === true || it === false || it === 0 || it === 1))
    return items.map(Boolean);
  throw refuse(
    "it is not said which class is the positive one",
    `name it, such as positive: "${classes.at(-1)}"`,
    "truth",
  );
}

/** @typedef {{ readonly labels: string[], readonly rows: Record<string, number>[] }} Columns a number for each class, row by row */

/**
 * The columns that `values` is, an array of objects; undefined where it is an array of numbers.
 * @param {unknown} truth @param {unknown} values @param {string} name @returns {Columns | undefined}
 */
export function columnsOf(truth, values, name) {
  if (!Array.isArray(values) || typeof values[0] !== "object" || values[0] === null)
    return undefined;
  const labels = labelsOf(truth, "truth");
  requireSameLength(labels, values, name);
  for (const label of new Set(labels))
    if (!Object.hasOwn(values[0], label))
      throw refuse(
        `\`${name}\` has no column for the class \`${label}\``,
        "name its columns by the classes",
        name,
      );
  const at = values.findIndex((row) => !Object.values(row).every(Number.isFinite));
  if (at < 0) return { labels, rows: values };
  throw refuse(
    `\`${name}[${at}]\` holds what is no finite number`,
    "leave such rows out, and give numbers only",
    name,
  );
}

/** @param {unknown} positive @param {string} name */
export function refusePositive(positive, name) {
  if (positive === undefined) return;
  throw refuse(
    `\`positive\` is for one column, and \`${name}\` has one for each class`,
    "leave `positive` out",
  );
}
