/** What a plain scalar of YAML means to Python's `yaml.safe_load`: YAML 1.1, with that library's own narrower numbers. */
import type { PythonValue } from "./python-value.ts";

const truths = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const lies = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const nothing = /^(?:~|null|Null|NULL|)$/;
const whole = /^[-+]?(?:0b[01_]+|0x[\da-fA-F_]+|0[0-7_]+|0|[1-9][\d_]*|[1-9][\d_]*(?::[0-5]?\d)+)$/;
/** An exponent needs its sign, and the number its point: `1e5` and `1e-5` are texts. */
const decimal =
  /^(?:[-+]?(?:\d[\d_]*)\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*)$/;
const infinite = /^([-+]?)\.(?:inf|Inf|INF)$/;
const noNumber = /^\.(?:nan|NaN|NAN)$/;
const day = /^\d{4}-\d\d-\d\d$/;
const moment =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::?(\d\d))?))?$/;

/** The value of an unquoted scalar without a tag. */
export function readPlain(text: string): PythonValue {
  if (nothing.test(text)) return { kind: "none" };
  if (truths.test(text)) return { kind: "bool", value: true };
  if (lies.test(text)) return { kind: "bool", value: false };
  return readNumber(text) ?? readTime(text) ?? { kind: "text", value: text };
}

/** The value of a scalar with one of YAML's own tags; undefined where the text does not fit it. */
export function readTagged(tag: string, text: string): PythonValue | undefined {
  const value = readPlain(text);
  switch (tag) {
    case "str":
      return { kind: "text", value: text };
    case "null":
      return { kind: "none" };
    case "bool":
    case "int":
      return value.kind === tag ? value : undefined;
    case "float":
      if (value.kind === "int") return { kind: "float", value: Number(value.value) };
      return value.kind === "float" ? value : readExponent(text);
    case "timestamp":
      return value.kind === "time" ? value : undefined;
    default:
      return undefined;
  }
}

/** Where the tag says that it is a number, `1e5` is one too. */
function readExponent(text: string): PythonValue | undefined {
  return /^[-+]?\d[\d_]*[eE][-+]?\d+$/.test(text)
    ? { kind: "float", value: Number(text.replaceAll("_", "")) }
    : undefined;
}

function readNumber(text: string): PythonValue | undefined {
  if (whole.test(text)) return readWhole(text);
  if (noNumber.test(text)) return { kind: "float", value: Number.NaN };
  const infinity = infinite.exec(text);
  if (infinity) return { kind: "float", value: infinity[1] === "-" ? -Infinity : Infinity };
  return decimal.test(text) ? { kind: "float", value: readDecimal(text) } : undefined;
}

/** A text of underscores alone after its prefix is no number to Python, which fails there; here it stays a text. */
function readWhole(text: string): PythonValue | undefined {
  const digits = text.replaceAll("_", "").replace(/^[-+]/, "");
  const based = /^0(?=[0-7])/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (/^0[bxo]$/.test(based)) return undefined;
  const size = digits.includes(":") ? readSixties(digits) : BigInt(based);
  return { kind: "int", value: text.startsWith("-") ? -size : size };
}

/** `1:30` is ninety. */
function readSixties(digits: string): bigint {
  return digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

function readDecimal(text: string): number {
  const digits = text.replaceAll("_", "").replace(/^[-+]/, "");
  const size = digits.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return text.startsWith("-") ? -size : size;
}

function readTime(text: string): PythonValue | undefined {
  if (day.test(text)) return { kind: "time", text };
  const parts = moment.exec(text);
  if (!parts) return undefined;
  const [, year, month = "", date = "", hour = "", minute, second, fraction = ""] = parts;
  const micro = fraction.slice(0, 6).padEnd(6, "0");
  const clock = `${hour.padStart(2, "0")}:${minute}:${second}${micro === "000000" ? "" : `.${micro}`}`;
  const shown = `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")} ${clock}${readZone(parts)}`;
  return { kind: "time", text: shown };
}

function readZone([, , , , , , , , utc, sign, hours = "", minutes]: RegExpExecArray): string {
  if (utc) return "+00:00";
  return sign === undefined ? "" : `${sign}${hours.padStart(2, "0")}:${minutes ?? "00"}`;
}
