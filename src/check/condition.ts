/** Conditions as written become conditions over known names: E0602 for a name that nothing logs, E0301 for another type. */
import { suggest } from "../source/suggest.ts";
import type {
  Comparison as ComparisonNode,
  Condition as ConditionNode,
  PathValue,
} from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { isTextType } from "./domain.ts";
import type { Comparison, Condition, ParamType } from "./program.ts";
import { type ModuleScope, type RunScope, placeOf, sayUnknown } from "./scope.ts";
import { readValue, sourceOf } from "./values.ts";

/** Where a condition stands, and the runs whose names it may use: one, but for a comparison's `where`. */
export interface ConditionScope {
  readonly keyword: "require" | "expect" | "where";
  readonly home: ModuleScope;
  readonly runs: readonly RunScope[];
}

/** What a name in a condition is. `path` is how the program names it: `metrics.loss` is `loss`, a tag keeps `tags.`. */
interface Subject {
  readonly path: readonly string[];
  readonly kind: "metric" | "param" | "tag";
  readonly type: ParamType;
  readonly nullable: boolean;
}

/** Undefined where something in it could not be understood; that has been said, or lies in what could not be read. */
export function checkCondition(
  context: CheckContext,
  scope: ConditionScope,
  node: ConditionNode,
): Condition | undefined {
  const comparisons = node.comparisons.map((it) => checkComparison(context, scope, it));
  const known = comparisons.filter((it) => it !== undefined);
  if (known.length < comparisons.length) return undefined;
  const { source } = scope.home.module;
  const text = source.text.slice(node.span.start, node.span.end).replace(/\s+/gu, " ").trim();
  return { comparisons: known, text, place: placeOf(scope.home, node) };
}

function checkComparison(
  context: CheckContext,
  scope: ConditionScope,
  node: ComparisonNode,
): Comparison | undefined {
  const left = checkSubject(context, scope, node.left);
  if (!left || !checkOperator(context, scope, node, left)) return undefined;
  const { operator } = node;
  const right = checkRight(context, scope, node, left);
  return right && { left: left.path, operator, right };
}

function checkSubject(
  context: CheckContext,
  scope: ConditionScope,
  node: PathValue,
): Subject | undefined {
  const path = node.names.map(({ text }) => text);
  const found = subjectOf(scope, path);
  if (!found && scope.runs.length > 0 && scope.runs.every(({ complete }) => complete))
    sayNotLogged(context, scope, node, path.join("."));
  return found;
}

function subjectOf(scope: ConditionScope, path: readonly string[]): Subject | undefined {
  if (scope.keyword === "require") return paramOf(scope, path.join("."));
  const [space, ...rest] = path;
  const key = rest.join(".");
  return (
    metricOf(scope, path.join(".")) ??
    paramOf(scope, path.join(".")) ??
    (space === "metrics" ? metricOf(scope, key) : undefined) ??
    (space === "params" ? paramOf(scope, key) : undefined) ??
    (space === "tags" && key ? tagOf(path) : undefined)
  );
}

function metricOf({ runs }: ConditionScope, key: string): Subject | undefined {
  return runs.some(({ metrics }) => metrics.has(key))
    ? { path: [key], kind: "metric", type: "float", nullable: false }
    : undefined;
}

function paramOf({ runs }: ConditionScope, name: string): Subject | undefined {
  const param = runs.map(({ params }) => params.get(name)).find((it) => it !== undefined);
  return param && { path: [name], kind: "param", type: param.type, nullable: param.nullable };
}

/** Tags are texts, and any may be set while a run runs. */
function tagOf(path: readonly string[]): Subject {
  return { path, kind: "tag", type: "string", nullable: false };
}

