/** Reads JSON into what a message describes: each field is checked, liberal where MLflow's clients and servers differ, and what is unknown is left out. */
import type { Field, Fields, Message, Shape, ValueOf } from "./shape.ts";

/** A value that is not what its message describes; `message` names the field and what is wrong with it. */
export class MalformedMessage extends Error {}

export interface Reading {
  /** What to call the whole in a message about it. */
  readonly name: string;
  /** An empty text is no answer to what must be there, as in requests to MLflow; deeper inside it is. */
  readonly emptyIsMissing?: boolean;
}

/** Throws MalformedMessage. */
export function readMessage<M extends Message>(
  { fields }: M,
  value: unknown,
  reading: Reading,
): ValueOf<M> {
  return readFields(fields, value, "", reading) as ValueOf<M>;
}

interface NamedField {
  readonly name: string;
  /** protobuf's other name, where it differs: `runName`. */
  readonly camel: string | undefined;
  readonly older: string | undefined;
  readonly field: Field;
}

/** Servers and clients before 1.0 say `run_uuid`, and those after it say either or both. */
const olderNames: Readonly<Record<string, string>> = { run_id: "run_uuid", run_uuid: "run_id" };

const named = new WeakMap<Fields, readonly NamedField[]>();

function namesOf(fields: Fields): readonly NamedField[] {
  const known = named.get(fields);
  if (known !== undefined) return known;
  const made = Object.entries(fields).map(([name, field]) => ({
    name,
    camel: name.includes("_") ? camelCase(name) : undefined,
    older: olderNames[name],
    field,
  }));
  named.set(fields, made);
  return made;
}

function isRequired({ kind }: Field): boolean {
  return kind !== "optional" && kind !== "preset";
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function readFields(fields: Fields, value: unknown, path: string, reading: Reading): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new MalformedMessage(`${path || reading.name} ${lack(value, "JSON object")}`);
  const given = value as Readonly<Record<string, unknown>>;
  const read: Record<string, unknown> = {};
  for (const { name, camel, older, field } of namesOf(fields)) {
    const place = path === "" ? name : `${path}.${name}`;
    let own = given[name];
    if (camel !== undefined && Object.hasOwn(given, camel)) {
      if (own !== undefined) throw new MalformedMessage(`${place} is also given as ${camel}`);
      // What a request must have, MLflow looks for under its own name only.
      if (path !== "" || !isRequired(field)) own = given[camel];
    }
    if (older !== undefined) own ??= given[older];
    const found = readField(field, own, place, reading);
    if (found !== undefined) read[name] = found;
  }
  return read;
}

/** null is absence: some servers write it. Absent optional values are undefined. */
function readField(field: Field, value: unknown, path: string, reading: Reading): unknown {
  const isAbsent = value === undefined || value === null;
  switch (field.kind) {
    case "optional":
      return isAbsent ? undefined : readShape(field.shape, value, path, reading);
    case "preset":
      return isAbsent ? field.value : readShape(field.shape, value, path, reading);
    default:
      if (isAbsent || (value === "" && reading.emptyIsMissing === true && isTop(path)))
        throw new MalformedMessage(`${path} is missing`);
      return readShape(field, value, path, reading);
  }
}

function isTop(path: string): boolean {
  return !/[.[]/.test(path);
}

function lack(value: unknown, what: string): string {
  return value === undefined || value === null ? "is missing" : `is no ${what}`;
}

function readShape(shape: Shape, value: unknown, path: string, reading: Reading): unknown {
  switch (shape.kind) {
    case "text":
      return expect(
        typeof value === "string" && value.isWellFormed() ? value : undefined,
        path,
        "text",
      );
    case "integer":
      return expect(readInteger(value), path, "integer");
    case "double":
      return expect(readDouble(value), path, "number");
    case "flag":
      return expect(readFlag(value), path, "true or false");
    case "choice":
      return expect(
        shape.of.find((each) => each === value),
        path,
        `one of ${shape.of.join(", ")}`,
      );
    case "list":
      if (!Array.isArray(value)) throw new MalformedMessage(`${path} is no list`);
      return value.map((item, at) => readShape(shape.item, item, `${path}[${at}]`, reading));
    case "message":
      return readFields(shape.fields, value, path, reading);
    default:
      return shape satisfies never;
  }
}

function expect<T>(value: T | undefined, path: string, what: string): T {
  if (value === undefined) throw new MalformedMessage(`${path} is no ${what}`);
  return value;
}

/** int64: a number, or a text of one, as protobuf's own JSON (`"17"`) and R (`"1e+05"`) have it. */
function readInteger(value: unknown): number | undefined {
  const number = readDouble(value);
  return Number.isInteger(number) && Math.abs(number ?? 0) < 2 ** 63 ? number : undefined;
}

const numeral = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const nonFinite = /^([+-]?)(?:(inf|infinity)|nan)$/i;

function readDouble(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (numeral.test(value)) return Number(value);
  const [found, sign, infinite] = nonFinite.exec(value) ?? [];
  if (found === undefined) return undefined;
  if (infinite === undefined) return Number.NaN;
  return sign === "-" ? -Infinity : Infinity;
}

/** R writes TRUE. */
function readFlag(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.toLowerCase() : undefined;
  return text === "true" ? true : text === "false" ? false : undefined;
}
