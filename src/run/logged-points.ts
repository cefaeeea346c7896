/** Points that a run has in the tracker from an earlier attempt: a step that is performed again does not log them twice. */
import type { MetricPoint, TrackedRun } from "../tracking/entities.ts";
import { askPages } from "../tracking/pages.ts";
import type { Tracking } from "../tracking/tracking.ts";

export interface LoggedPoints {
  /** The points that are new; each of those that are there already is left out as often as it is there. */
  readonly without: (points: readonly MetricPoint[]) => readonly MetricPoint[];
}

/** All points of all metrics of `run`. */
export async function loadPoints(run: TrackedRun, tracking: Tracking): Promise<LoggedPoints> {
  const counts = new Map<string, number>();
  const { run_id } = run.info;
  for (const { key } of run.data.metrics ?? []) {
    const request = { run_id, metric_key: key, max_results: 25_000 };
    for await (const { metrics = [] } of askPages(tracking, "metrics/get-history", request))
      for (const { value, step } of metrics) {
        const point = nameOf({ key, value, step });
        counts.set(point, (counts.get(point) ?? 0) + 1);
      }
  }
  return {
    without: (points) =>
      points.filter((point) => {
        const name = nameOf(point);
        const count = counts.get(name) ?? 0;
        if (count > 0) counts.set(name, count - 1);
        return count === 0;
      }),
  };
}

/** By value and step: the time is that of the attempt. */
function nameOf({ key, value, step }: Pick<MetricPoint, "key" | "value" | "step">): string {
  return JSON.stringify([key, String(value), Object.is(value, -0), step]);
}
