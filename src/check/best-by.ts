/** What `best by` compares: metrics that the runs log (E0602) and that say which direction is better (E0601). */
import type { BestByItem, Name } from "../syntax/ast.ts";
import { sayUnlogged } from "./condition.ts";
import { type CheckContext, say } from "./context.ts";
import type { Metric } from "./program.ts";
import { type ModuleScope, type RunScope, placeOf } from "./scope.ts";

/** Names of the metrics, the first decides, the next settle ties. */
export function checkBestBy(
  context: CheckContext,
  scope: { readonly home: ModuleScope; readonly runs: readonly RunScope[] },
  item: BestByItem | undefined,
): readonly string[] {
  for (const name of item?.metrics ?? []) checkMetric(context, scope, name);
  return (item?.metrics ?? []).map(({ text }) => text);
}

function checkMetric(
  context: CheckContext,
  scope: { readonly home: ModuleScope; readonly runs: readonly RunScope[] },
  name: Name,
): void {
  const { runs, home } = scope;
  const metrics = runs.map((it) => it.metrics.get(name.text)).filter((it) => it !== undefined);
  if (metrics.length > 0) return checkDirection(context, home, name, metrics);
  if (runs.length === 0 || !runs.every(({ complete }) => complete)) return;
  const known = runs.flatMap((it) => [...it.metrics.keys()]);
  sayUnlogged(context, scope, { keyword: "best by", name: name.text, span: name.span }, known);
}

function checkDirection(
  context: CheckContext,
  home: ModuleScope,
  name: Name,
  metrics: readonly Metric[],
): void {
  const goals = new Set(metrics.map(({ goal }) => goal).filter((it) => it !== undefined));
  if (goals.size === 1) return;
  const because = goals.size === 0 ? "none" : "both";
  const related = metrics.map(({ place }) => ({ place, note: "the metric is declared here" }));
  say(context, "E0601", placeOf(home, name), { metric: name.text, because }, { related });
}
