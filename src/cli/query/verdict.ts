/** Why the best run is the best, in one sentence. */
import type { RankedMetric } from "../../plan/plan.ts";
import type { ComparedRun } from "../../run/ranking/compared-run.ts";
import type { Verdict } from "../../run/ranking/order.ts";
import { shortNumber, tellApart } from "../../source/figures.ts";

/** `labels`: how runs are called, by id. For example: `recall 0.95 before 0.93 of tidy_grid/04; precision was not needed`. */
export function explainVerdict(
  { winner, second, equal, decided, unused }: Verdict,
  labels: ReadonlyMap<string, string>,
): string {
  if (!second) return `${valuesText(winner, unused)}; it is the only run`;
  const other = labels.get(second.id) ?? second.id;
  const tie = equal.length > 0 ? `${valuesText(winner, equal)}, like ${other}` : "";
  if (!decided) return `${tie}, which comes later`;
  const step = stepText(winner, second, decided);
  if (tie) return `${tie}, but ${step("its", "it")}${restText(unused)}`;
  return `${step("", other)}${restText(unused)}`;
}

/** What the metric says of the two; `owner` is empty where the second run is called by its name, `other`. */
function stepText(winner: ComparedRun, second: ComparedRun, { metric }: RankedMetric) {
  const [mine = Number.NaN, theirs] = [winner.metrics.get(metric), second.metrics.get(metric)];
  return (owner: string, other: string): string => {
    if (theirs === undefined) return `${metric} ${shortNumber(mine)}, which ${other} does not have`;
    const [first, then] = tellApart(mine, theirs);
    return `${metric} ${first} before ${owner ? `${owner} ${then}` : `${then} of ${other}`}`;
  };
}

function restText(unused: readonly RankedMetric[]): string {
  if (unused.length === 0) return "";
  const names = unused.map(({ metric }) => metric).join(" and ");
  return `; ${names} ${unused.length > 1 ? "were" : "was"} not needed`;
}

/** `recall 0.95 and precision 0.9` */
function valuesText(run: ComparedRun, metrics: readonly RankedMetric[]): string {
  return metrics
    .map(({ metric }) => {
      const value = run.metrics.get(metric);
      return value === undefined ? `no ${metric}` : `${metric} ${shortNumber(value)}`;
    })
    .join(" and ");
}
