/** Metrics, and the standard calls that compute them. */
import type { CallValue, MetricItem } from "../syntax/ast.ts";
import type { CheckContext } from "./context.ts";
import { checkKey, variableOf } from "./keys.ts";
import { docOf } from "./params.ts";
import type { Metric } from "./program.ts";
import { readDomain } from "./read-domain.ts";
import { type ModuleScope, placeOf, sayUnknown } from "./scope.ts";
import { readCall } from "./std-call.ts";
import { type StdFunction, stdMetrics } from "./std/metrics.ts";

/** A metric; where it states no goal or domain, those of the standard function it calls. */
export function readMetric(context: CheckContext, home: ModuleScope, item: MetricItem): Metric {
  const { module } = home;
  checkKey(context, module, item.key, "metric");
  const standard = item.call && findFunction(context, home, item.call);
  const domain = item.domain && readDomain(context, module, item.domain, "metric");
  return {
    key: item.key.text,
    variable: variableOf(item.key),
    over: item.over?.text,
    call: item.call && standard && readCall(context, home, item.call, standard),
    goal: item.goal?.name ?? standard?.goal,
    domain: item.domain ? domain : standard?.domain,
    doc: docOf(context, module, item),
    place: placeOf(home, item.key),
  };
}

function findFunction(
  context: CheckContext,
  home: ModuleScope,
  { callee }: CallValue,
): StdFunction | undefined {
  home.used.add(callee.text);
  const found = stdMetrics.get(callee.text);
  if (!found)
    sayUnknown(context, home, callee, { kind: "standard function", among: stdMetrics.keys() });
  return found;
}
