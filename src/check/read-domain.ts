/** Domains as written become domains of a type: E0303 where nothing lies in one, E0305 where the type has no such domain. */
import type { DomainNode, ListValue, MatchingNode, Module, RangeNode } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import { isTextType, wholePattern } from "./domain.ts";
import type { Domain, ListDomain, ParamType, PatternDomain, RangeDomain } from "./program.ts";
import { fixedText } from "./texts.ts";
import { readValue, sourceOf } from "./values.ts";

/** `type` is a param's; `metric` for the number that a metric is. Undefined where there were findings. */
export function readDomain(
  context: CheckContext,
  module: Module,
  node: DomainNode,
  type: ParamType | "metric",
): Domain | undefined {
  if (!fits(node, type)) return sayWrongKind(context, module, node, type);
  switch (node.kind) {
    case "range":
      return readRange(context, module, node, type === "int");
    case "list":
      return readList(context, module, node, type === "metric" ? "float" : type);
    case "matching":
      return readPattern(context, module, node);
    default:
      return node satisfies never;
  }
}

function fits(node: DomainNode, type: ParamType | "metric"): boolean {
  if (type === "bool") return false;
  if (node.kind === "list") return true;
  return (node.kind === "matching") === (type !== "metric" && isTextType(type));
}

function sayWrongKind(
  context: CheckContext,
  module: Module,
  node: DomainNode,
  type: ParamType | "metric",
): undefined {
  const domain = written(module, node);
  const fix = fixFor(type);
  const of = type === "metric" ? "a metric" : `a param of type \`${type}\``;
  say(context, "E0305", placeIn(module, node.span), { domain, type: of, fix });
}

function fixFor(type: ParamType | "metric"): string {
  if (type === "bool") return "leave the domain out";
  if (type !== "metric" && isTextType(type))
    return 'write a list, `in ["a", "b"]`, or a pattern, `matching "[a-z]+"`';
  return "write a range, `in 0..1`, or a list, `in [1, 2]`";
}

/** The range of `node`; says E0303 where no number lies in it (no whole number where `isWhole`). */
export function readRange(
  context: CheckContext,
  module: Module,
  node: RangeNode,
  isWhole: boolean,
): RangeDomain | undefined {
  const range: RangeDomain = {
    kind: "range",
    low: node.low?.value ?? -Infinity,
    lowOpen: node.lowOpen,
    high: node.high?.value ?? Infinity,
    highOpen: node.highOpen,
    by: node.by?.value,
  };
  const because = whyEmpty(range, isWhole);
  if (because === undefined) return range;
  say(context, "E0303", placeIn(module, node.span), { domain: written(module, node), because });
  return undefined;
}

function whyEmpty({ low, lowOpen, high, highOpen, by }: RangeDomain, isWhole: boolean) {
  if (low > high) return "its low end is above its high end";
  if (low === high && (lowOpen || highOpen)) return "it leaves out its only value";
  if (by !== undefined && !(by > 0)) return "its steps lead nowhere";
  if (isWhole && firstWhole(low, lowOpen) > lastWhole(high, highOpen))
    return "there is no whole number in it";
  if (isWhole && by !== undefined && !(Number.isInteger(by) && Number.isInteger(low)))
    return "its steps are not whole numbers";
  return undefined;
}

function firstWhole(low: number, isOpen: boolean): number {
  return isOpen ? Math.floor(low) + 1 : Math.ceil(low);
}

function lastWhole(high: number, isOpen: boolean): number {
  return isOpen ? Math.ceil(high) - 1 : Math.floor(high);
}

function readList(
  context: CheckContext,
  module: Module,
  node: ListValue,
  type: ParamType,
): ListDomain | undefined {
  const values = node.items.map((item) => readValue(context, module, item, type, false));
  const known = values.filter((value) => value !== undefined);
  if (known.length > 0) return { kind: "list", values: known };
  if (values.length === 0) {
    const because = "the list is empty";
    say(context, "E0303", placeIn(module, node.span), { domain: written(module, node), because });
  }
  return undefined;
}

function readPattern(
  context: CheckContext,
  module: Module,
  node: MatchingNode,
): PatternDomain | undefined {
  const pattern = fixedText(context, module, node.pattern);
  try {
    wholePattern(pattern);
    return { kind: "pattern", pattern };
  } catch {
    const because = "it is no regular expression";
    say(context, "E0303", placeIn(module, node.span), { domain: written(module, node), because });
    return undefined;
  }
}

function written(module: Module, node: DomainNode): string {
  const text = sourceOf(module, node);
  return node.kind === "matching" ? text : `in ${text.replace(/^in\s+/u, "")}`;
}
