/** Where two objects of R differ, by the path that leads there in R. */
import { type ValueDifference, mostListed } from "./comparison.ts";
import { isSyntactic, lengthOf, showElement, showText, showValue } from "./r-show.ts";
import {
  type Attributes,
  type Entry,
  type RList,
  type RNumbers,
  type RPairs,
  type RValue,
  attributesOf,
  namesOf,
  rNull,
  widths,
} from "../../content/r/value.ts";

/** Formulas keep the environment in which they were written, with all that it held. */
const formulaEnvironment = ".Environment";

export interface ObjectDifferences {
  /** The first ten, in the order in which the object is written. */
  readonly values: readonly ValueDifference[];
  readonly count: number;
  /** Places of pointers, whose content no file holds. */
  readonly pointers: readonly string[];
}

interface Search {
  readonly values: ValueDifference[];
  readonly pointers: string[];
  count: number;
  readonly ignoresFormulas: boolean;
  /** Pairs that were met before: objects may hold themselves. */
  readonly met: Map<RValue, RValue>;
  readonly metAfter: Map<RValue, RValue>;
}

/** `ignoresFormulas`: environments that formulas have captured are not looked at. */
export function differencesBetween(
  before: RValue,
  after: RValue,
  { ignoresFormulas }: { readonly ignoresFormulas: boolean },
): ObjectDifferences {
  const search: Search = {
    values: [],
    pointers: [],
    count: 0,
    ignoresFormulas,
    met: new Map(),
    metAfter: new Map(),
  };
  compare(before, after, "", search);
  return search;
}

function found(path: string, before: string, after: string, search: Search): void {
  search.count += 1;
  if (search.values.length < mostListed) search.values.push({ path, before, after });
}

function compare(a: RValue, b: RValue, path: string, search: Search): void {
  if (a === b) return;
  if (typeOf(a) !== typeOf(b)) return found(path, showTyped(a, b), showTyped(b, a), search);
  compareParts(a, b, path, search);
  compareAttributes(attributesOf(a), attributesOf(b), path, search);
}

/** Two numbers of different types may be written alike. */
function showTyped(value: RValue, other: RValue): string {
  const text = showValue(value);
  return text === showValue(other) ? `${text} (${typeOf(value)})` : text;
}

function typeOf(value: RValue): string {
  return "type" in value ? value.type : value.kind;
}

function compareParts(a: RValue, b: RValue, path: string, search: Search): void {
  if (a.kind === "numbers" && b.kind === "numbers") return compareNumbers(a, b, path, search);
  if (a.kind === "texts" && b.kind === "texts") return compareTexts(a, b, path, search);
  if (a.kind === "list" && b.kind === "list") return compareLists(a, b, path, search);
  if (a.kind === "pairs" && b.kind === "pairs") return comparePairs(a, b, path, search);
  if (a.kind === "closure" && b.kind === "closure") {
    compare(a.formals, b.formals, `formals(${path})`, search);
    compare(a.body, b.body, `body(${path})`, search);
    return compare(a.environment, b.environment, `environment(${path})`, search);
  }
  if (a.kind === "promise" && b.kind === "promise") {
    compare(a.code, b.code, path, search);
    return compare(a.environment, b.environment, `environment(${path})`, search);
  }
  if (a.kind === "environment" || a.kind === "pointer") return compareOnce(a, b, path, search);
  if ("name" in a && "name" in b && a.name !== b.name)
    found(path, showValue(a), showValue(b), search);
}

function compareOnce(a: RValue, b: RValue, path: string, search: Search): void {
  const [partner, partnerAfter] = [search.met.get(a), search.metAfter.get(b)];
  if (partner || partnerAfter) {
    if (partner !== b || partnerAfter !== a)
      found(path, metAs(partner), metAs(partnerAfter), search);
    return;
  }
  search.met.set(a, b);
  search.metAfter.set(b, a);
  if (a.kind === "environment" && b.kind === "environment") {
    compareEntries(a.variables, b.variables, (name) => `${path}${step(name)}`, search);
    compare(a.parent, b.parent, `parent.env(${path})`, search);
  } else if (a.kind === "pointer" && b.kind === "pointer") {
    search.pointers.push(path);
    a.held.forEach((item, at) => compare(item, b.held[at] ?? rNull, path, search));
  }
}

function metAs(partner: RValue | undefined): string {
  return partner ? "one that came before" : "a new one";
}

