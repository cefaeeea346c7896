/** Sweeps: a run repeated over values of its params, each trial known before the first one starts. */
import { diagnose } from "../source/messages.ts";
import type { SweepItem } from "../syntax/ast.ts";
import { checkBestBy } from "./best-by.ts";
import { checkCondition } from "./condition.ts";
import type { CheckContext } from "./context.ts";
import { ofKind, only, readable } from "./items.ts";
import type { Condition, Param, Sweep, Value, Vary } from "./program.ts";
import { checkPossible } from "./requirement.ts";
import {
  type CheckedRun,
  type CheckedRuns,
  type Declared,
  type ModuleScope,
  lookUp,
  placeOf,
  sayUnknown,
} from "./scope.ts";
import { checkRequired, checkSetItems, sayGivenTwice } from "./set-values.ts";
import { readTags } from "./tags.ts";
import { holesOf } from "./texts.ts";
import { type VaryItem, checkVary, countValues, domainOf, saySweep } from "./vary.ts";

/** More trials than this are a warning, and more than that an error: nobody means them. */
const manyTrials = 1000;
const tooManyTrials = 100_000;

type DeclaredSweep = Extract<Declared, { readonly kind: "sweep" }>;

/** A sweep, as good as it could be made; undefined where the run that it repeats is not known. */
export function checkSweep(
  context: CheckContext,
  { node, home }: DeclaredSweep,
  runs: CheckedRuns,
): Sweep | undefined {
  const declared = lookUp(context, home, node.of, ["run"]);
  const checked = declared && runs.get(declared.node);
  if (!checked) return undefined;
  const items = readable(node.block);
  const about = { context, home, node, items, checked };
  const search = readSearch(about);
  const vary = readVary(about, search?.kind);
  const set = readSet(about);
  const params = [...checked.scope.params.values()].map((it) => withDefault(it, set));
  const holes = { hasSeed: false, isComplete: checked.scope.complete };
  if (search?.kind === "grid") checkCount(about, vary);
  checkRequires(about, vary, params);
  checkGiven(about);
  return {
    name: node.name.text,
    of: node.of.text,
    search: search ?? { kind: "grid" },
    vary,
    set,
    parallel: readParallel(about),
    bestBy: checkBestBy(context, scopeOf(about), only(context, home.module, items, "best-by")),
    tags: readTags(context, home.module, items, holesOf(checked.scope.params.keys(), holes)),
    expects: readExpects(about),
    params,
    doc: node.doc?.text ?? "",
    place: placeOf(home, node.name),
  };
}

/** What all rules about one sweep need. */
interface About {
  readonly context: CheckContext;
  readonly home: ModuleScope;
  readonly node: DeclaredSweep["node"];
  readonly items: readonly Exclude<SweepItem, { readonly kind: "broken" }>[];
  readonly checked: CheckedRun;
}

function scopeOf({ home, checked }: About) {
  return { home, runs: [checked.scope] };
}

function isWhole({ node, items }: About): boolean {
  return node.block.items.length === items.length;
}

/** The one search; E0603 for both kinds, or where all could be read and there is none. */
function readSearch(about: About): Sweep["search"] | undefined {
  const { context, home, node, items } = about;
  const grid = only(context, home.module, items, "grid");
  const random = only(context, home.module, items, "random");
  if (grid && random) {
    const because = "a sweep has `grid` or `random … trials`, not both";
    return saySweep(context, home, random, because, "leave out one of them");
  }
  if (grid) return { kind: "grid" };
  if (random) {
    const trials = random.trials.value;
    checkTrials(about, random, trials);
    return { kind: "random", trials, seed: random.seed?.value };
  }
  const because = `\`${node.name.text}\` does not say how it searches`;
  const fix = "add `grid` (every combination) or `random 20 trials`";
  if (isWhole(about)) saySweep(context, home, node.name, because, fix);
  return undefined;
}

function checkTrials({ context, home }: About, node: SweepItem, trials: number): void {
  if (trials < 1)
    saySweep(context, home, node, "a random search needs at least one trial", "`random 20 trials`");
  if (trials > manyTrials) sayMany(context, home, node, trials);
}

