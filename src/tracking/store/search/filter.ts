/** MLflow's search language: comparisons joined by AND, and what to sort by. */
import { invalid } from "../store.ts";
import type { Entity, Language } from "./language.ts";

export interface Field {
  readonly entity: Entity;
  readonly key: string;
}
type Order = "=" | "!=" | ">" | ">=" | "<" | "<=";
export type Comparison = Field &
  (
    | { readonly operator: Order | "LIKE" | "ILIKE"; readonly value: string | number }
    | { readonly operator: "IN" | "NOT IN"; readonly values: readonly string[] }
    | { readonly operator: "IS NULL" | "IS NOT NULL" }
  );
export interface SortKey extends Field {
  readonly descending: boolean;
}

const patterns = {
  space: /\s*/y,
  name: /(`[^`]+`|"[^"]+"|[\p{L}\p{N}_]+)(?:\.(`[^`]*`|"[^"]*"|'[^']*'|[\p{L}\p{N}_.]+))?/uy,
  operator: /!=|>=|<=|=|>|<|(?:ILIKE|LIKE|NOT\s+IN|IN|IS\s+NOT NULL|IS\s+NULL)(?![\p{L}\p{N}_])/iuy,
  number: /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\p{L}\p{N}_.])/iuy,
  /** A quote that is doubled or behind a backslash does not end the text, and stays as it is written, as in MLflow. */
  text: /'(?:''|\\'|[^'])*'|"(?:""|\\"|[^"])*"/y,
  bareText: /[\p{L}\p{N}_.-]+/uy,
  and: /AND(?![\p{L}\p{N}_])/iuy,
  direction: /(?:ASC|DESC)(?![\p{L}\p{N}_])/iuy,
  open: /\(/y,
  comma: /,/y,
  close: /\)/y,
} as const;

/** A text that is read from left to right; spaces between words mean nothing. */
interface Cursor {
  readonly text: string;
  readonly language: Language;
  at: number;
}

function startReading(text: string, language: Language): Cursor {
  const cursor = { text, language, at: 0 };
  match(cursor, "space");
  return cursor;
}

function match(cursor: Cursor, name: keyof typeof patterns): RegExpExecArray | undefined {
  const pattern = patterns[name];
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found === null) return undefined;
  cursor.at = pattern.lastIndex;
  return found;
}

/** What stands here, if it is of that pattern; then the cursor is behind it. */
function take(cursor: Cursor, name: keyof typeof patterns): RegExpExecArray | undefined {
  const found = match(cursor, name);
  if (found !== undefined) match(cursor, "space");
  return found;
}

function isAtEnd({ text, at }: Cursor): boolean {
  return at === text.length;
}

function refuse({ text, at }: Cursor, expected: string): Error {
  const rest = text.slice(at, at + 30);
  const where = rest === "" ? "at its end" : `at ${JSON.stringify(rest)}`;
  return invalid(
    `the search ${quote(text)} is not understood ${where}: ${expected} expected`,
    "write comparisons joined by AND, like metrics.loss < 0.5 AND params.model = 'tree'",
  );
}

/** More than this no SQLite joins in one statement. */
const mostComparisons = 200;
const mostOrders = 50;

/** The comparisons of `filter`, all of which must hold; none or empty: no comparison. AND may be left out. Throws TrackingError. */
export function readFilter(filter: string | undefined, language: Language): readonly Comparison[] {
  if (filter === undefined || filter === "") return [];
  const cursor = startReading(filter, language);
  const comparisons: Comparison[] = [];
  do {
    while (take(cursor, "and") !== undefined);
    if (comparisons.length > 0 && isAtEnd(cursor)) break;
    if (comparisons.length === mostComparisons)
      throw invalid(`a search has more than ${mostComparisons} comparisons`);
    comparisons.push(readComparison(cursor));
  } while (!isAtEnd(cursor));
  return comparisons;
}

