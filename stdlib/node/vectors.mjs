/** Turns the value of a metric's variable into points: one number, or a vector of them with its steps. */
import { describe } from "./json.mjs";
import { Problem } from "./problem.mjs";

/** @typedef {{ readonly values: number[], readonly steps: number[] }} Points */

/** @param {string} key @param {unknown} value @returns {number} finite; a truth value is 1 or 0 */
export function toNumber(key, value) {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  throw new Problem(
    "R0802",
    `the metric \`${key}\` is ${describe(value)}, not a finite number`,
    Array.isArray(value)
      ? `declare it over something: metric ${key} over step`
      : "assign one finite number",
  );
}

/** @param {string} key @param {unknown} value @returns {Points} */
export function toPoints(key, value) {
  const entries = entriesOf(value);
  if (!entries)
    throw new Problem(
      "R0802",
      `the metric \`${key}\` is ${describe(value)}, not a vector of numbers`,
      "assign an array, its first element is step 1; or an object or Map whose keys are the steps",
    );
  if (entries.length === 0)
    throw new Problem(
      "R0802",
      `the metric \`${key}\` is an empty vector`,
      "assign at least one number",
    );
  return {
    steps: entries.map(([step]) => toStep(key, step)),
    values: entries.map(([step, it]) => toNumber(`${key}[${String(step)}]`, it)),
  };
}

/** @param {unknown} value @returns {[unknown, unknown][] | undefined} pairs of step and value */
function entriesOf(value) {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)))
    return Array.from(/** @type {ArrayLike<unknown>} */ (value), (it, i) => [i + 1, it]);
  if (value instanceof Map) return [...value];
  return typeof value === "object" && value !== null ? Object.entries(value) : undefined;
}

/** @param {string} key @param {unknown} step @returns {number} */
function toStep(key, step) {
  const number = typeof step === "string" && /^-?\d+$/.test(step) ? Number(step) : step;
  if (Number.isSafeInteger(number)) return /** @type {number} */ (number);
  throw new Problem(
    "R0802",
    `the metric \`${key}\` has the step \`${String(step)}\`, which is not a whole number`,
    "name the steps by whole numbers",
  );
}