function readVary(about: About, search: Sweep["search"]["kind"] | undefined): readonly Vary[] {
  const { context, home, node, items } = about;
  const varied = ofKind(items, "vary");
  if (varied.length === 0 && isWhole(about)) {
    const because = `\`${node.name.text}\` varies nothing`;
    saySweep(context, home, node.name, because, "add `vary` with a param and its values");
  }
  return onceEach(about, varied).flatMap((item) => {
    const param = paramOf(about, item);
    const vary = param && checkVary(context, home, item, param, search);
    return vary ? [vary] : [];
  });
}

/** The first `vary` of each param; a further one, or a `set` beside it, is E0202. */
function onceEach({ context, home, items }: About, varied: readonly VaryItem[]) {
  const first = new Map(varied.toReversed().map(({ param }) => [param.text, param]));
  for (const { param } of varied) {
    const earlier = first.get(param.text);
    if (earlier && earlier !== param) sayGivenTwice(context, home, earlier, param);
  }
  for (const { key } of ofKind(items, "set")) {
    const earlier = first.get(key.text);
    if (earlier) sayGivenTwice(context, home, earlier, key);
  }
  return varied.filter(({ param }) => first.get(param.text) === param);
}

function paramOf({ context, home, checked }: About, { param }: VaryItem): Param | undefined {
  const { params, complete } = checked.scope;
  const found = params.get(param.text);
  if (!found && complete) sayUnknown(context, home, param, { kind: "param", among: params.keys() });
  return found;
}

function readSet({ context, home, items, checked }: About): Readonly<Record<string, Value>> {
  const { params, complete } = checked.scope;
  return checkSetItems(context, { home, params, complete }, ofKind(items, "set"));
}

function withDefault(param: Param, set: Readonly<Record<string, Value>>): Param {
  return Object.hasOwn(set, param.name) ? { ...param, default: set[param.name] } : param;
}

function checkCount({ context, home, node, checked }: About, vary: readonly Vary[]): void {
  const count = vary
    .map((it) => countValues(it, checked.scope.params.get(it.param)?.type ?? "float"))
    .reduce((product, values) => product * values, 1);
  if (count > manyTrials) sayMany(context, home, node.name, count);
}

/** E0603, as a warning unless the number is beyond reason. */
function sayMany(
  context: CheckContext,
  home: ModuleScope,
  node: Pick<SweepItem, "span">,
  count: number,
): void {
  const because = `this sweep makes ${count.toLocaleString("en-US")} runs`;
  const fix = "take fewer values, or draw some of them: `random 100 trials`";
  const found = diagnose("E0603", placeOf(home, node), { because, fix });
  context.report(count > tooManyTrials ? found : { ...found, severity: "warning" });
}

/** E0307 where no values that the sweep tries can satisfy the run's requirements. */
function checkRequires(about: About, vary: readonly Vary[], params: readonly Param[]): void {
  const { context, home, node, checked } = about;
  const byName = new Map(vary.map((it) => [it.param, it]));
  const bounded = new Map(
    params.map((it) => [it.name, { ...it, domain: domainOf(byName.get(it.name), it.domain) }]),
  );
  checkPossible(context, bounded, checked.run.requires, () => placeOf(home, node.name));
}

/** Each trial needs all values: E0306 for a param without a default that is neither varied nor set. */
function checkGiven({ context, home, node, items, checked }: About): void {
  const given = new Set([
    ...ofKind(items, "vary").map(({ param }) => param.text),
    ...ofKind(items, "set").map(({ key }) => key.text),
  ]);
  const where = `the sweep \`${node.name.text}\``;
  const params = checked.scope.params.values();
  checkRequired(context, placeOf(home, node.name), { where, params, given });
}

function readParallel({ context, home, items }: About): number | undefined {
  const item = only(context, home.module, items, "parallel");
  if (item && item.count.value < 1)
    saySweep(context, home, item, "`parallel` says how many runs go at once: 1 or more", "");
  return item?.count.value;
}

function readExpects(about: About): readonly Condition[] {
  const scope = { keyword: "expect", ...scopeOf(about) } as const;
  return ofKind(about.items, "expect").flatMap(({ condition }) => {
    const checked = checkCondition(about.context, scope, condition);
    return checked ? [checked] : [];
  });
}
