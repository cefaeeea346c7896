/** JSON whose numbers keep every bit: a negative zero stays one, and what JSON cannot say is refused instead of becoming null. */
import { Problem } from "./problem.mjs";
import { parseHexFloat, printHexFloat } from "./hex-float.mjs";

/** A raw JSON text, because `JSON.stringify(-0)` is 0. Node 22's types lack the function. */
export const negativeZero = /** @type {{ rawJSON: (text: string) => object }} */ (
  /** @type {unknown} */ (JSON)
).rawJSON("-0");

/**
 * Text of `value` as `JSON.stringify` has it.
 * @param {unknown} value @param {string} what for messages, e.g. "the artifact `x`" @returns {string}
 */
export function printJson(value, what) {
  const refuse = (/** @type {string} */ holds, /** @type {string} */ key) =>
    new Problem(
      "R0802",
      `${what} holds ${holds}${key === "" ? "" : ` at \`${key}\``}, which JSON cannot say`,
      "replace it by null or a text",
    );
  const replace = (/** @type {string} */ key, /** @type {unknown} */ it) => {
    if (typeof it === "bigint") throw refuse("a bigint", key);
    if (typeof it !== "number") return it;
    if (!Number.isFinite(it)) throw refuse(String(it), key);
    return Object.is(it, -0) ? negativeZero : it;
  };
  const text = JSON.stringify(value, replace, 1);
  if (text === undefined) throw refuse(`a ${typeof value}`, "");
  return `${text}\n`;
}

/** A key that marks a number which JSON lacks: `{"$float":"inf"}`; keys that look like it get one more `$`. */
const mark = "$float";
const marked = /^\$+float$/;

/**
 * Text of a crate's state: JSON values and, beyond JSON, NaN and the infinities; anything else is refused.
 * @param {unknown} state @returns {string}
 */
export function printState(state) {
  return JSON.stringify(encode(state, "state"));
}

/** @param {unknown} it @param {string} path @returns {unknown} */
function encode(it, path) {
  if (it === null || typeof it === "boolean" || typeof it === "string") return it;
  if (typeof it === "number") return encodeNumber(it);
  if (Array.isArray(it)) return Array.from(it, (element, i) => encode(element, `${path}[${i}]`));
  if (!isPlainObject(it))
    throw new Problem(
      "R0802",
      `\`${path}\` of the crate is ${describe(it)}; a crate keeps only JSON values`,
      "keep numbers, texts, arrays and plain objects; for a typed array write Array.from(…)",
    );
  return Object.fromEntries(
    Object.entries(it).map(([key, value]) => [
      marked.test(key) ? `$${key}` : key,
      encode(value, `${path}.${key}`),
    ]),
  );
}

/** @param {number} it */
function encodeNumber(it) {
  if (!Number.isFinite(it)) return { [mark]: printHexFloat(it) };
  return Object.is(it, -0) ? negativeZero : it;
}

/** @param {string} text @returns {any} */
export function parseState(text) {
  return JSON.parse(text, (_, it) => {
    if (it === null || typeof it !== "object" || Array.isArray(it)) return it;
    const keys = Object.keys(it);
    if (!keys.some((key) => marked.test(key))) return it;
    if (typeof it[mark] === "string") return parseHexFloat(it[mark]);
    return Object.fromEntries(keys.map((key) => [key.replace(/^\$(\$+float)$/, "$1"), it[key]]));
  });
}

/** @param {unknown} it @returns {it is Record<string, unknown>} */
function isPlainObject(it) {
  if (typeof it !== "object" || it === null) return false;
  const prototype = Object.getPrototypeOf(it);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @param {unknown} it @returns {string} `a function`, `a Map`, `undefined` */
export function describe(it) {
  if (it === undefined || it === null) return String(it);
  if (typeof it === "number") return Number.isFinite(it) ? "a number" : String(it);
  if (typeof it !== "object") return `a ${typeof it}`;
  if (Array.isArray(it)) return "an array";
  const name = it.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}
