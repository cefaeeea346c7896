/** The values of one param that are tried: short to write, from the one end of its domain to the other. */
import { contains, isTextType } from "../../check/domain.ts";
import { gridOf, gridValues } from "../../check/domain-grid.ts";
import { countSteps, stepFrom } from "../../check/decimal.ts";
import type { Param, RangeDomain, Value } from "../../check/program.ts";

export interface ParamValues {
  /** In order; those of a list as it has them. */
  readonly values: readonly Value[];
  /** Where among them the usual one stands. */
  readonly usual: number;
}

/** Steps of a grid over numbers. */
const steps = 1000;

/**
 * Undefined for texts, unless they are listed: these are too many. `usual` is one of the values, whatever the domain says.
 * `isLog`: smaller numbers are as interesting as larger ones. Of paths there is only the usual one.
 */
export function valuesOf(param: Param, usual: Value, isLog: boolean): ParamValues | undefined {
  const all = allOf(param, usual, isLog);
  if (!all) return undefined;
  const known = param.nullable && !all.includes(null) ? [null, ...all] : all;
  const values = known.includes(usual) ? known : withUsual(known, usual);
  return { values, usual: values.indexOf(usual) };
}

function allOf(param: Param, usual: Value, isLog: boolean): readonly Value[] | undefined {
  const { type, domain } = param;
  if (domain?.kind === "list") return domain.values;
  if (type === "bool") return [false, true];
  if (type === "path") return [usual];
  if (isTextType(type)) return undefined;
  const range = domain?.kind === "range" ? domain : anyNumber;
  const grid = gridOf(range, param.type);
  if (grid && grid.count <= 2 * steps) return gridValues(grid);
  const centre = typeof usual === "number" ? usual : 0;
  const ends = endsOf(range, centre, type === "int");
  const inside = isLog && ends.low > 0 ? logGrid(ends) : linearGrid(ends, type === "int");
  const candidates = [ends.low, ...inside, ends.high].map((value) =>
    type === "int" ? Math.round(value) : value,
  );
  return [...new Set(candidates)].filter((value) => contains(range, value)).toSorted(byValue);
}

const anyNumber: RangeDomain = {
  kind: "range",
  low: -Infinity,
  lowOpen: false,
  high: Infinity,
  highOpen: false,
  by: undefined,
};

interface Ends {
  readonly low: number;
  readonly high: number;
}

/** Where the domain has no end, ten times as far as the usual value lies from 0, or from its other end. */
function endsOf({ low, high, by }: RangeDomain, centre: number, isWhole: boolean): Ends {
  const from = Number.isFinite(low) ? low : Number.isFinite(high) ? high : 0;
  const least = by === undefined ? (isWhole ? steps : 10) : by * steps;
  const far = Math.max(10 * Math.abs(centre - from), least);
  return {
    low: Number.isFinite(low) ? low : from - far,
    high: Number.isFinite(high) ? high : from + far,
  };
}

/** Multiples of a step of 1, 2 or 5 times a power of ten, of which there are at most `steps`. */
function linearGrid({ low, high }: Ends, isWhole: boolean): readonly number[] {
  const step = Math.max(roundUp((high - low) / steps), isWhole ? 1 : 0);
  if (!(step > 0) || !Number.isFinite(step)) return [];
  const first = countSteps(0, step, low).whole;
  const last = countSteps(0, step, high).whole;
  return Array.from({ length: last - first + 1 }, (_, i) => stepFrom(0, step, first + i));
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((each) => each * power >= value) ?? 10;
  return Number((factor * power).toPrecision(1));
}

/** As many to each power of ten, with three digits. */
function logGrid({ low, high }: Ends): readonly number[] {
  const ratio = high / low;
  return Array.from({ length: steps + 1 }, (_, i) =>
    Number((low * ratio ** (i / steps)).toPrecision(3)),
  );
}

function withUsual(values: readonly Value[], usual: Value): readonly Value[] {
  if (typeof usual !== "number") return [usual, ...values];
  const at = values.findIndex((value) => typeof value === "number" && value > usual);
  return at < 0 ? [...values, usual] : values.toSpliced(at, 0, usual);
}

function byValue(a: number, b: number): number {
  return a - b;
}
