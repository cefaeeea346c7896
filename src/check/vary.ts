/** The values that a sweep tries for one param: typed, inside the param's domain, and such that they can be laid out. */
import type { ListValue, RangeNode, SweepItem } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { describeDomain, describeValue, isTextType } from "./domain.ts";
import { type Grid, gridOf, gridValues } from "./domain-grid.ts";
import type { Domain, Param, RangeDomain, Value, Vary } from "./program.ts";
import { readRange } from "./read-domain.ts";
import { type ModuleScope, placeOf } from "./scope.ts";
import { isAllowed, sayOutside } from "./set-values.ts";
import { readValue, sourceOf } from "./values.ts";

export type VaryItem = Extract<SweepItem, { readonly kind: "vary" }>;
export type SearchKind = "grid" | "random";

/** How many values of a range are held to the domain one by one. */
const checkedOneByOne = 10_000;

/** `search` is undefined where the sweep does not say which it is; then only what both ask is checked. */
export function checkVary(
  context: CheckContext,
  home: ModuleScope,
  item: VaryItem,
  param: Param,
  search: SearchKind | undefined,
): Vary | undefined {
  const values =
    item.values.kind === "list"
      ? checkList(context, home, item, item.values, param)
      : checkRange(context, home, item, item.values, param, search);
  return values && { param: param.name, log: item.log, values };
}

function checkList(
  context: CheckContext,
  home: ModuleScope,
  item: VaryItem,
  node: ListValue,
  param: Param,
): Vary["values"] | undefined {
  const because = "`log` says how a range is drawn from; a list has no scale";
  if (item.log) return saySweep(context, home, node, because, "leave out `log`");
  const place = placeOf(home, node);
  if (node.items.length === 0) {
    const empty = { domain: `in ${sourceOf(home.module, node)}`, because: "the list is empty" };
    say(context, "E0303", place, empty);
  }
  const values = node.items.flatMap((value) => {
    const found = readValue(context, home.module, value, param.type, param.nullable);
    if (found === undefined) return [];
    if (isAllowed(param, found)) return [found];
    sayOutside(context, home, { node: value, keyword: "vary", param, value: describeValue(found) });
    return [];
  });
  return values.length > 0 ? { kind: "list", values } : undefined;
}

function checkRange(
  context: CheckContext,
  home: ModuleScope,
  item: VaryItem,
  node: RangeNode,
  param: Param,
  search: SearchKind | undefined,
): RangeDomain | undefined {
  if (isTextType(param.type) || param.type === "bool")
    return sayNoRange(context, home, node, param);
  const range = readRange(context, home.module, node, param.type === "int");
  if (!range) return undefined;
  const grid = gridOf(range, param.type);
  if (item.log && !isAboveZero(context, home, node, range)) return undefined;
  if (!canBeLaidOut(context, home, node, { item, range, grid, search })) return undefined;
  const outside = findOutside(range, grid, param);
  if (outside === undefined) return range;
  sayOutside(context, home, { node, keyword: "vary", param, value: outside });
  return undefined;
}

function sayNoRange(
  context: CheckContext,
  home: ModuleScope,
  node: RangeNode,
  { type }: Param,
): undefined {
  const domain = `in ${sourceOf(home.module, node)}`;
  const fix = `list the values: \`in ${type === "bool" ? "[true, false]" : '["a", "b"]'}\``;
  say(context, "E0305", placeOf(home, node), { domain, type: `a param of type \`${type}\``, fix });
}

function isAboveZero(
  context: CheckContext,
  home: ModuleScope,
  node: RangeNode,
  range: RangeDomain,
): boolean {
  if (range.low > 0) return true;
  const domain = `in log ${sourceOf(home.module, node)}`;
  const because = "a logarithmic scale lies above 0";
  say(context, "E0303", placeOf(home, node), { domain, because });
  return false;
}

interface Layout {
  readonly item: VaryItem;
  readonly range: RangeDomain;
  readonly grid: Grid | undefined;
  readonly search: SearchKind | undefined;
}

/** Says E0603 where a grid cannot list the values, or a random search cannot draw from them. */
function canBeLaidOut(
  context: CheckContext,
  home: ModuleScope,
  node: RangeNode,
  layout: Layout,
): boolean {
  const [because, fix] = whyNot(layout) ?? [];
  if (because === undefined || fix === undefined) return true;
  saySweep(context, home, node, because, fix);
  return false;
}

function whyNot({ item, range, grid, search }: Layout): readonly [string, string] | undefined {
  const name = item.param.text;
  if (item.log && range.by !== undefined)
    return ["a range has `log` or `by`, not both", "leave out one of them"];
  if (item.log && search === "grid")
    return [
      `a grid cannot list \`${name}\` on a logarithmic scale`,
      "list the values, such as `[0.001, 0.01, 0.1]`, or draw them: `random 20 trials`",
    ];
  if (!Number.isFinite(range.low) || !Number.isFinite(range.high))
    return [`the range of \`${name}\` has no end`, "give it two ends, such as `1..10`"];
  if (search === "grid" && !grid)
    return [
      `a grid cannot list every number from ${range.low} to ${range.high} for \`${name}\``,
      "add steps, such as `by 0.1`, or list the values",
    ];
  if (grid?.count === 0)
    return [`the range of \`${name}\` holds no value`, "widen it, or make its steps smaller"];
  return undefined;
}

/** What of the range lies outside the param's domain; undefined: nothing. */
function findOutside(range: RangeDomain, grid: Grid | undefined, param: Param): string | undefined {
  const { domain } = param;
  if (!domain) return undefined;
  if (grid && grid.count <= checkedOneByOne) {
    const outside = gridValues(grid).find((value) => !isAllowed(param, value));
    return outside === undefined ? undefined : describeValue(outside);
  }
  return isInside(range, domain) ? undefined : describeDomain(range).replace(/^in /u, "");
}

/** Whether all numbers of the range lie in `domain`, as far as that can be seen from its ends and steps. */
function isInside(range: RangeDomain, domain: Domain): boolean {
  if (domain.kind !== "range" || (domain.by !== undefined && domain.by !== range.by)) return false;
  const aboveLow =
    range.low > domain.low || (range.low === domain.low && (range.lowOpen || !domain.lowOpen));
  const belowHigh =
    range.high < domain.high ||
    (range.high === domain.high && (range.highOpen || !domain.highOpen));
  return aboveLow && belowHigh && (domain.by === undefined || isAllowed({ domain }, range.low));
}

/** Says E0603 about a part of a sweep. */
export function saySweep(
  context: CheckContext,
  home: ModuleScope,
  node: Pick<RangeNode, "span">,
  because: string,
  fix: string,
): undefined {
  say(context, "E0603", placeOf(home, node), { because, fix });
}

/** How many values a grid tries for the param. */
export function countValues({ values }: Vary, type: Param["type"]): number {
  return values.kind === "list" ? values.values.length : (gridOf(values, type)?.count ?? 1);
}

/** The domain that a param has within a sweep: what is varied, or else its own. */
export function domainOf(vary: Vary | undefined, own: Domain | undefined): Domain | undefined {
  return vary ? (vary.values satisfies Domain | { readonly values: readonly Value[] }) : own;
}
