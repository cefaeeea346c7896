/** What `reproducible` promises about a run's outputs: E0605 where that is about nothing, or about no number. */
import type { Related } from "../source/diagnostic.ts";
import { suggest } from "../source/suggest.ts";
import type { Name, RangeNode, ReproducibleItem, ToleranceNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { gridOf, gridValue } from "./domain-grid.ts";
import { only, readable } from "./items.ts";
import type { Contract, Tolerance } from "./program.ts";
import { readRange } from "./read-domain.ts";
import { type RunScope, placeOf } from "./scope.ts";

type NamedTolerance = Exclude<ToleranceNode, { readonly kind: "across-seeds" }>;

/** The contract of a run, without what was wrong in it. */
export function checkContract(
  context: CheckContext,
  scope: RunScope,
  item: ReproducibleItem,
): Contract {
  if (item.exact) return exactExcept(context, scope, item.exact.except);
  const items = readable(item.block);
  const { module } = scope.home;
  const across = only(context, module, items, "across-seeds");
  const named = items.filter((it): it is NamedTolerance => it.kind !== "across-seeds");
  return {
    otherwise: "unstated",
    tolerances: collect(context, scope, named, (it) => readTolerance(context, scope, it)),
    seeds: across && readSeeds(context, scope, across.range),
  };
}

function exactExcept(context: CheckContext, scope: RunScope, except: readonly Name[]): Contract {
  const items = except.map((name) => ({ name }));
  const ignored = () => ({ kind: "ignored" }) as const;
  return {
    otherwise: "exact",
    tolerances: collect(context, scope, items, ignored),
    seeds: undefined,
  };
}

/** Tolerances by name; a name that is no output is E0605, one that comes again E0202. */
function collect<Item extends { readonly name: Name }>(
  context: CheckContext,
  scope: RunScope,
  items: readonly Item[],
  read: (item: Item) => Tolerance | undefined,
): Readonly<Record<string, Tolerance>> {
  const first = new Map<string, Name>();
  const tolerances: [string, Tolerance][] = [];
  for (const item of items) {
    const { name } = item;
    const earlier = first.get(name.text);
    if (earlier) sayTwice(context, scope, earlier, name);
    else if (isOutput(context, scope, name)) {
      first.set(name.text, name);
      const tolerance = read(item);
      if (tolerance) tolerances.push([name.text, tolerance]);
    }
  }
  return Object.fromEntries(tolerances);
}

function sayTwice(context: CheckContext, scope: RunScope, first: Name, name: Name): void {
  const related = [{ place: placeOf(scope.home, first), note: "it is first named here" }];
  const about = { kind: "tolerance of", name: name.text };
  say(context, "E0202", placeOf(scope.home, name), about, { related });
}

function isOutput(context: CheckContext, scope: RunScope, name: Name): boolean {
  const outputs = [scope.metrics, scope.artifacts, scope.models].flatMap((it) => [...it.keys()]);
  if (outputs.includes(name.text)) return true;
  if (!scope.complete) return false;
  const suggestion = suggest(name.text, outputs);
  const place = placeOf(scope.home, name);
  const because = `\`${name.text}\` is no output of \`${scope.node.name.text}\``;
  const known = outputs.map((it) => `\`${it}\``).join(", ");
  const fix = known ? `its outputs are ${known}` : "it has none";
  const edits = suggestion === undefined ? [] : [{ place, replacement: suggestion }];
  say(context, "E0605", place, { because, suggestion, fix }, { edits });
  return false;
}

function readTolerance(
  context: CheckContext,
  scope: RunScope,
  node: NamedTolerance,
): Tolerance | undefined {
  switch (node.kind) {
    case "tolerance-exact":
      return { kind: "exact" };
    case "tolerance-ignored":
      return { kind: "ignored" };
    case "tolerance-ulp":
      return isAmount(context, scope, node, node.ulp.value)
        ? { kind: "ulp", ulp: node.ulp.value }
        : undefined;
    case "tolerance-within": {
      const { kind, value } = node.amount;
      const scale = node.scale ?? (kind === "percent" ? "rel" : "abs");
      return isAmount(context, scope, node, value)
        ? { kind: "within", amount: value, scale }
        : undefined;
    }
    case "tolerance-distribution":
      return isAmount(context, scope, node, node.margin.value)
        ? { kind: "distribution", margin: node.margin.value }
        : undefined;
    default:
      return node satisfies never;
  }
}

/** An amount says something about a number only, and where it is not negative (a margin: above 0). */
function isAmount(
  context: CheckContext,
  scope: RunScope,
  node: NamedTolerance,
  amount: number,
): boolean {
  const isMargin = node.kind === "tolerance-distribution";
  const broken = whyNoNumbers(scope, node.name.text, isMargin) ?? whyNoAmount(node, amount);
  if (!broken) return true;
  const { because, fix, related = [] } = broken;
  const place = placeOf(scope.home, node);
  say(context, "E0605", place, { because, fix, suggestion: undefined }, { related });
  return false;
}

interface Broken {
  readonly because: string;
  readonly fix: string;
  readonly related?: readonly Related[];
}

function whyNoAmount({ kind, name }: NamedTolerance, amount: number): Broken | undefined {
  const isMargin = kind === "tolerance-distribution";
  if (isMargin ? amount > 0 : amount >= 0) return undefined;
  return {
    because: `the tolerance of \`${name.text}\` is ${amount < 0 ? "negative" : "0"}`,
    fix: isMargin ? "write a margin above 0" : "write an amount of 0 or more",
  };
}

/** A metric is numbers, and a model by what it predicts. */
function whyNoNumbers(scope: RunScope, name: string, isMargin: boolean): Broken | undefined {
  if (scope.metrics.has(name)) return undefined;
  const model = scope.models.get(name);
  const without = `\`${name} exact\` or \`${name} ignored\``;
  if (!model)
    return {
      because: `\`${name}\` is an artifact, which has no amount to differ by`,
      fix: `write ${without}`,
    };
  if (isMargin)
    return {
      because: `\`${name}\` is a model, and only a metric has a distribution`,
      fix: `write \`${name} within 1e-6\`, which is about its predictions, or promise the distribution of a metric of it`,
    };
  const related = [{ place: model.place, note: "it is declared here" }];
  if (model.flavor !== "crate")
    return {
      because: `\`${name}\` is a model of flavor \`${model.flavor}\`, which predicts nothing that could be within an amount`,
      fix: `write ${without}`,
      related,
    };
  if (model.probe !== undefined) return undefined;
  return {
    because: `\`${name}\` is a model without a \`probe\`: no predictions are recorded that could be within an amount`,
    fix: `add \`probe ROWS\` to the block of the model, or write ${without}`,
    related,
  };
}

function readSeeds(context: CheckContext, scope: RunScope, node: RangeNode): Contract["seeds"] {
  const range = readRange(context, scope.home.module, node, true);
  if (!range) return undefined;
  const grid = range.by === undefined ? gridOf(range, "int") : undefined;
  if (grid) return { low: grid.first, high: gridValue(grid, grid.count - 1) };
  const because =
    range.by === undefined
      ? "`across seeds` needs a range with two ends"
      : "`across seeds` takes every seed of its range";
  const fix = range.by === undefined ? "write `across seeds 1..5`" : "leave out `by`";
  say(context, "E0605", placeOf(scope.home, node), { because, suggestion: undefined, fix });
  return undefined;
}
