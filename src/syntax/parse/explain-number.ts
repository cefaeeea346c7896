/** What is wrong with something that begins like a number. */
import { diagnose } from "../../source/messages.ts";
import { suggest } from "../../source/suggest.ts";
import type { Span } from "../../source/text.ts";
import type { Expected } from "./match.ts";
import { type Finding, abridge, placeAt } from "./reader.ts";

interface Fault {
  readonly written: string;
  readonly reason: string;
  readonly suggestion: string | undefined;
}

const numeric = /^(?:a number|a whole number|a percentage|a duration|a size)/;
const written = /^[-+]?\.?\d(?:[\p{L}\d_%]|\.(?!\.)|(?<=[eE])[-+])*/u;
const before = /[-+]?\d(?:[\p{L}\d_%]|(?<!\.)\.(?!\.))*$/u;
const spaced = /^[ \t]+(\p{L}+)/u;

export function explainNumber(
  text: string,
  { start: at, end }: Span,
  expected: readonly Expected[],
): Finding | undefined {
  const isTail = /^\.(?!\.)/.test(text.slice(at, at + 2));
  const back = isTail ? (before.exec(text.slice(Math.max(0, at - 100), at))?.[0].length ?? 0) : 0;
  const start = at - back;
  const raw = written.exec(text.slice(start, end))?.[0];
  if (raw === undefined) return undefined;
  const kinds = new Set(expected.flatMap(({ text: kind }) => numeric.exec(kind)?.[0] ?? []));
  if (kinds.size === 0 && back === 0) return undefined;
  const blank = spaced.exec(text.slice(start + raw.length, end));
  const fault = (blank && faultOfBlank(raw, blank, kinds)) ?? faultOf(raw, kinds);
  const span = { start, end: start + fault.written.length };
  return (placing) => {
    const place = placeAt(placing, span);
    const { reason, suggestion } = fault;
    const edits = suggestion === undefined ? [] : [{ place, replacement: suggestion }];
    return diagnose(
      "E0107",
      place,
      { written: abridge(fault.written), reason, suggestion },
      { edits },
    );
  };
}

const units: Readonly<Record<string, readonly string[]>> = {
  "a duration": ["ms", "s", "min", "h"],
  "a size": ["KiB", "MiB", "GiB"],
};

/** A unit that stands apart from its number. */
function faultOfBlank(
  raw: string,
  [gap, unit = ""]: RegExpExecArray,
  kinds: ReadonlySet<string>,
): Fault | undefined {
  if (kinds.has("a number") || !/^\d+$/.test(raw)) return undefined;
  const meant = meantUnit(unit, unitsFor(kinds));
  if (meant === undefined) return undefined;
  const reason = "the unit follows the number without a blank";
  return { written: raw + gap, reason, suggestion: raw + meant };
}

function faultOf(raw: string, kinds: ReadonlySet<string>): Fault {
  const fault = spelling(raw);
  if (fault) return { written: raw, ...fault };
  const unit = raw.replace(/^[-+\d.]+/, "");
  const amount = raw.slice(0, raw.length - unit.length).replace(/^[-+]/, "");
  const known = unitsFor(kinds);
  const meant = meantUnit(unit, known);
  const suggestion = meant && amount + meant;
  if (known.length > 0 && !kinds.has("a number"))
    return { written: raw, reason: `a unit follows the number: ${known.join(", ")}`, suggestion };
  if (unit === "" || known.length === 0)
    return { written: raw, reason: "a whole number stands here", suggestion: undefined };
  return {
    written: raw,
    reason: `\`${unit}\` is not one of the units ${known.join(", ")}`,
    suggestion,
  };
}

function unitsFor(kinds: ReadonlySet<string>): readonly string[] {
  return Object.entries(units).flatMap(([kind, known]) => (kinds.has(kind) ? known : []));
}

/** Other names of the units, each with ours. */
const otherUnits = new Map(
  "sec s|secs s|second s|seconds s|m min|mins min|minute min|minutes min|hr h|hour h|hours h|KB KiB|MB MiB|GB GiB|K KiB|M MiB|G GiB"
    .split("|")
    .map((pair) => [pair.split(" ")[0], pair.split(" ")[1]]),
);

function meantUnit(unit: string, known: readonly string[]): string | undefined {
  const named = otherUnits.get(unit);
  if (named !== undefined && known.includes(named)) return named;
  return unit === "" ? undefined : suggest(unit, known);
}

/** Ways of writing numbers that other languages have. */
function spelling(raw: string): Omit<Fault, "written"> | undefined {
  if (/^[-+]?\d+(?:_\d+)+$/.test(raw))
    return { reason: "digits stand together", suggestion: raw.replaceAll("_", "") };
  if (raw.startsWith("+"))
    return { reason: "a sign is only written for less", suggestion: raw.slice(1) };
  if (/^-?\.\d/.test(raw))
    return { reason: "a digit stands before the point", suggestion: raw.replace(".", "0.") };
  if (/^-?\d+\.$/.test(raw))
    return { reason: "a digit stands after the point", suggestion: `${raw}0` };
  if (/^-?\d+[lL]$/.test(raw))
    return { reason: "a whole number has no `L`", suggestion: raw.slice(0, -1) };
  if (/^-?0[xXbBoO]/.test(raw))
    return { reason: "numbers are decimal here", suggestion: decimal(raw) };
  if (/[eE][-+]?$/.test(raw))
    return { reason: "digits stand after the `e`", suggestion: undefined };
  if (/^-?[\d.]*\..*\./.test(raw))
    return { reason: "a number has one point", suggestion: undefined };
  return undefined;
}

function decimal(raw: string): string | undefined {
  const value = Number(raw);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