/** What each item of `order_by` sorts by. Throws TrackingError. */
export function readOrder(
  items: readonly string[] | undefined,
  language: Language,
): readonly SortKey[] {
  if ((items?.length ?? 0) > mostOrders)
    throw invalid(`order_by has more than ${mostOrders} items`);
  return (items ?? []).map((item) => {
    if (!language.spacedOrders && /\s(\s|$)/.test(item))
      throw invalid(`order_by has a space too many: ${quote(item)}`);
    const cursor = startReading(item, language);
    const field = readField(cursor, true);
    const direction = take(cursor, "direction")?.[0].toUpperCase();
    if (!isAtEnd(cursor)) throw refuse(cursor, "ASC or DESC");
    return { ...field, descending: direction === "DESC" };
  });
}

/** As much of a search as a message bears. */
function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

function unquote(text: string): string {
  return /^[`"']/.test(text) ? text.slice(1, -1) : text;
}

function readField(cursor: Cursor, mayBeQuoted: boolean): Field {
  const [, first, second] = take(cursor, "name") ?? [];
  if (first === undefined) throw refuse(cursor, "a name like metrics.loss");
  if (second === undefined)
    return { entity: "attribute", key: mayBeQuoted ? unquote(first) : first };
  const { entities, quotedEntities } = cursor.language;
  const name = quotedEntities && first.startsWith("`") ? unquote(first) : first;
  const entity = entities.get(name);
  if (entity === undefined) {
    const known = [...entities.keys()].filter((each) => each.endsWith("s"));
    throw invalid(
      `the search ${quote(cursor.text)} asks for ${name}`,
      `use ${(known.length === 0 ? [...entities.keys()] : known).map((each) => `${each}.`).join(" or ")}`,
    );
  }
  return { entity, key: unquote(second) };
}

function readComparison(cursor: Cursor): Comparison {
  const field = readField(cursor, cursor.language.quotedAttributes);
  const written = take(cursor, "operator")?.[0];
  const word = written?.toUpperCase().replace(/\s+/g, " ");
  if (cursor.language.capitals && /^(i?like|in)$/i.test(written ?? "") && written !== word)
    throw invalid(`${written} is not understood in this search`, `write ${word}`);
  switch (word) {
    case "=":
    case "!=":
    case ">":
    case ">=":
    case "<":
    case "<=":
    case "LIKE":
    case "ILIKE":
      return { ...field, operator: word, value: readValue(cursor, field) };
    case "IN":
    case "NOT IN":
      return { ...field, operator: word, values: readList(cursor) };
    case "IS NULL":
    case "IS NOT NULL":
      return { ...field, operator: word };
    default:
      throw refuse(cursor, "a comparison like = or <");
  }
}

function readValue(cursor: Cursor, { entity, key }: Field): string | number {
  const { wholeNumbers, isBareText } = cursor.language;
  const bare = isBareText?.(entity, key) === true ? take(cursor, "bareText") : undefined;
  if (bare !== undefined) return bare[0];
  const number = take(cursor, "number")?.[0];
  if (number === undefined) return readText(cursor);
  if (wholeNumbers && /[.e]/i.test(number))
    throw invalid(`${number} is no whole number`, "write it without a dot and without e");
  return Number(number);
}

function readText(cursor: Cursor): string {
  const text = take(cursor, "text");
  if (text === undefined) throw refuse(cursor, "a number, or a text in quotes,");
  return unquote(text[0]);
}

/** As in Python, a comma may follow the last value. */
function readList(cursor: Cursor): readonly string[] {
  if (take(cursor, "open") === undefined) throw refuse(cursor, "( and texts in quotes");
  const values = [readText(cursor)];
  while (take(cursor, "close") === undefined) {
    if (take(cursor, "comma") === undefined) throw refuse(cursor, ", or )");
    if (take(cursor, "close") !== undefined) break;
    values.push(readText(cursor));
  }
  return values;
}