function sayNotLogged(
  context: CheckContext,
  scope: ConditionScope,
  node: PathValue,
  name: string,
): void {
  const { keyword, home, runs } = scope;
  const params = runs.flatMap((it) => [...it.params.keys()]);
  if (keyword === "require")
    return sayUnknown(
      context,
      home,
      { text: name, span: node.span },
      { kind: "param", among: params },
    );
  const metrics = runs.flatMap((it) => [...it.metrics.keys()]);
  sayUnlogged(context, scope, { keyword, name, span: node.span }, [...metrics, ...params]);
}

/** Says E0602 about `name`; `known` are the names that would do. */
export function sayUnlogged(
  context: CheckContext,
  scope: Pick<ConditionScope, "home" | "runs">,
  about: {
    readonly keyword: string;
    readonly name: string;
    readonly span: PathValue["span"];
  },
  known: readonly string[],
): void {
  const { keyword, name } = about;
  const suggestion = suggest(name, known);
  const place = placeOf(scope.home, about);
  const runs = scope.runs.map(({ node }) => node.name.text);
  const actual = whatIs(scope.runs, name);
  const parameters = { keyword, name, runs, actual, suggestion, known: [...new Set(known)] };
  const edits = suggestion === undefined ? [] : [{ place, replacement: suggestion }];
  say(context, "E0602", place, parameters, { edits });
}

/** With its article, what the name is where it is nothing that counts here. */
function whatIs(runs: readonly RunScope[], name: string): string | undefined {
  if (runs.some(({ artifacts }) => artifacts.has(name))) return "an artifact";
  if (runs.some(({ models }) => models.has(name))) return "a model";
  return runs.some(({ params }) => params.has(name)) ? "a param" : undefined;
}

const textOperators: readonly string[] = ["=", "!=", "like", "ilike"];

function checkOperator(
  context: CheckContext,
  { home }: ConditionScope,
  node: ComparisonNode,
  { type }: Subject,
): boolean {
  const isNumber = type === "int" || type === "float";
  const needsText = node.operator === "like" || node.operator === "ilike";
  const fits = isNumber ? !needsText : textOperators.includes(node.operator);
  if (fits && !(type === "bool" && needsText)) return true;
  const found = sourceOf(home.module, node.left);
  const expected = needsText ? "a text" : "a number";
  say(context, "E0301", placeOf(home, node), { found, expected, fix: operatorsFor(type) });
  return false;
}

function operatorsFor(type: ParamType): string {
  if (type === "bool") return "truth values are compared with `=` and `!=`";
  return isTextType(type)
    ? "texts are compared with `=`, `!=`, `like` and `ilike`"
    : "numbers are compared with `=`, `!=`, `<`, `<=`, `>` and `>=`";
}

function checkRight(
  context: CheckContext,
  scope: ConditionScope,
  { right }: ComparisonNode,
  left: Subject,
): Comparison["right"] | undefined {
  if (right.kind === "path" && scope.keyword !== "where") {
    const other = paramOf(scope, right.names.map(({ text }) => text).join("."));
    if (other) return checkOther(context, scope, right, left, other);
    if (scope.keyword === "require") return void checkSubject(context, scope, right);
  }
  // A whole number may be compared with a fraction.
  const type = left.type === "int" ? "float" : left.type;
  const value = readValue(context, scope.home.module, right, type, left.nullable);
  return value === undefined ? undefined : { value };
}

function checkOther(
  context: CheckContext,
  { home }: ConditionScope,
  node: PathValue,
  left: Subject,
  right: Subject,
): Comparison["right"] | undefined {
  if (sortOf(left.type) === sortOf(right.type)) return { path: right.path };
  const found = sourceOf(home.module, node);
  const expected = `a ${sortOf(left.type)}`;
  const fix = `\`${left.path.join(".")}\` is one, so compare it with one`;
  say(context, "E0301", placeOf(home, node), { found, expected, fix });
  return undefined;
}

function sortOf(type: ParamType): "number" | "text" | "truth value" {
  if (isTextType(type)) return "text";
  return type === "bool" ? "truth value" : "number";
}