/** How `$` reads a name. */
function step(name: string): string {
  return isSyntactic(name) ? `$${name}` : `[[${JSON.stringify(name)}]]`;
}

function elementPath(path: string, names: readonly (string | null)[] | undefined, at: number) {
  const name = names?.[at];
  return name ? `${path}[[${JSON.stringify(name)}]]` : `${path}[${at + 1}]`;
}

function compareNumbers(a: RNumbers, b: RNumbers, path: string, search: Search): void {
  if (a.bytes.equals(b.bytes)) return;
  const [length, other] = [lengthOf(a), lengthOf(b)];
  if (length !== other) return foundLength(path, length, other, search);
  const width = widths[a.type];
  const names = sharedNames(a, b);
  for (let at = 0; at < length; at++) {
    const start = at * width;
    if (a.bytes.compare(b.bytes, start, start + width, start, start + width) === 0) continue;
    const place = length === 1 && !names ? path : elementPath(path, names, at);
    found(place, showElement(a, at), showElement(b, at), search);
  }
}

function foundLength(path: string, before: number, after: number, search: Search): void {
  found(`length(${path})`, String(before), String(after), search);
}

function sharedNames(a: RValue, b: RValue): readonly (string | null)[] | undefined {
  const [names, others] = [namesOf(a), namesOf(b)];
  return names && others && names.every((name, at) => name === others[at]) ? names : undefined;
}

function compareTexts(
  a: Extract<RValue, { kind: "texts" }>,
  b: Extract<RValue, { kind: "texts" }>,
  path: string,
  search: Search,
): void {
  const length = a.values.length;
  if (length !== b.values.length) return foundLength(path, length, b.values.length, search);
  const names = sharedNames(a, b);
  for (let at = 0; at < length; at++) {
    const [text = null, other = null] = [a.values[at], b.values[at]];
    const place = length === 1 && !names ? path : elementPath(path, names, at);
    if (text !== other) found(place, showText(text), showText(other), search);
  }
}

/** By name where all have one of their own, else by place. */
function compareLists(a: RList, b: RList, path: string, search: Search): void {
  const [entries, others] = [namedItems(a), namedItems(b)];
  if (entries && others)
    return compareEntries(entries, others, (name) => `${path}${step(name)}`, search);
  if (a.items.length !== b.items.length)
    return foundLength(path, a.items.length, b.items.length, search);
  a.items.forEach((item, at) =>
    compare(item, b.items[at] ?? rNull, `${path}[[${at + 1}]]`, search),
  );
}

function namedItems(list: RList): readonly Entry[] | undefined {
  const names = namesOf(list);
  if (!names || !names.every(Boolean) || new Set(names).size < names.length) return undefined;
  return list.items.map((value, at) => ({ name: names[at] ?? "", value }));
}

function comparePairs(a: RPairs, b: RPairs, path: string, search: Search): void {
  const isAlike =
    a.items.length === b.items.length &&
    a.items.every(({ name }, at) => name === b.items[at]?.name);
  if (!isAlike) return found(path, showValue(a), showValue(b), search);
  a.items.forEach(({ name, value }, at) => {
    const place =
      name === "" || a.type === "call" ? `${path}[[${at + 1}]]` : `${path}${step(name)}`;
    compare(value, b.items[at]?.value ?? rNull, place, search);
  });
}

/** Names are unique on each side. */
function compareEntries(
  entries: readonly Entry[],
  others: readonly Entry[],
  pathOf: (name: string) => string,
  search: Search,
): void {
  const after = new Map(others.map(({ name, value }) => [name, value]));
  for (const { name, value } of entries) {
    const other = after.get(name);
    after.delete(name);
    if (other) compare(value, other, pathOf(name), search);
    else found(pathOf(name), showValue(value), "nothing", search);
  }
  for (const [name, value] of after) found(pathOf(name), "nothing", showValue(value), search);
}

function compareAttributes(a: Attributes, b: Attributes, path: string, search: Search): void {
  const counts = (entry: Entry): boolean =>
    !(search.ignoresFormulas && entry.name === formulaEnvironment);
  const pathOf = (name: string): string =>
    name === "names" ? `names(${path})` : `attr(${path}, ${JSON.stringify(name)})`;
  compareEntries(a.filter(counts), b.filter(counts), pathOf, search);
}
