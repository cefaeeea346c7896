/** Metrics, and the standard calls that compute them. */
import type { Argument, CallValue, MetricItem, Value as ValueNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { checkKey, variableOf } from "./keys.ts";
import { docOf } from "./params.ts";
import type { CallArgument, Metric, StdCall } from "./program.ts";
import { readDomain } from "./read-domain.ts";
import { type ModuleScope, placeOf, sayUnknown } from "./scope.ts";
import { type StdFunction, stdMetrics } from "./std.ts";
import { fixedText } from "./texts.ts";
import { sourceOf } from "./values.ts";

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

function readCall(
  context: CheckContext,
  home: ModuleScope,
  call: CallValue,
  { takes }: StdFunction,
): StdCall {
  const given = call.arguments.slice(0, takes.length).map(({ name }, i) => name?.text ?? takes[i]);
  for (const { name } of call.arguments)
    if (name && !takes.includes(name.text))
      sayUnknown(context, home, name, { kind: "argument", among: takes });
  checkNumber(context, home, call, takes);
  const where = `\`${call.callee.text}\``;
  if (call.arguments.every(({ name }) => !name || takes.includes(name.text)))
    for (const name of takes.filter((it) => !given.includes(it)))
      say(context, "E0306", placeOf(home, call), { kind: "argument", name, where });
  return {
    function: call.callee.text,
    arguments: call.arguments.flatMap((it) => readArgument(context, home, it)),
  };
}

function checkNumber(
  context: CheckContext,
  home: ModuleScope,
  call: CallValue,
  takes: readonly string[],
): void {
  const tooMany = call.arguments[takes.length];
  if (!tooMany) return;
  say(context, "E0301", placeOf(home, tooMany), {
    found: sourceOf(home.module, tooMany),
    expected: `an argument of \`${call.callee.text}\``,
    fix: `write \`${call.callee.text}(${takes.join(", ")})\``,
  });
}

function readArgument(
  context: CheckContext,
  home: ModuleScope,
  argument: Argument,
): readonly CallArgument[] {
  const name = argument.name?.text;
  const { value } = argument;
  if (value.kind === "path" && value.names.length === 1 && value.names[0])
    return [{ name, variable: value.names[0].text }];
  const plain = plainValue(context, home, value);
  if (plain !== undefined) return [{ name, value: plain }];
  say(context, "E0301", placeOf(home, value), {
    found: sourceOf(home.module, value),
    expected: "a variable or a value",
    fix: "compute it in the code, and name the variable here",
  });
  return [];
}

function plainValue(context: CheckContext, home: ModuleScope, value: ValueNode) {
  if (value.kind === "text") return fixedText(context, home.module, value);
  if (value.kind === "null") return null;
  return value.kind === "number" || value.kind === "percent" || value.kind === "boolean"
    ? value.value
    : undefined;
}
