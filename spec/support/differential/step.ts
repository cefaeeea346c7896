/** One request of a sequence, the same for both servers: what only one server knows, such as a run's id, is a placeholder. */

/** JSON as it goes into a body, with numbers that no double can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | Literal
  | readonly Json[]
  | { readonly [name: string]: Json };

/** A token of JSON, or of what Python takes for JSON: `NaN`, `1e309`, `-0`, 64-bit integers. */
export interface Literal {
  readonly $literal: string;
}

export interface Step {
  readonly verb: string;
  /** From the first slash, percent-encoded where it has to be. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: Json;
  /** The body as it is, in place of `body`. */
  readonly text?: string;
  /** The Content-Type in place of JSON's; empty for none at all. */
  readonly type?: string;
}

/** What servers name themselves; a placeholder `{{run 2}}` is the third run made so far, counted round. */
export const madeKinds = ["experiment", "run", "model", "token"] as const;
export type MadeKind = (typeof madeKinds)[number];
export type Made = Readonly<Record<MadeKind, readonly string[]>>;

const placeholder = /\{\{(experiment|run|model|token) (\d+)\}\}|\{\{(.+?)\*(\d+)\}\}/gsu;
/** Ids of the right form that nobody has. */
const strangers: Readonly<Record<MadeKind, string>> = {
  experiment: "77",
  run: "0123456789abcdef0123456789abcdef",
  model: "m-0123456789abcdef0123456789abcdef",
  token: "eyJvZmZzZXQiOiAxfQ==",
};

/** Replaces placeholders: `{{run 2}}` by an id, `{{ab*3}}` by ababab, each encoded as its surroundings need it. */
function fillIn(text: string, made: Made, encode = (value: string): string => value): string {
  return text.replace(placeholder, (_, kind: MadeKind | undefined, at, piece: string, times) => {
    if (kind === undefined) return encode(piece.repeat(Number(times)));
    const known = made[kind];
    return encode(known[Number(at) % Math.max(known.length, 1)] ?? strangers[kind]);
  });
}

/** Percent-encodes what is not a placeholder. */
export function encodePath(text: string): string {
  const kept = text.match(placeholder) ?? [];
  const rest = text.split(placeholder).filter((_, at) => at % 5 === 0);
  return rest
    .map((part, at) => encodeURIComponent(part.toWellFormed()) + (kept[at] ?? ""))
    .join("");
}

function isLiteral(value: object): value is Literal {
  return "$literal" in value;
}

/** JSON whose placeholders are still to be filled in. */
export function printBody(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isLiteral(value)) return value.$literal;
  if (Array.isArray(value)) return `[${value.map(printBody).join(",")}]`;
  const fields = Object.entries(value).map(
    ([name, each]) => `${JSON.stringify(name)}:${printBody(each)}`,
  );
  return `{${fields.join(",")}}`;
}

/** The body of a step, or undefined where it has none. */
export function bodyOf({ text, body }: Step, made: Made): string | undefined {
  const printed = text ?? (body === undefined ? undefined : printBody(body));
  return printed === undefined ? undefined : fillIn(printed, made);
}

/** The request target of a step: path and query. */
export function targetOf({ path, query = [] }: Step, made: Made): string {
  const filled = fillIn(path, made, encodeURIComponent);
  if (query.length === 0) return filled;
  const pairs = query.map(([name, value]) =>
    [name, fillIn(value, made)].map((part) => encodeURIComponent(part.toWellFormed())).join("="),
  );
  return `${filled}?${pairs.join("&")}`;
}

/** One line that says what is asked. */
export function describeStep(step: Step): string {
  const query = (step.query ?? []).map((pair) => pair.join("=")).join("&");
  const body = step.text ?? (step.body === undefined ? "" : JSON.stringify(step.body));
  const type = step.type === undefined ? "" : ` (${step.type || "no type"})`;
  return `${step.verb} ${step.path}${query && `?${query}`}${type} ${body}`.trimEnd();
}
