/** The history of a metric as one line of bars. */
import type { Signs } from "./signs.ts";

/** MLflow's SQL schema keeps infinities as the largest doubles. */
const isFigure = (value: number): boolean => Math.abs(value) < Number.MAX_VALUE;

/**
 * At most `width` bars, one for each value or for each of as many equal stretches of them. A stretch shows its mean, but
 * that with the highest of all values shows it, and that with the lowest; one without any finite number is a gap.
 */
export function sparkline(values: readonly number[], width: number, signs: Signs): string {
  const finite = values.filter(isFigure);
  const [low, high] = [leastOf(finite), mostOf(finite)];
  const count = Math.min(width, values.length);
  const bars = Array.from({ length: count }, (_, at) => {
    const start = Math.floor((at * values.length) / count);
    const end = Math.floor(((at + 1) * values.length) / count);
    const shown = represent(values.slice(start, end), low, high);
    return shown === undefined ? signs.gap : barOf(shown, low, high, signs.bars);
  });
  return bars.join("");
}

/** Undefined where nothing is finite. */
function represent(stretch: readonly number[], low: number, high: number): number | undefined {
  const finite = stretch.filter(isFigure);
  if (finite.length === 0) return undefined;
  if (finite.includes(high)) return high;
  if (finite.includes(low)) return low;
  return finite.reduce((sum, value) => sum + value / finite.length, 0);
}

function barOf(value: number, low: number, high: number, bars: readonly string[]): string {
  if (low === high) return bars[Math.floor(bars.length / 2)] ?? "";
  // Halved: the span of the largest doubles is no double.
  const share = (value / 2 - low / 2) / (high / 2 - low / 2);
  return bars[Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)))] ?? "";
}

function leastOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

function mostOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}
