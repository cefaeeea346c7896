/** Digests of values of the code: equal for equal content, whatever the identity; nothing of the code is called for it. */
const { process } = globalThis;
const { createHash } = process.getBuiltinModule("node:crypto");
const { types } = process.getBuiltinModule("node:util");

/** Of a larger value only as many parts are looked at. */
const mostParts = 200_000;

/** A longer array is looked at by its elements alone: to ask for its keys would make a text of each. */
const longArray = 256;

/** @typedef {{ readonly hash: import("node:crypto").Hash, text: string[], parts: number, readonly seen: Map<object, number> }} Walk */

/** @param {unknown} value */
export function digest(value) {
  /** @type {Walk} */
  const walk = { hash: createHash("sha256"), text: [], parts: 0, seen: new Map() };
  visit(value, walk);
  flush(walk);
  return walk.hash.digest("hex").slice(0, 32);
}

/** @param {Walk} walk */
function flush(walk) {
  walk.hash.update(walk.text.join("\0"));
  walk.text = [];
}

/** @param {string} part @param {Walk} walk */
function say(part, walk) {
  if (walk.text.push(part) >= 4096) flush(walk);
}

/** @param {unknown} value @param {Walk} walk */
function visit(value, walk) {
  if (++walk.parts > mostParts) return;
  if (typeof value === "object" && value !== null) return visitObject(value, walk);
  if (typeof value === "function") return say(`f${Function.prototype.toString.call(value)}`, walk);
  const text = Object.is(value, -0) ? "-0" : String(value);
  say(`${(typeof value)[0]}${text}`, walk);
}

/** @param {object} value @param {Walk} walk */
function visitObject(value, walk) {
  const number = walk.seen.get(value);
  if (number !== undefined) return say(`@${number}`, walk);
  walk.seen.set(value, walk.seen.size);
  if (types.isProxy(value)) return say("proxy", walk);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return visitBytes(value, walk);
  say(`o${nameOf(value)}`, walk);
  if (Array.isArray(value) && value.length > longArray) return visitLong(value, walk);
  if (types.isDate(value)) say(String(Date.prototype.getTime.call(value)), walk);
  else if (types.isRegExp(value)) say(RegExp.prototype.toString.call(value), walk);
  else if (types.isBoxedPrimitive(value)) visit(value.valueOf(), walk);
  else if (types.isMap(value))
    for (const pair of Map.prototype.entries.call(value)) visitEach(pair, walk);
  else if (types.isSet(value)) visitEach(Set.prototype.values.call(value), walk);
  visitProperties(value, walk);
}

/** @param {Iterable<unknown>} values @param {Walk} walk */
function visitEach(values, walk) {
  for (const value of values) visit(value, walk);
}

/** @param {ArrayBufferView | ArrayBuffer} value @param {Walk} walk */
function visitBytes(value, walk) {
  say(`b${nameOf(value)}${value.byteLength}`, walk);
  flush(walk);
  walk.hash.update(
    ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value),
  );
}

/** @param {readonly unknown[]} values @param {Walk} walk */
function visitLong(values, walk) {
  say(String(values.length), walk);
  if (values.every((value) => typeof value === "number"))
    return visitBytes(Float64Array.from(/** @type {readonly number[]} */ (values)), walk);
  for (let i = 0; i < values.length && walk.parts <= mostParts; i++) visit(values[i], walk);
}

/** In their order, which is part of the value; an accessor is not called. @param {object} value @param {Walk} walk */
function visitProperties(value, walk) {
  const isError = types.isNativeError(value);
  for (const key of Reflect.ownKeys(value)) {
    if (walk.parts > mostParts) return;
    // Stacks name folders.
    if (isError && key === "stack") continue;
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined || (Array.isArray(value) && key === "length")) continue;
    say(String(key), walk);
    if ("value" in property) visit(property.value, walk);
  }
}

/** The name of its class, as far as it is no accessor. @param {object} value @returns {string} */
function nameOf(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return "null";
  if (types.isProxy(prototype)) return "";
  const made = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const name =
    typeof made === "function" && !types.isProxy(made)
      ? Object.getOwnPropertyDescriptor(made, "name")?.value
      : undefined;
  return typeof name === "string" ? name : Object.prototype.toString.call(value);
}
