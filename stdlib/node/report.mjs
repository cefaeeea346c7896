/** Tells the runner what went wrong, with the place as the user knows it. */
import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { headingIn, placesIn, shownFile, traceOf, wordsOf } from "./errors.mjs";
import { fencePath, paddedCode } from "./fence.mjs";
import { Problem } from "./problem.mjs";
import { findSyntaxError } from "./syntax.mjs";
import { assigningLine, quotingLine } from "./variables.mjs";

/** @typedef {import("./errors.mjs").Place} Place */
/** @typedef {import("../../src/run/protocol.ts").StepFile} StepFile */
/**
 * @typedef {object} Reporting
 * @property {StepFile} step
 * @property {import("./events.mjs").Emit} emit
 * @property {import("./watch.mjs").Watch} watch
 * @property {readonly string[]} bindings names of the code's constants
 */
/**
 * @typedef {object} Finding
 * @property {string} code
 * @property {string} message
 * @property {string} fix
 * @property {Partial<Place>} place
 */

/** V8's words for code that stops in the middle. */
const unfinished = "Unexpected end of input";

/** @param {StepFile} step @returns {import("./errors.mjs").Own} */
function ownOf(step) {
  const fence = step.code.script ? undefined : fencePath(step);
  const folders = [step.folder, realpathSync(step.folder)];
  return { fence, shownAs: step.code.shownAs, folders };
}

/** What the code has thrown, as an error event. @param {Reporting} reporting @param {unknown} thrown */
export function reportThrown(reporting, thrown) {
  const own = ownOf(reporting.step);
  const stack = String(/** @type {Error} */ (thrown)?.stack ?? "");
  const finding =
    describeSyntax(reporting, thrown, stack) ??
    describeUnresolved(reporting, thrown) ??
    describeThrown(thrown, placesIn(stack, own));
  emit(reporting, "error", finding, traceOf(stack, own));
}

/** A problem with an output; its place is the line that assigned `variable` last. @param {Reporting} reporting @param {"warning" | "error"} level @param {unknown} problem @param {string | null} variable */
export function reportOutput(reporting, level, problem, variable) {
  const own = ownOf(reporting.step);
  const stack = String(/** @type {Error} */ (problem)?.stack ?? "");
  const thrown = describeThrown(problem, placesIn(stack, own));
  const { path, shownAs, line: first } = reporting.step.code;
  const line = variable === null ? undefined : assigningLine(readFileSync(path, "utf8"), variable);
  const place =
    thrown.place.line !== undefined || line === undefined
      ? thrown.place
      : { file: shownAs, line: line + first - 1 };
  emit(reporting, level, { ...thrown, place }, thrown.code === "R0810" ? traceOf(stack, own) : []);
}

/** @param {Reporting} reporting @param {"warning" | "error"} level @param {Finding} finding @param {readonly string[]} trace */
function emit({ step, emit: write }, level, { code, message, fix, place }, trace) {
  const { file = step.code.shownAs, line = null, column = null } = place;
  write(level, { code, message, fix, file, line, column, trace });
}

/** @param {unknown} thrown @param {readonly Place[]} places innermost first @returns {Finding} */
function describeThrown(thrown, places) {
  const [place] = places;
  if (thrown instanceof Problem)
    return { code: thrown.code, message: thrown.message, fix: thrown.fix, place: place ?? {} };
  const caller = places.find((it) => it.file.endsWith(".mlpipe"));
  const from =
    caller && place?.file !== caller.file
      ? ` (called from ${caller.file}:${caller.line}:${caller.column})`
      : "";
  return { code: "R0810", message: wordsOf(thrown) + from, fix: "", place: place ?? {} };
}

/** An error that Node found before it executed a module. @param {Reporting} reporting @param {unknown} thrown @param {string} stack @returns {Finding | undefined} */
function describeSyntax(reporting, thrown, stack) {
  const own = ownOf(reporting.step);
  const message = /** @type {Error} */ (thrown)?.message;
  const fix = thrown instanceof Problem ? thrown.fix : "";
  const place = headingIn(stack, own);
  if (place) return { code: "R0811", message: wordsOfSyntax(message), fix, place };
  if (!(thrown instanceof SyntaxError) || !stack.includes("compileSourceTextModule"))
    return undefined;
  return (
    checkAgain(reporting, own) ?? { code: "R0811", message: wordsOfSyntax(message), fix, place: {} }
  );
}

/** @param {Reporting} reporting @param {import("./errors.mjs").Own} own @returns {Finding | undefined} */
function checkAgain({ step, watch, bindings }, own) {
  const { url, source } = watch.last ?? { url: "", source: "" };
  const path = url.startsWith("file:") ? fileURLToPath(url) : "";
  const isFence = path === own.fence;
  const found = findSyntaxError(isFence ? paddedCode(step, bindings) : String(source));
  const file = shownFile(path, own);
  if (!found || file === undefined) return undefined;
  const { line, column } = isFence ? withinFence(step, found) : found;
  return {
    code: "R0811",
    message: wordsOfSyntax(found.message),
    fix: fixFor(found.message, bindings),
    place: { file, line, column },
  };
}

/** The end of unfinished code lies behind its last line break; the end of its last line is meant. @param {StepFile} step @param {{ line: number, column: number, message: string }} found */
function withinFence({ code }, found) {
  if (found.message !== unfinished) return found;
  const lines = readFileSync(code.path, "utf8").trimEnd().split("\n");
  return { line: code.line + lines.length - 1, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** @param {string} message */
function wordsOfSyntax(message) {
  return `the code is not valid: ${message.replace(/\s*\n\s*/g, " ")}`;
}

/** @param {string} message @param {readonly string[]} bindings */
function fixFor(message, bindings) {
  const twice = /^Identifier '(.*)' has already been declared/.exec(message)?.[1];
  if (twice !== undefined && bindings.includes(twice))
    return `\`${twice}\` is a param, input or secret of this step: use it as it is, or choose another name`;
  return message === unfinished ? "close the bracket or text that is still open" : "";
}

/** An import that leads nowhere. @param {Reporting} reporting @param {unknown} thrown @returns {Finding | undefined} */
function describeUnresolved({ step, watch }, thrown) {
  const code = /** @type {NodeJS.ErrnoException} */ (thrown)?.code;
  const { url, specifier } = watch.unresolved ?? {};
  if (
    (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") ||
    specifier === undefined ||
    !url
  )
    return undefined;
  const own = ownOf(step);
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  const isFence = path === own.fence;
  const line = quotingLine(readFileSync(isFence ? step.code.path : path, "utf8"), specifier);
  const place = {
    file: shownFile(path, own) ?? path,
    ...(line === undefined ? {} : { line: isFence ? line + step.code.line - 1 : line }),
  };
  const isPath = /^[./]/.test(specifier) || specifier.startsWith("file:");
  if (isPath)
    return {
      code: "R0810",
      message: `there is no file \`${specifier}\` to import`,
      fix: isFence ? "paths begin at the project's folder" : "",
      place,
    };
  return {
    code: "R0812",
    message: `the package \`${specifier}\` is not installed`,
    fix: `in the project's folder: npm install ${packageOf(specifier)}`,
    place,
  };
}

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
