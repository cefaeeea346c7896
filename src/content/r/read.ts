/** Reads serialized objects of R (R Internals, section 1.8) into values, without R and without executing anything. */
import { readBytecode } from "./bytecode.ts";
import { compactVector } from "./compact.ts";
import { normalAttributes, normalDoubles, normalVariables } from "./normal.ts";
import { NotReadable } from "../kind.ts";
import { type Stream, openStream } from "./stream.ts";
import { decodeText } from "./text.ts";
import {
  type Attributes,
  type Entry,
  type NumberType,
  type REnvironment,
  type RPairs,
  type RPointer,
  type RValue,
  rNull,
} from "./value.ts";

/** What an object is read from, and what was read before and may be named again. */
export interface Source {
  readonly stream: Stream;
  readonly encoding: string;
  readonly seen: RValue[];
}

/** The one object in `data`, which is not compressed. Throws NotReadable. */
export function readObject(data: Buffer): RValue {
  const { stream, encoding } = openStream(data);
  return readItem({ stream, encoding, seen: [] });
}

const missing: RValue = { kind: "symbol", name: "" };
const place = (name: string): RValue => ({ kind: "place", name });

/** Codes that stand for one value each. */
const fixed: ReadonlyMap<number, RValue> = new Map([
  [0, rNull],
  [241, place("base")],
  [242, place("R_EmptyEnv")],
  [250, place("namespace:base")],
  [251, missing],
  [252, { kind: "unbound" }],
  [253, place("R_GlobalEnv")],
  [254, rNull],
]);

const numberTypes: ReadonlyMap<number, NumberType> = new Map([
  [10, "logical"],
  [13, "integer"],
  [14, "double"],
  [15, "complex"],
  [24, "raw"],
]);

const hasAttributes = 1 << 9;
const hasTag = 1 << 10;

export function readItem(source: Source): RValue {
  return readFlagged(source, source.stream.int());
}

function readFlagged(source: Source, flags: number): RValue {
  const code = flags & 0xff;
  const known = fixed.get(code);
  if (known) return known;
  const { stream } = source;
  const type = numberTypes.get(code);
  if (type) return readNumbers(source, type, flags);
  switch (code) {
    case 1:
      return remember(source, { kind: "symbol", name: readText(source) ?? "NA" });
    case 2:
    case 6:
    case 17:
      return readPairs(source, flags);
    case 3:
      return readClosure(source, flags);
    case 4:
      return readEnvironment(source);
    case 5:
      return readPromise(source, flags);
    case 7:
    case 8:
      return { kind: "primitive", name: stream.text(stream.int()).toString("latin1") };
    case 16:
      return readTexts(source, flags);
    case 19:
    case 20:
      return readList(source, flags);
    case 21:
      return readCompiled(source, flags);
    case 22:
    case 23:
      return readPointer(source, flags);
    case 25:
      return { kind: "object", attributes: readAttributes(source, flags) };
    case 238:
      return readCompact(source);
    case 239:
    case 240:
      return readPairs(source, (flags & ~0xff) | (code === 239 ? 2 : 6) | hasAttributes);
    case 247:
    case 248:
    case 249:
      return remember(source, place(readPlaceName(source, code)));
    case 255:
      return recall(source, flags >> 8);
    default:
      throw new NotReadable(`holds something of type ${code}, which is not known here`);
  }
}

function remember<Value extends RValue>(source: Source, value: Value): Value {
  source.seen.push(value);
  return value;
}

function recall({ seen, stream }: Source, packed: number): RValue {
  const value = seen[(packed || stream.int()) - 1];
  if (!value) throw new NotReadable("names an object that it does not hold");
  return value;
}

/** A length beyond 2^31 is in two words. */
function readLength({ stream }: Source): number {
  const length = stream.int();
  return length === -1 ? stream.int() * 2 ** 32 + (stream.int() >>> 0) : length;
}

function readAttributes(source: Source, flags: number): Attributes {
  return flags & hasAttributes ? normalAttributes(readItem(source)) : [];
}

function readNumbers(source: Source, type: NumberType, flags: number): RValue {
  const length = readLength(source);
  const bytes = readElements(source.stream, type, length);
  return { kind: "numbers", type, bytes, attributes: readAttributes(source, flags) };
}

function readElements(stream: Stream, type: NumberType, length: number): Buffer {
  switch (type) {
    case "logical":
    case "integer":
      return stream.words(length, 4);
    case "double":
      return normalDoubles(stream.words(length, 8));
    case "complex":
      return normalDoubles(stream.words(2 * length, 8));
    case "raw":
      return stream.bytes(length);
    default:
      return type satisfies never;
  }
}

