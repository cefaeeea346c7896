/**
 * Models of Node: a function's source and its JSON state, nothing else (flavor `mlpipe_node`, file `model.json`).
 *
 * The function is rebuilt from its source the moment it is crated, so what it would miss after loading it misses at once:
 * it sees its arguments and the language's globals, none of the code's variables.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { describe, negativeZero, parseState, printState } from "./json.mjs";
import { Problem } from "./problem.mjs";

/** @typedef {{ readonly source: string, readonly state: string }} Parts the function, and its state as text */
/** @typedef {{ readonly predict: (rows: unknown) => unknown }} Model */

export const modelFile = "model.json";
const format = "mlpipe_node";
export const version = "0.1.0";

/** @type {WeakMap<object, Parts>} */
const partsOf = new WeakMap();

/**
 * Makes a model: `predict(rows)` calls `predictor(state, rows)`.
 * @param {Function} predictor @param {unknown} [state] JSON values; NaN and the infinities too @returns {Model}
 */
export function crate(predictor, state = null) {
  if (typeof predictor !== "function")
    throw new Problem(
      "R0802",
      `crate() needs a function first, not ${describe(predictor)}`,
      "write: crate((state, rows) => …, state)",
    );
  return rebuild({ source: sourceOf(predictor), state: printState(state) });
}

/** @param {Function} predictor */
function sourceOf(predictor) {
  const text = Function.prototype.toString.call(predictor);
  for (const candidate of [text, `({${text}})[${JSON.stringify(predictor.name)}]`])
    if (compiles(candidate)) return candidate;
  throw new Problem(
    "R0802",
    "crate() cannot keep this function: it has no source of its own",
    "write it as an arrow function: crate((state, rows) => …, state)",
  );
}

/** @param {string} source */
function compiles(source) {
  try {
    return typeof evaluate(source) === "function" && !/^class\b/.test(source);
  } catch {
    return false;
  }
}

/** @param {string} source */
function evaluate(source) {
  return new Script(`"use strict"; (${source}\n)`, { filename: "crate" }).runInThisContext();
}

/** @param {Parts} parts @returns {Model} */
function rebuild(parts) {
  const predictor = evaluate(parts.source);
  const state = parseState(parts.state);
  const model = Object.freeze({ predict: (/** @type {unknown} */ rows) => predictor(state, rows) });
  partsOf.set(model, parts);
  return model;
}

/** Text of the file that keeps `model`; undefined when it is no crate. @param {unknown} model */
export function printModel(model) {
  const parts = typeof model === "object" && model !== null ? partsOf.get(model) : undefined;
  if (!parts) return undefined;
  const { source, state } = parts;
  return `${JSON.stringify({ format, version, source, state: JSON.parse(state, keepZero) }, null, 1)}\n`;
}

/** @param {string} _ @param {unknown} it */
function keepZero(_, it) {
  return Object.is(it, -0) ? negativeZero : it;
}

/** @param {string} folder the folder that holds `model.json` @returns {Model} */
export function loadModel(folder) {
  const file = join(folder, modelFile);
  if (!existsSync(file))
    throw new Problem(
      "R0808",
      `its folder holds no ${modelFile}`,
      "a crate of R can be used in R only: hand over its predictions as csv",
    );
  const kept = JSON.parse(readFileSync(file, "utf8"));
  if (kept.format !== format || typeof kept.source !== "string")
    throw new Problem("R0808", `${modelFile} is not a crate of Node`, "let a Node step make it");
  return rebuild({ source: kept.source, state: JSON.stringify(kept.state, keepZero) });
}
