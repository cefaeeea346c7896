/** The values of a range that has steps: how many there are, and which one is the i-th. */
import { countSteps, stepFrom } from "./decimal.ts";
import type { ParamType, RangeDomain } from "./program.ts";

/** A bounded range with a step: its values are `first + i * by` for i in 0..count-1. */
export interface Grid {
  readonly first: number;
  readonly by: number;
  /** May be 0, and may be too large to list. */
  readonly count: number;
}

/** The values that a param of `type` has in `range`; undefined where they cannot be counted: no end, or floats without `by`. */
export function gridOf(range: RangeDomain, type: ParamType): Grid | undefined {
  const by = range.by ?? (type === "int" ? 1 : undefined);
  if (by === undefined || !Number.isFinite(range.low) || !Number.isFinite(range.high))
    return undefined;
  const low = type === "int" && range.by === undefined ? Math.ceil(range.low) : range.low;
  const skipped = range.lowOpen && low === range.low ? 1 : 0;
  const { whole, exact } = countSteps(low, by, range.high);
  const last = exact && range.highOpen ? whole - 1 : whole;
  const count = range.high < low ? 0 : Math.max(0, last - skipped + 1);
  return { first: stepFrom(low, by, skipped), by, count };
}

/** The value at `index`, counted from 0. */
export function gridValue(grid: Grid, index: number): number {
  return stepFrom(grid.first, grid.by, index);
}

/** All values in order. Only for a grid known to be small. */
export function gridValues(grid: Grid): readonly number[] {
  return Array.from({ length: grid.count }, (_, index) => gridValue(grid, index));
}
