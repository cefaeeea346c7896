/** What is wrong with something that begins like a number. */
import { diagnose } from "../../source/messages.ts";
import { suggest } from "../../source/suggest.ts";
import type { Span } from "../../source/text.ts";
import type { Expected } from "./match.ts";
import { type Finding, abridge, placeAt } from "./reader.ts";

interface Fault {
  readonly reason: string;
  readonly suggestion: string | undefined;
}

const numeric = /^(?:a number|a whole number|a percentage|a duration|a size)/;
const written = /^[-+]?\.?\d(?:[\p{L}\d_%]|\.(?!\.)|(?<=[eE])[-+])*/u;
const before = /(?:[-+]?\d[\p{L}\d_%]*)$/u;

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
  const kinds = expected.flatMap(({ text: kind }) => numeric.exec(kind)?.[0] ?? []);
  const fault = faultOf(raw, new Set(kinds));
  if (!fault || (kinds.length === 0 && back === 0)) return undefined;
  const span = { start, end: start + raw.length };
  return (placing) => {
    const place = placeAt(placing, span);
    const { reason, suggestion } = fault;
    const edits = suggestion === undefined ? [] : [{ place, replacement: suggestion }];
    return diagnose("E0107", place, { written: abridge(raw), reason, suggestion }, { edits });
  };
}

const units: Readonly<Record<string, readonly string[]>> = {
  "a duration": ["ms", "s", "min", "h"],
  "a size": ["KiB", "MiB", "GiB"],
};

function faultOf(raw: string, kinds: ReadonlySet<string>): Fault | undefined {
  const fault = spelling(raw);
  if (fault) return fault;
  const unit = raw.replace(/^[-+\d.]+/, "");
  const amount = raw.slice(0, raw.length - unit.length);
  for (const [kind, known] of Object.entries(units)) {
    if (!kinds.has(kind) || (kinds.has("a number") && unit === "")) continue;
    const meant = meantUnit(unit, known);
    const reason = `${kind} has a unit: ${known.join(", ")}`;
    return { reason, suggestion: meant && `${amount.replace(/^[-+]/, "")}${meant}` };
  }
  if (kinds.has("a whole number") && !kinds.has("a number"))
    return { reason: "a whole number stands here", suggestion: undefined };
  return { reason: `nothing is known about \`${unit}\``, suggestion: undefined };
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
function spelling(raw: string): Fault | undefined {
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
