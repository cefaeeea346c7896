/** Messages described as data: from one description follow a TypeScript type, a reader of requests and a reader of answers. */

export interface Text {
  readonly kind: "text";
}
/** A 64-bit integer in MLflow; a whole number here. */
export interface Integer {
  readonly kind: "integer";
}
/** A double; NaN and the infinities are values like any other. */
export interface Double {
  readonly kind: "double";
}
export interface Flag {
  readonly kind: "flag";
}
export interface Choice<T extends string = string> {
  readonly kind: "choice";
  readonly of: readonly T[];
}
export interface List<S extends Shape = Shape> {
  readonly kind: "list";
  readonly item: S;
}
export interface Message<F extends Fields = Fields> {
  readonly kind: "message";
  readonly fields: F;
}
export type Shape = Text | Integer | Double | Flag | Choice | List | Message;

/** May be absent, and then has no value. */
export interface Optional<S extends Shape = Shape> {
  readonly kind: "optional";
  readonly shape: S;
}
/** May be absent, and then has this value. */
export interface Preset<S extends Shape = Shape> {
  readonly kind: "preset";
  readonly shape: S;
  readonly value: unknown;
}
/** A shape alone is a field that must be there. */
export type Field = Shape | Optional | Preset;
export interface Fields {
  readonly [name: string]: Field;
}

export const text: Text = { kind: "text" };
export const integer: Integer = { kind: "integer" };
export const double: Double = { kind: "double" };
export const flag: Flag = { kind: "flag" };

export function choice<const T extends string>(of: readonly T[]): Choice<T> {
  return { kind: "choice", of };
}

export function list<const S extends Shape>(item: S): List<S> {
  return { kind: "list", item };
}

export function message<const F extends Fields>(fields: F): Message<F> {
  return { kind: "message", fields };
}

export function optional<const S extends Shape>(shape: S): Optional<S> {
  return { kind: "optional", shape };
}

export function preset<const S extends Shape>(shape: S, value: ValueOf<S>): Preset<S> {
  return { kind: "preset", shape, value };
}

/** The TypeScript type of what a shape describes. */
export type ValueOf<S> = S extends Text
  ? string
  : S extends Integer | Double
    ? number
    : S extends Flag
      ? boolean
      : S extends { readonly kind: "choice"; readonly of: readonly (infer T)[] }
        ? T
        : S extends { readonly kind: "list"; readonly item: infer Item }
          ? readonly ValueOf<Item>[]
          : S extends { readonly kind: "message"; readonly fields: infer F }
            ? ValuesOf<F>
            : never;

type ShapeOf<F> = F extends { readonly kind: "optional" | "preset"; readonly shape: infer S }
  ? S
  : F;
type OptionalNames<F> = {
  [Name in keyof F]: F[Name] extends { readonly kind: "optional" } ? Name : never;
}[keyof F];

/** The TypeScript type of a message with these fields. */
export type ValuesOf<F> = {
  readonly [Name in Exclude<keyof F, OptionalNames<F>>]: ValueOf<ShapeOf<F[Name]>>;
} & {
  readonly [Name in OptionalNames<F>]?: ValueOf<ShapeOf<F[Name]>>;
};
