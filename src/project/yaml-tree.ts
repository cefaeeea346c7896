/** YAML text as Python's `yaml.safe_load` reads it, with the place of every part. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Diagnostic } from "../source/diagnostic.ts";
import { diagnose } from "../source/messages.ts";
import type { Place, SourceText } from "../source/text.ts";
import { type PythonValue, pythonText } from "./python-value.ts";
import { readPlain, readTagged } from "./yaml-scalar.ts";

/** A part of the file. Maps keep the order of the file; of equal keys the last one counts. */
export type Tree =
  | { readonly kind: "scalar"; readonly place: Place; readonly value: PythonValue }
  | { readonly kind: "list"; readonly place: Place; readonly items: readonly Tree[] }
  | { readonly kind: "map"; readonly place: Place; readonly entries: readonly TreeEntry[] };

export interface TreeEntry {
  readonly key: PythonValue;
  /** The key as Python prints it. */
  readonly name: string;
  readonly place: Place;
  readonly value: Tree;
}

export interface ReadTree {
  /** Undefined where the text is no YAML. An empty text is a scalar without a value. */
  readonly tree: Tree | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** More parts than a file of a person has: aliases of aliases can stand for billions. */
const mostParts = 20_000;

/** Reads one document. */
export function readTree(source: SourceText): ReadTree {
  try {
    return read(source);
  } catch (problem) {
    if (problem instanceof Unreadable) return refused(source, problem.range, problem.message);
    // Deeper than the stack: no person's file is.
    if (problem instanceof RangeError) return refused(source, [0, 0], "it is nested too deeply");
    throw problem;
  }
}

function read(source: SourceText): ReadTree {
  const document = parseDocument(source.text, {
    version: "1.1",
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error) return refused(source, error.pos, firstLine(error.message));
  const reader: Reader = { source, document, diagnostics: [], parts: 0 };
  const tree = readNode(document.contents, reader, [0, 0]);
  return { tree, diagnostics: reader.diagnostics };
}

type Range = readonly [number, number];

interface Reader {
  readonly source: SourceText;
  readonly document: Document.Parsed;
  readonly diagnostics: Diagnostic[];
  parts: number;
}

/** Ends the reading of a file; thrown and caught in this file only. */
class Unreadable extends Error {
  readonly range: Range;
  constructor(message: string, range: Range) {
    super(message);
    this.range = range;
  }
}

function refused(source: SourceText, [start, end]: Range, problem: string): ReadTree {
  const place = { source, span: { start, end: Math.max(end, start) } };
  return { tree: undefined, diagnostics: [diagnose("M0901", place, { problem })] };
}

function firstLine(message: string): string {
  const [line = ""] = message.split("\n");
  return line.replace(/; please use .*/, "").replace(/\.$/, "");
}

function rangeOf(node: unknown, otherwise: Range): Range {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range ? [range[0] ?? 0, range[1] ?? 0] : otherwise;
}

function placeAt({ source }: Reader, [start, end]: Range): Place {
  return { source, span: { start, end } };
}

/** `around` is the place of what holds the node, for where nothing is written. */
function readNode(node: unknown, reader: Reader, around: Range): Tree {
  const range = rangeOf(node, around);
  if (++reader.parts > mostParts) throw new Unreadable("it has too many parts", range);
  const place = placeAt(reader, range);
  if (isAlias(node)) {
    const meant = node.resolve(reader.document);
    if (!meant) throw new Unreadable(`nothing is called &${node.source}`, range);
    return { ...readNode(meant, reader, range), place };
  }
  if (isMap(node)) return { kind: "map", place, entries: readEntries(node, reader, range) };
  if (isSeq(node))
    return { kind: "list", place, items: node.items.map((item) => readNode(item, reader, range)) };
  if (isScalar(node)) return { kind: "scalar", place, value: readScalar(node, range) };
  return { kind: "scalar", place, value: { kind: "none" } };
}

function readScalar(node: Scalar, range: Range): PythonValue {
  const text = String(node.value ?? "");
  const tag = /^tag:yaml\.org,2002:(.*)$/s.exec(node.tag ?? "")?.[1];
  if (node.tag !== undefined && node.tag !== "!") {
    const value = tag === undefined ? undefined : readTagged(tag, text);
    if (!value) throw new Unreadable(`the tag ${node.tag} does not fit here`, range);
    return value;
  }
  return node.type === "PLAIN" && node.tag !== "!"
    ? readPlain(text)
    : { kind: "text", value: text };
}

function readEntries(map: YAMLMap, reader: Reader, range: Range): readonly TreeEntry[] {
  const pairs = map.items.filter((pair) => !isMerge(pair));
  const own = pairs.map((pair) => readEntry(pair, reader, range));
  const merged = map.items.filter(isMerge).flatMap((pair) => readMerge(pair, reader, range));
  warnOfTwins(own, reader);
  return keepLast([...merged, ...own]);
}

function readEntry({ key, value }: Pair, reader: Reader, around: Range): TreeEntry {
  const range = rangeOf(key, around);
  const tree = readNode(key, reader, range);
  if (tree.kind !== "scalar") throw new Unreadable("a key must be one value", range);
  const name = pythonText(tree.value);
  return { key: tree.value, name, place: tree.place, value: readNode(value, reader, range) };
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.value === "<<" && key.tag === undefined;
}

/** `<<: *base`, or a list of such: the entries of those maps, which own ones replace. */
function readMerge({ value }: Pair, reader: Reader, around: Range): readonly TreeEntry[] {
  const tree = readNode(value, reader, around);
  const maps = tree.kind === "list" ? tree.items : [tree];
  return maps.toReversed().flatMap((map) => {
    if (map.kind !== "map") throw new Unreadable("`<<` takes a map", rangeOf(value, around));
    return map.entries;
  });
}

function warnOfTwins(entries: readonly TreeEntry[], { diagnostics }: Reader): void {
  const seen = new Set<string>();
  for (const { name, place } of entries) {
    if (seen.has(name)) diagnostics.push(diagnose("M0905", place, { key: name }));
    seen.add(name);
  }
}

/** A later entry takes the place of an earlier one of its name. */
function keepLast(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return [...new Map(entries.map((entry) => [entry.name, entry])).values()];
}

/** The value of a part as Python has it. */
export function valueOf(tree: Tree): PythonValue {
  switch (tree.kind) {
    case "scalar":
      return tree.value;
    case "list":
      return { kind: "list", items: tree.items.map(valueOf) };
    case "map":
      return { kind: "map", entries: tree.entries.map(({ key, value }) => [key, valueOf(value)]) };
    default:
      return tree satisfies never;
  }
}

/** The value of a map's entry; undefined where it has none, or nothing stands behind it. */
export function entryOf(tree: Tree, name: string): TreeEntry | undefined {
  if (tree.kind !== "map") return undefined;
  const entry = tree.entries.find((one) => one.name === name);
  return entry && !isNothing(entry.value) ? entry : undefined;
}

export function isNothing(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.value.kind === "none";
}

/** What a part is, in words. */
export function describeTree(tree: Tree): string {
  if (tree.kind !== "scalar") return `a ${tree.kind}`;
  switch (tree.value.kind) {
    case "none":
      return "empty";
    case "text":
      return `the text \`${tree.value.value.slice(0, 40)}\``;
    default:
      return `\`${pythonText(tree.value)}\``;
  }
}
