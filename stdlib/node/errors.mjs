/** Turns what the code throws into an event: its words, and the place in the user's own files. */
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

/** @typedef {{ readonly file: string, readonly line: number, readonly column: number }} Place */
/** @typedef {{ readonly fence: string | undefined, readonly shownAs: string, readonly folder: string }} Own the fence's path among modules, its name for people, the project's folder */

const frame = /(?:^|[\s(])((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/;
/** What V8 puts above the message of a syntax error: the file and line, the line's text, a caret. */
const heading = /^((?:file:\/\/)?\/[^\n]*|):(\d+)\n(?:[^\n]+\n)+?([ \t]*)\^/;

/** @param {string} file a path or file URL @param {Own} own @returns {string | undefined} as people know it; undefined when it is not theirs */
export function shownFile(file, { fence, shownAs, folder }) {
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  if (path === fence) return shownAs;
  const inside = relative(folder, path);
  const parts = inside.split(sep);
  if (parts[0] === ".." || inside.startsWith("/")) return undefined;
  return parts.some((part) => part === "node_modules" || part === ".mlpipe") ? undefined : inside;
}

/** Calls in the user's own files, innermost first. @param {string} stack @param {Own} own @returns {Place[]} */
export function placesIn(stack, own) {
  return stack.split("\n").flatMap((line) => {
    const [, file, at, column] = frame.exec(line) ?? [];
    const shown = file === undefined ? undefined : shownFile(file, own);
    return shown === undefined ? [] : [{ file: shown, line: Number(at), column: Number(column) }];
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
  const calls = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const theirs = calls.filter((line) => {
    const file = frame.exec(line)?.[1];
    return (
      file !== undefined &&
      !file.startsWith(import.meta.dirname) &&
      !file.startsWith(new URL(".", import.meta.url).href)
    );
  });
  return theirs.map((line) => shorten(line.trim(), own)).reverse();
}

/** @param {string} call @param {Own} own */
function shorten(call, own) {
  const file = frame.exec(call)?.[1];
  const shown = file === undefined ? undefined : shownFile(file, own);
  return file === undefined || shown === undefined ? call : call.replace(file, shown);
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
