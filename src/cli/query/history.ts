/** What is worth telling of all points of a metric of a run. */
import type { MetricPoint } from "../../tracking/entities.ts";

export interface HistorySummary {
  /** Undefined where no point is a number. */
  readonly least: MetricPoint | undefined;
  readonly most: MetricPoint | undefined;
  readonly points: number;
  /** How many of them are NaN. */
  readonly notNumbers: number;
  readonly firstStep: number;
  readonly lastStep: number;
}

/** Of a history in the order of its steps. Of equal values the earliest counts. */
export function summarise(history: readonly MetricPoint[]): HistorySummary {
  const numbers = history.filter(({ value }) => !Number.isNaN(value));
  const better = (isBetter: (a: number, b: number) => boolean): MetricPoint | undefined =>
    numbers.reduce<MetricPoint | undefined>(
      (best, point) => (best === undefined || isBetter(point.value, best.value) ? point : best),
      undefined,
    );
  return {
    least: better((a, b) => a < b),
    most: better((a, b) => a > b),
    points: history.length,
    notNumbers: history.length - numbers.length,
    firstStep: history[0]?.step ?? 0,
    lastStep: history.at(-1)?.step ?? 0,
  };
}
