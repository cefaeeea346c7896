/** Values of R in a few words, as R would write them. */
import { formatNumber } from "../../check/domain.ts";
import {
  type RNumbers,
  type RPairs,
  type RValue,
  attributeOf,
  widths,
} from "../../content/r/value.ts";

/** Longer texts are cut. */
const mostLetters = 60;
const mostElements = 3;

export function showValue(value: RValue): string {
  const text = describe(value);
  return text.length > mostLetters ? `${text.slice(0, mostLetters - 1)}…` : text;
}

function describe(value: RValue): string {
  switch (value.kind) {
    case "null":
      return "NULL";
    case "unbound":
      return "nothing";
    case "symbol":
      return value.name === "" ? "nothing" : showName(value.name);
    case "place":
      return value.name;
    case "primitive":
      return `.Primitive("${value.name}")`;
    case "object":
      return "an S4 object";
    case "numbers":
      return describeVector(value, lengthOf(value), (at) => showElement(value, at));
    case "texts":
      return describeVector(value, value.values.length, (at) => showText(value.values[at] ?? null));
    case "list":
      return `${value.type === "list" ? "a list" : "an expression"} of ${value.items.length}`;
    case "pairs":
      return showCode(value);
    case "closure":
      return "a function";
    case "promise":
      return `a promise of ${showCode(value.code)}`;
    case "environment":
      return "an environment";
    case "pointer":
      return `an ${value.what}`.replace("an weak", "a weak");
    default:
      return value satisfies never;
  }
}

function describeVector(
  value: RValue & { readonly kind: "numbers" | "texts" },
  length: number,
  element: (at: number) => string,
): string {
  const type = value.kind === "texts" ? "character" : value.type;
  const named = attributeOf(value, "class");
  if (named?.kind === "texts") return `${named.values.join("/")} of ${length}`;
  if (length === 0) return `${type}(0)`;
  if (length === 1) return element(0);
  const shown = Array.from({ length: Math.min(length, mostElements) }, (_, at) => element(at));
  return `c(${shown.join(", ")}${length > mostElements ? ", …" : ""})`;
}

export function lengthOf({ bytes, type }: RNumbers): number {
  return bytes.length / widths[type];
}

export function showText(value: string | null): string {
  return value === null ? "NA" : JSON.stringify(value);
}

/** With every digit that the number has. */
export function showElement({ type, bytes }: RNumbers, index: number): string {
  const at = index * widths[type];
  switch (type) {
    case "logical": {
      const value = bytes.readInt32BE(at);
      return value === -0x80000000 ? "NA" : value === 0 ? "FALSE" : "TRUE";
    }
    case "integer": {
      const value = bytes.readInt32BE(at);
      return value === -0x80000000 ? "NA" : `${value}L`;
    }
    case "double":
      return showDouble(bytes, at);
    case "complex": {
      const imaginary = showDouble(bytes, at + 8);
      return `${showDouble(bytes, at)}${imaginary.startsWith("-") ? "" : "+"}${imaginary}i`;
    }
    case "raw":
      return `0x${bytes.readUInt8(at).toString(16).padStart(2, "0")}`;
    default:
      return type satisfies never;
  }
}

function showDouble(bytes: Buffer, at: number): string {
  const value = bytes.readDoubleBE(at);
  if (Number.isNaN(value)) return bytes.readUInt32BE(at + 4) === 1954 ? "NA" : "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
  return formatNumber(value);
}

/** A name as code has it: in backquotes where it would not be one. */
function showName(name: string): string {
  return isSyntactic(name) ? name : `\`${name.replaceAll("`", "\\`")}\``;
}

export function isSyntactic(name: string): boolean {
  return /^([\p{L}]|\.(?![0-9]))[\p{L}\p{N}._]*$/u.test(name) && !reserved.has(name);
}
const reserved = new Set(
  "if else repeat while function for next break TRUE FALSE NULL Inf NaN NA in".split(" "),
);

const operators = new Set(
  "+ - * / ^ == != < > <= >= & && | || <- <<- = ~ : $ @ :: ::: |> %% %/% %in% %*% %o%".split(" "),
);
const tight = new Set(["^", ":", "$", "@", "::", ":::"]);

function showCode(value: RValue): string {
  if (value.kind !== "pairs") return describe(value);
  const { type, items } = value;
  const args = (from: number): string =>
    items
      .slice(from)
      .map(({ name, value: it }) => {
        const shown = it.kind === "symbol" && it.name === "" ? "" : showCode(it);
        return name === "" ? shown : shown === "" ? name : `${showName(name)} = ${shown}`;
      })
      .join(", ");
  if (type !== "call") return `${type}(${args(0)})`;
  const head = items[0]?.value;
  const name = head?.kind === "symbol" ? head.name : undefined;
  const [left, right] = [items[1]?.value, items[2]?.value];
  if (name === "function" && left?.kind === "pairs" && right)
    return `function(${left.items.map((it) => it.name).join(", ")}) ${showCode(right)}`;
  if (name === "function" && right) return `function() ${showCode(right)}`;
  return showCall(value, name, args);
}

function showCall(
  { items }: RPairs,
  name: string | undefined,
  args: (from: number) => string,
): string {
  const [head, left, right] = items.map((item) => item.value);
  const code = (value: RValue | undefined): string => (value ? showCode(value) : "");
  if (name === "{")
    return `{ ${items
      .slice(1)
      .map((item) => showCode(item.value))
      .join("; ")} }`;
  if (name === "(") return `(${code(left)})`;
  if (name === "[") return `${code(left)}[${args(2)}]`;
  if (name === "[[") return `${code(left)}[[${args(2)}]]`;
  const isOperator = name !== undefined && operators.has(name);
  if (isOperator && items.length === 3)
    return `${code(left)}${tight.has(name) ? name : ` ${name} `}${code(right)}`;
  if ((isOperator || name === "!") && items.length === 2) return `${name}${code(left)}`;
  return `${code(head)}(${args(1)})`;
}
