/** Turns what the code throws into an event: its words, and the place in the user's own files. */
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

/** @typedef {{ readonly file: string, readonly line: number, readonly column: number }} Place */
/** @typedef {{ readonly fence: string | undefined, readonly shownAs: string, readonly folders: readonly string[] }} Own the fence's path among modules, its name for people, the project's folder as given and without links */

/** `at name (file:line:column)` or `at file:line:column`; a path may hold blanks and brackets. */
const frame = /^\s*at (?:.*? \((.+):(\d+):(\d+)\)|(?:async )?((?:file:\/\/)?\/.+):(\d+):(\d+))$/;

/** @param {string} line of a stack @returns {Place | undefined} */
function parseFrame(line) {
  const [, named, nameLine, nameColumn, plain, plainLine, plainColumn] = frame.exec(line) ?? [];
  const file = named ?? plain;
  if (file === undefined || !/^(?:file:\/\/)?\//.test(file)) return undefined;
  return { file, line: Number(nameLine ?? plainLine), column: Number(nameColumn ?? plainColumn) };
}

/** What V8 puts above the message of a syntax error: the file and line, the line's text, a caret. */
const heading = /^((?:file:\/\/)?\/[^\n]*|):(\d+)\n(?:[^\n]+\n)+?([ \t]*)\^/;

/** @param {string} file a path or file URL @param {Own} own @returns {string | undefined} as people know it; undefined when it is not theirs */
export function shownFile(file, { fence, shownAs, folders }) {
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  if (path === fence) return shownAs;
  const folder = folders.find((it) => path.startsWith(it + sep));
  if (folder === undefined) return undefined;
  const parts = path.slice(folder.length + 1).split(sep);
  return parts.includes("node_modules") || parts[0] === ".mlpipe" ? undefined : parts.join("/");
}

/** Calls in the user's own files, innermost first. @param {string} stack @param {Own} own @returns {Place[]} */
export function placesIn(stack, own) {
  return stack.split("\n").flatMap((line) => {
    const place = parseFrame(line);
    const file = place && shownFile(place.file, own);
    return place && file !== undefined ? [{ ...place, file }] : [];
  });
}

/** Where a syntax error's heading points. @param {string} stack @param {Own} own @returns {Place | undefined} */
export function headingIn(stack, own) {
  const [, file, line, indent] = heading.exec(stack) ?? [];
  if (line === undefined) return undefined;
  const shown = file === "" ? own.shownAs : shownFile(file, own);
  return shown === undefined
    ? undefined
    : { file: shown, line: Number(line), column: indent.length + 1 };
}

/** Calls as Node prints them, innermost last, without Node's and mlpipe's own. @param {string} stack @param {Own} own @returns {string[]} */
export function traceOf(stack, own) {
  const calls = stack.split("\n").flatMap((line) => {
    const file = parseFrame(line)?.file;
    if (file === undefined || isOurs(file)) return [];
    return [line.trim().replace(file, shownFile(file, own) ?? file)];
  });
  return calls.reverse();
}

/** @param {string} file */
function isOurs(file) {
  return (
    file.startsWith(import.meta.dirname) || file.startsWith(new URL(".", import.meta.url).href)
  );
}

/** One line that says what was thrown. @param {unknown} thrown @returns {string} */
export function wordsOf(thrown) {
  if (!(thrown instanceof Error)) return clip(`the code threw ${inspect(thrown, { depth: 1 })}`);
  const name = thrown.name === "Error" || thrown.name === "" ? "" : `${thrown.name}: `;
  const cause =
    thrown.cause === undefined
      ? ""
      : ` (because: ${thrown.cause instanceof Error ? thrown.cause.message : inspect(thrown.cause, { depth: 0 })})`;
  return clip(`${name}${thrown.message || "an error without a message"}${cause}`);
}

/** @param {string} text */
function clip(text) {
  const line = text.replace(/\s*\n\s*/g, " ").trim();
  return line.length > 600 ? `${line.slice(0, 600)}…` : line;
}
