/** Compiled code, which holds the code that it was compiled from: only that is wanted. */
import { normalAttributes } from "./normal.ts";
import { type Source, nameOf, pairs, readItem } from "./read.ts";
import { NotReadable } from "../kind.ts";
import { type Entry, type RPairs, type RValue, rNull } from "./value.ts";

/** Pieces of code that occur more than once, by their number. */
type Shared = Map<number, RValue>;

export function readBytecode(source: Source): RValue {
  source.stream.int();
  return readCompiled(source, new Map());
}

function readCompiled(source: Source, shared: Shared): RValue {
  readItem(source);
  const count = source.stream.int();
  let code: RValue = rNull;
  for (let i = 0; i < count; i++) {
    const constant = readConstant(source, shared);
    if (i === 0) code = constant;
  }
  return code;
}

function readConstant(source: Source, shared: Shared): RValue {
  const type = source.stream.int();
  return type === 21 ? readCompiled(source, shared) : readCode(source, type, shared);
}

const definition = 244;
const reference = 243;
/** Type, and whether attributes come first. */
const cells: ReadonlyMap<number, readonly [RPairs["type"], boolean]> = new Map([
  [2, ["pairlist", false]],
  [6, ["call", false]],
  [239, ["pairlist", true]],
  [240, ["call", true]],
]);

function readCode(source: Source, type: number, shared: Shared): RValue {
  if (type === reference) return sharedAt(shared, source.stream.int());
  const number = type === definition ? source.stream.int() : undefined;
  const cell = cells.get(number === undefined ? type : source.stream.int());
  if (!cell) return readItem(source);
  const [kind, isAttributed] = cell;
  const attributes = isAttributed ? normalAttributes(readItem(source)) : [];
  const name = nameOf(readItem(source));
  const first: Entry = {
    name,
    value: readCode(source, source.stream.int(), shared),
  };
  const rest = readCode(source, source.stream.int(), shared);
  const made = pairs(kind, [first, ...restOf(rest)], attributes);
  if (number !== undefined) shared.set(number, made);
  return made;
}

function restOf(rest: RValue): readonly Entry[] {
  if (rest.kind === "null") return [];
  return rest.kind === "pairs" ? rest.items : [{ name: "", value: rest }];
}

function sharedAt(shared: Shared, number: number): RValue {
  const value = shared.get(number);
  if (!value) throw new NotReadable("has compiled code that names code it does not hold");
  return value;
}
