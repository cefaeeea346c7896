/**
 * What the step's code starts with: params, inputs and secrets by the names of their variables. An input is by its format:
 * csv an array of objects, json its value, text one text with its line breaks, a model `{ predict(rows) }`; else its path.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { loadModel } from "./crate.mjs";
import { parseCsv } from "./csv.mjs";
import { parseHexFloat } from "./hex-float.mjs";
import { Problem } from "./problem.mjs";

const { process } = globalThis;

/** @param {import("../../src/run/protocol.ts").WireValue} value @returns {unknown} */
export function decode(value) {
  if (value === null || typeof value !== "object") return value;
  return "float" in value ? parseHexFloat(value.float) : value.map(decode);
}

/** @param {import("../../src/run/protocol.ts").StepFile} step @returns {Record<string, unknown>} */
export function readParams(step) {
  return Object.fromEntries(step.params.map(({ name, value }) => [name, decode(value)]));
}

/** @param {import("../../src/run/protocol.ts").StepFile} step @returns {Record<string, unknown>} */
export function readSecrets(step) {
  const entries = Object.entries(step.secrets);
  return Object.fromEntries(entries.map(([variable, from]) => [variable, process.env[from]]));
}

/** @param {import("../../src/run/protocol.ts").StepFile} step @returns {Record<string, unknown>} */
export function readInputs(step) {
  return Object.fromEntries(step.inputs.map((input) => [input.variable, readInput(input)]));
}

/** @param {import("../../src/run/protocol.ts").StepInput} input @returns {unknown} */
function readInput(input) {
  try {
    return input.kind === "model" ? readModel(input) : readArtifact(input);
  } catch (error) {
    const problem = /** @type {Error & { fix?: string }} */ (error);
    throw new Problem(
      "R0808",
      `the input \`${input.variable}\` cannot be read: ${problem.message}`,
      problem.fix ?? "look whether the file is there and of the declared format",
    );
  }
}

/** @param {Extract<import("../../src/run/protocol.ts").StepInput, { kind: "artifact" }>} input @returns {unknown} */
function readArtifact({ format, path }) {
  switch (format) {
    case "csv":
      return parseCsv(readText(path));
    case "json":
      return JSON.parse(readText(path));
    case "text":
      return readText(path);
    case "rds":
    case "parquet":
      throw new Problem("R0808", `Node cannot read ${format}`, "hand it over as csv or json");
    default:
      return path;
  }
}

/** @param {string} path @returns {string} without a byte order mark */
function readText(path) {
  return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
}

/** @param {Extract<import("../../src/run/protocol.ts").StepInput, { kind: "model" }>} input @returns {unknown} */
function readModel({ flavor, path }) {
  if (flavor === "crate") return loadModel(path);
  const data = readdirSync(path).filter((name) => name !== "MLmodel" && name !== "probe.json");
  return data.length === 1 ? join(path, data[0]) : path;
}
