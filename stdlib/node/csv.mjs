/**
 * Tables as CSV text: an array of objects, one a row, columns typed as a whole.
 *
 * Written: texts in quotes, names in the header only where they must be, numbers in their shortest exact form, TRUE and
 * FALSE, NA for null; so that R reads the same table. Read: a column is boolean or number when no cell of it is quoted and
 * all that are neither empty nor NA say so; else text. Where the file quotes everything, header and all, quotes mean
 * nothing and the content decides. Whole numbers that a double cannot hold stay text. An empty cell is null in a typed
 * column and "" in a text column; NA without quotes is null.
 */
import { Problem } from "./problem.mjs";
import { describe } from "./json.mjs";

/** @typedef {{ readonly text: string, readonly quoted: boolean }} Cell */
/** @typedef {Record<string, string | number | boolean | null>} Row */

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const whole = /^[+-]?\d+$/;
const specialNumbers = new Map([
  ["NaN", NaN],
  ["Inf", Infinity],
  ["-Inf", -Infinity],
]);
const booleans = new Map([
  ["TRUE", true],
  ["FALSE", false],
  ["true", true],
  ["false", false],
]);

/** @param {string} text @returns {Row[]} @throws {Problem} R0808 when it is no table */
export function parseCsv(text) {
  const records = parseRecords(text.startsWith("\uFEFF") ? text.slice(1) : text);
  const header = records.shift();
  if (header === undefined) return [];
  const names = uniqueNames(header.cells.map((cell) => cell.text));
  for (const { line, cells } of records)
    if (cells.length !== names.length)
      throw new Problem(
        "R0808",
        `line ${line} has ${cells.length} ${cells.length === 1 ? "cell" : "cells"}, the header has ${names.length}`,
        "give every row as many cells as the header has",
      );
  const quotesMatter = [header, ...records].some(({ cells }) => cells.some((cell) => !cell.quoted));
  const rows = records.map(({ cells }) =>
    quotesMatter ? cells : cells.map(({ text: content }) => ({ text: content, quoted: false })),
  );
  const readers = names.map((_, i) => readerOf(rows.map((cells) => cells[i])));
  return rows.map((cells) =>
    Object.fromEntries(names.map((name, i) => [name, readers[i](cells[i])])),
  );
}

/**
 * Rows with the line on which each begins; lines with nothing on them are no rows.
 * @param {string} text @returns {{ readonly line: number, readonly cells: Cell[] }[]}
 */
function parseRecords(text) {
  const records = [];
  const token = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n][^,\r\n]*|))(,|\r\n|\n|\r|$)/gy;
  /** @type {Cell[]} */
  let cells = [];
  let [line, first] = [1, 1];
  while (token.lastIndex < text.length || cells.length > 0) {
    const match = token.exec(text);
    if (!match)
      throw new Problem(
        "R0808",
        `a quoted text on line ${line} is not closed, or goes on after its closing quote`,
        "write a quote inside a quoted text twice",
      );
    const [all, quoted, plain = "", end] = match;
    cells.push(
      quoted === undefined
        ? { text: plain, quoted: false }
        : { text: quoted.replaceAll('""', '"'), quoted: true },
    );
    line += all.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ",") continue;
    if (cells.length > 1 || cells[0].quoted || cells[0].text !== "")
      records.push({ line: first, cells });
    [cells, first] = [[], line];
  }
  return records;
}

/** @param {string[]} names @returns {string[]} a repeated name gets .1, .2, as in R */
function uniqueNames(names) {
  const taken = new Set(names);
  const seen = new Set();
  return names.map((name) => {
    let unique = name;
    for (let i = 1; seen.has(unique); i++)
      if (!taken.has(`${name}.${i}`) && !seen.has(`${name}.${i}`)) unique = `${name}.${i}`;
    seen.add(unique);
    return unique;
  });
}

/** @param {Cell[]} column @returns {(cell: Cell) => string | number | boolean | null} */
function readerOf(column) {
  const filled = column.filter((cell) => cell.quoted || (cell.text !== "" && cell.text !== "NA"));
  const typed = filled.length > 0 && filled.every((cell) => !cell.quoted);
  if (typed && filled.every((cell) => booleans.has(cell.text)))
    return (cell) => booleans.get(cell.text) ?? null;
  if (typed && filled.every((cell) => isNumber(cell.text.trim())))
    return (cell) => toNumber(cell.text.trim());
  if (filled.length === 0) return () => null;
  return (cell) => (!cell.quoted && cell.text === "NA" ? null : cell.text);
}

/** @param {string} text */
function isNumber(text) {
  if (whole.test(text))
    return Math.abs(Number(text)) <= 2 ** 53 && BigInt(text) === BigInt(Number(text));
  return number.test(text) || specialNumbers.has(text);
}

/** @param {string} text @returns {number | null} */
function toNumber(text) {
  if (text === "" || text === "NA") return null;
  return specialNumbers.get(text) ?? Number(text);
}

/**
 * @param {readonly Record<string, unknown>[]} rows columns are all keys, in order of first appearance
 * @param {string} what for messages @returns {string}
 */
export function printCsv(rows, what) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return "";
  const lines = rows.map((row, i) =>
    names
      .map((name) => printCell(row[name], `${what} holds, in row ${i + 1}, column \`${name}\`,`))
      .join(","),
  );
  return `${[names.map(headerCell).join(","), ...lines].join("\n")}\n`;
}

/** @param {string} name */
function headerCell(name) {
  return /[",\r\n]|^ | $|^$/.test(name) ? quote(name) : name;
}

/** @param {string} text */
function quote(text) {
  return `"${text.replaceAll('"', '""')}"`;
}

/** @param {unknown} value @param {string} where @returns {string} */
function printCell(value, where) {
  if (value === null || value === undefined) return "NA";
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return printNumber(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return quote(value.toISOString());
  throw new Problem(
    "R0802",
    `${where} ${describe(value)}, which is no cell of a table`,
    "give numbers, texts, booleans or null",
  );
}

/** @param {number} value */
function printNumber(value) {
  if (Object.is(value, -0)) return "-0";
  // Digits alone are for whole numbers that a double holds exactly; a reader may take others for text.
  if (Number.isFinite(value))
    return Math.abs(value) > 2 ** 53 ? value.toExponential() : String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";
}
