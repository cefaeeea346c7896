/** Objects of R as they are compared: what they hold, without how they were stored. */

/** `name` is empty where there is none. */
export interface Entry {
  readonly name: string;
  readonly value: RValue;
}

/** Sorted by name; none of those that only say where code was written. */
export type Attributes = readonly Entry[];

export type NumberType = "logical" | "integer" | "double" | "complex" | "raw";

/** Elements as bytes, the highest first; each NaN has the bits of one of two: NA, or any other. */
export interface RNumbers {
  readonly kind: "numbers";
  readonly type: NumberType;
  readonly bytes: Buffer;
  readonly attributes: Attributes;
}
/** null: NA. */
export interface RTexts {
  readonly kind: "texts";
  readonly values: readonly (string | null)[];
  readonly attributes: Attributes;
}
export interface RList {
  readonly kind: "list";
  readonly type: "list" | "expression";
  readonly items: readonly RValue[];
  readonly attributes: Attributes;
}
/** What is linked cell by cell: code, arguments. */
export interface RPairs {
  readonly kind: "pairs";
  readonly type: "call" | "pairlist" | "dots";
  readonly items: readonly Entry[];
  readonly attributes: Attributes;
}
/** May hold itself. Filled while it is read; variables sorted by name. */
export interface REnvironment {
  readonly kind: "environment";
  parent: RValue;
  variables: readonly Entry[];
  attributes: Attributes;
}
/** Something outside of R: no file holds what it points to. */
export interface RPointer {
  readonly kind: "pointer";
  readonly what: "external pointer" | "weak reference";
  held: readonly RValue[];
  attributes: Attributes;
}
/** Code is never compiled. */
export interface RClosure {
  readonly kind: "closure";
  readonly formals: RValue;
  readonly body: RValue;
  readonly environment: RValue;
  readonly attributes: Attributes;
}
/** An argument that nobody has looked at yet; one that was looked at is its value. */
export interface RPromise {
  readonly kind: "promise";
  readonly code: RValue;
  readonly environment: RValue;
}

export type RValue =
  | { readonly kind: "null" }
  /** `name` is empty for an argument that is missing. */
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "unbound" }
  /** An environment that every R has: `R_GlobalEnv`, `base`, `R_EmptyEnv`, `namespace:stats`, `package:stats`. */
  | { readonly kind: "place"; readonly name: string }
  | { readonly kind: "primitive"; readonly name: string }
  | { readonly kind: "object"; readonly attributes: Attributes }
  | RNumbers
  | RTexts
  | RList
  | RPairs
  | REnvironment
  | RPointer
  | RClosure
  | RPromise;

export const rNull: RValue = { kind: "null" };

/** Bytes an element takes. */
export const widths: Readonly<Record<NumberType, number>> = {
  logical: 4,
  integer: 4,
  double: 8,
  complex: 16,
  raw: 1,
};

export function attributesOf(value: RValue): Attributes {
  return "attributes" in value ? value.attributes : [];
}

export function attributeOf(value: RValue, name: string): RValue | undefined {
  return attributesOf(value).find((entry) => entry.name === name)?.value;
}

export function namesOf(value: RValue): readonly (string | null)[] | undefined {
  const names = attributeOf(value, "names");
  return names?.kind === "texts" ? names.values : undefined;
}
