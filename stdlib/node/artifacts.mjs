/** Writes one output to its place, in its format; everything lands below the step's outputs. */
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { printCsv } from "./csv.mjs";
import { describe, printJson } from "./json.mjs";
import { Problem } from "./problem.mjs";

/** @typedef {import("../../src/run/protocol.ts").StepArtifact} StepArtifact */

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The absolute place of `path` below `root`, its folder made. @param {string} root @param {string} path */
export function placeBelow(root, path) {
  const place = resolve(root, path);
  if (!place.startsWith(resolve(root) + sep))
    throw new Problem("R0809", `\`${path}\` leaves the run's artifacts`, "give a path without ..");
  mkdirSync(dirname(place), { recursive: true });
  return place;
}

/**
 * Copies a file or folder. @param {string} from @param {string} to
 * @returns {boolean} whether it is a folder
 */
export function copy(from, to) {
  const folder = statSync(from).isDirectory();
  mkdirSync(dirname(to), { recursive: true });
  if (resolve(from) !== resolve(to)) cpSync(from, to, { recursive: true, dereference: true });
  return folder;
}

/** @param {StepArtifact} artifact @param {unknown} value @param {string} to @param {string} folder the project's @returns {boolean} whether it is a folder */
export function writeArtifact(artifact, value, to, folder) {
  switch (artifact.format) {
    case "csv":
      return writeText(to, printCsv(table(artifact, value), nameOf(artifact)));
    case "json":
      return writeText(to, printJson(value, nameOf(artifact)));
    case "text":
    case "html":
      return writeText(to, lines(artifact, value));
    case "png":
      return writePng(artifact, value, to, folder);
    case "file":
      return writeBytesOrCopy(artifact, value, to, folder);
    case "folder":
      return copyFolder(artifact, value, to, folder);
    default:
      throw new Problem(
        "R0809",
        `${nameOf(artifact)} cannot be written: Node cannot write ${artifact.format}`,
        "declare it as csv or json",
      );
  }
}

/** @param {StepArtifact} artifact */
function nameOf(artifact) {
  return `the artifact \`${artifact.key}\``;
}

/** @param {StepArtifact} artifact @param {unknown} value @param {string} fix */
function wrongKind(artifact, value, fix) {
  return new Problem(
    "R0802",
    `${nameOf(artifact)} is ${describe(value)}, which cannot be written as ${artifact.format}`,
    fix,
  );
}

/** @param {string} to @param {string} text */
function writeText(to, text) {
  writeFileSync(to, text);
  return false;
}

/** @param {StepArtifact} artifact @param {unknown} value @returns {Record<string, unknown>[]} */
function table(artifact, value) {
  const isRow = (/** @type {unknown} */ row) =>
    typeof row === "object" && row !== null && !Array.isArray(row);
  if (Array.isArray(value) && value.every(isRow)) return value;
  throw wrongKind(artifact, value, "assign an array of objects, one a row: [{ x: 1, y: 2 }, …]");
}

/** @param {StepArtifact} artifact @param {unknown} value */
function lines(artifact, value) {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string"))
    return value.map((line) => `${line}\n`).join("");
  throw wrongKind(artifact, value, "assign a text, or an array of texts, one a line");
}

/** @param {StepArtifact} artifact @param {unknown} value @param {string} to @param {string} folder */
function writePng(artifact, value, to, folder) {
  writeBytesOrCopy(artifact, value, to, folder);
  if (!readFileSync(to).subarray(0, 8).equals(pngSignature))
    throw new Problem(
      "R0802",
      `${nameOf(artifact)} is not a PNG image`,
      "give the bytes of a PNG, or the path of one",
    );
  return false;
}

/** @param {StepArtifact} artifact @param {unknown} value @param {string} to @param {string} folder */
function writeBytesOrCopy(artifact, value, to, folder) {
  if (value instanceof Uint8Array) {
    writeFileSync(to, value);
    return false;
  }
  const from = existing(artifact, value, folder);
  if (statSync(from).isDirectory()) throw wrongKind(artifact, value, "declare it as folder");
  return copy(from, to);
}

/** @param {StepArtifact} artifact @param {unknown} value @param {string} to @param {string} folder */
function copyFolder(artifact, value, to, folder) {
  const from = existing(artifact, value, folder);
  if (!statSync(from).isDirectory())
    throw new Problem("R0802", `${nameOf(artifact)} is a file, not a folder`, "declare it as file");
  return copy(from, to);
}

/** @param {StepArtifact} artifact @param {unknown} value @param {string} folder @returns {string} */
function existing(artifact, value, folder) {
  if (typeof value !== "string")
    throw wrongKind(artifact, value, `assign the path of the ${artifact.format}`);
  const from = resolve(folder, value);
  if (existsSync(from)) return from;
  throw new Problem(
    "R0802",
    `${nameOf(artifact)} is \`${value}\`, but there is nothing at that path`,
    "write the file before the code ends, or mend the path",
  );
}
