/** Comparisons: the runs of several runs and sweeps side by side, some of them left out, the best one first. */
import type { CompareItem, Name } from "../syntax/ast.ts";
import { checkBestBy } from "./best-by.ts";
import { checkCondition, sayUnlogged } from "./condition.ts";
import { type CheckContext, say } from "./context.ts";
import { ofKind, only, readable } from "./items.ts";
import type { Compare, Condition } from "./program.ts";
import {
  type CheckedRuns,
  type Declared,
  type ModuleScope,
  type RunScope,
  lookUp,
  placeOf,
} from "./scope.ts";

type DeclaredCompare = Extract<Declared, { readonly kind: "compare" }>;
type Items = readonly Exclude<CompareItem, { readonly kind: "broken" }>[];

/** Where a comparison stands, and the runs whose names it may use; empty where none of them is known. */
interface Around {
  readonly home: ModuleScope;
  readonly runs: readonly RunScope[];
}

/** A comparison, as good as it could be made. */
export function checkCompare(
  context: CheckContext,
  { node, home }: DeclaredCompare,
  runs: CheckedRuns,
): Compare {
  const items = readable(node.block);
  const names = withoutTwins(context, home, namesOf(items, "runs"));
  if (names.length === 0 && items.length === node.block.items.length)
    sayNoRuns(context, home, node.name);
  const around = { home, runs: findRuns(context, home, names, runs) };
  const bestBy = only(context, home.module, items, "best-by");
  return {
    name: node.name.text,
    runs: names.map(({ text }) => text),
    where: readWhere(context, around, items),
    bestBy: checkBestBy(context, around, bestBy),
    show: readShow(context, around, items),
    doc: node.doc?.text ?? "",
    place: placeOf(home, node.name),
  };
}

function namesOf(items: Items, kind: "runs" | "show"): readonly Name[] {
  return ofKind(items, kind).flatMap(({ names }) => names);
}

function withoutTwins(
  context: CheckContext,
  home: ModuleScope,
  names: readonly Name[],
): readonly Name[] {
  return names.filter((name) => {
    const first = names.find(({ text }) => text === name.text) ?? name;
    if (first === name) return true;
    const related = [{ place: placeOf(home, first), note: "it is first named here" }];
    say(context, "E0202", placeOf(home, name), { kind: "run", name: name.text }, { related });
    return false;
  });
}

function sayNoRuns(context: CheckContext, home: ModuleScope, name: Name): void {
  const because = `\`${name.text}\` lays no runs side by side`;
  say(context, "E0603", placeOf(home, name), { because, fix: "add `runs` and their names" });
}

/** The runs that `names` stand for, a sweep for the run that it repeats; none where one of them is not known. */
function findRuns(
  context: CheckContext,
  home: ModuleScope,
  names: readonly Name[],
  runs: CheckedRuns,
): readonly RunScope[] {
  const found = names.map((name) => {
    const declared = lookUp(context, home, name, ["run", "sweep"]);
    const run = declared && runOf(declared);
    return run && runs.get(run.node)?.scope;
  });
  const known = found.filter((it) => it !== undefined);
  return known.length === names.length ? [...new Set(known)] : [];
}

/** The run itself, or the one that a sweep repeats. */
export function runOf(
  declared: Extract<Declared, { readonly kind: "run" | "sweep" }>,
): Extract<Declared, { readonly kind: "run" }> | undefined {
  if (declared.kind === "run") return declared;
  const run = declared.home.names.get(declared.node.of.text);
  return run?.kind === "run" ? run : undefined;
}

function readWhere(context: CheckContext, around: Around, items: Items): readonly Condition[] {
  const scope = { keyword: "where", ...around } as const;
  return ofKind(items, "where").flatMap(({ condition }) => {
    const checked = checkCondition(context, scope, condition);
    return checked ? [checked] : [];
  });
}

function readShow(context: CheckContext, around: Around, items: Items): readonly string[] {
  const names = namesOf(items, "show");
  const { runs } = around;
  const logged = runs.flatMap(({ metrics, params }) => [...metrics.keys(), ...params.keys()]);
  if (runs.length > 0 && runs.every(({ complete }) => complete))
    for (const { text: name, span } of names)
      if (!logged.includes(name))
        sayUnlogged(context, around, { keyword: "show", name, span }, logged);
  return names.map(({ text }) => text);
}