/** A single text with its own flags, as names and elements are. */
function readText(source: Source): string | null {
  const { stream, encoding } = source;
  const flags = stream.int();
  if ((flags & 0xff) !== 9) throw new NotReadable("lacks a text");
  const length = stream.int();
  return length === -1 ? null : decodeText(stream.text(length), flags >> 12, encoding);
}

function readTexts(source: Source, flags: number): RValue {
  const length = readLength(source);
  const values: (string | null)[] = [];
  for (let i = 0; i < length; i++) values.push(readText(source));
  return { kind: "texts", values, attributes: readAttributes(source, flags) };
}

function readList(source: Source, flags: number): RValue {
  const length = readLength(source);
  const items: RValue[] = [];
  for (let i = 0; i < length; i++) items.push(readItem(source));
  const type = (flags & 0xff) === 20 ? "expression" : "list";
  return { kind: "list", type, items, attributes: readAttributes(source, flags) };
}

const pairTypes: ReadonlyMap<number, RPairs["type"]> = new Map([
  [2, "pairlist"],
  [6, "call"],
  [17, "dots"],
]);

/** Cells one behind the other: only the first one's attributes count. A last cell that is no list is one more item. */
function readPairs(source: Source, first: number): RValue {
  const type = pairTypes.get(first & 0xff) ?? "pairlist";
  const attributes = readAttributes(source, first);
  const items: Entry[] = [];
  for (let flags = first; ;) {
    const name = flags & hasTag ? nameOf(readItem(source)) : "";
    items.push({ name, value: readItem(source) });
    flags = source.stream.int();
    const code = flags & 0xff;
    if (code === 2 || code === 6) {
      if (flags & hasAttributes) readItem(source);
      continue;
    }
    const last = readFlagged(source, flags);
    if (last.kind === "pairs") items.push(...last.items);
    else if (last.kind !== "null") items.push({ name: "", value: last });
    return pairs(type, items, attributes);
  }
}

/** `function(x) x` as code has its own text as fourth part. */
export function pairs(
  type: RPairs["type"],
  items: readonly Entry[],
  attributes: Attributes,
): RPairs {
  const head = items[0]?.value;
  const isFunction = type === "call" && head?.kind === "symbol" && head.name === "function";
  return { kind: "pairs", type, items: isFunction ? items.slice(0, 3) : items, attributes };
}

export function nameOf(tag: RValue): string {
  return tag.kind === "symbol" ? tag.name : "";
}

function readClosure(source: Source, flags: number): RValue {
  const attributes = readAttributes(source, flags);
  const environment = flags & hasTag ? readItem(source) : rNull;
  const formals = readItem(source);
  return { kind: "closure", attributes, environment, formals, body: readItem(source) };
}

function readPromise(source: Source, flags: number): RValue {
  if (flags & hasAttributes) readItem(source);
  const environment = flags & hasTag ? readItem(source) : rNull;
  const value = readItem(source);
  const code = readItem(source);
  return value.kind === "unbound" ? { kind: "promise", code, environment } : value;
}

function readEnvironment(source: Source): RValue {
  source.stream.int();
  const made: REnvironment = remember(source, {
    kind: "environment",
    parent: rNull,
    variables: [],
    attributes: [],
  });
  made.parent = readItem(source);
  const frame = readItem(source);
  made.variables = normalVariables(frame, readItem(source));
  made.attributes = normalAttributes(readItem(source));
  return made;
}

function readPointer(source: Source, flags: number): RValue {
  const isExternal = (flags & 0xff) === 22;
  const what = isExternal ? "external pointer" : "weak reference";
  const made: RPointer = remember(source, { kind: "pointer", what, held: [], attributes: [] });
  if (isExternal) made.held = [readItem(source), readItem(source)];
  made.attributes = readAttributes(source, flags);
  return made;
}

function readCompiled(source: Source, flags: number): RValue {
  const code = readBytecode(source);
  readAttributes(source, flags);
  return code;
}

function readCompact(source: Source): RValue {
  const info = readItem(source);
  const state = readItem(source);
  const attributes = normalAttributes(readItem(source));
  const name = info.kind === "pairs" ? nameOf(info.items[0]?.value ?? rNull) : "";
  return compactVector(name, state, attributes);
}

/** The version behind a namespace's name is left out. */
function readPlaceName(source: Source, code: number): string {
  source.stream.int();
  const count = source.stream.int();
  const [name] = Array.from({ length: count }, () => readText(source));
  const kind = code === 249 ? "namespace:" : "";
  return `${kind}${name ?? ""}`;
}
