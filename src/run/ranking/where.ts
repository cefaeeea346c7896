/** `where`: decided here for every run, and by the tracker's search beforehand where it can leave out what does not count. */
import { type Lookup, evaluate } from "../../check/condition-evaluate.ts";
import type { Comparison, Condition } from "../../check/program.ts";
import type { Candidates } from "../../plan/plan.ts";
import type { ComparedRun } from "./compared-run.ts";

/**
 * Whether all conditions hold for `run`. What a run does not have differs from every value, so `!=` holds for it, and no
 * other comparison does. A metric counts with its last value; one that is NaN keeps nothing.
 */
export function keeps(where: readonly Condition[], run: ComparedRun): boolean {
  const lookup: Lookup = (path) => valueIn(run, path);
  return where.every((condition) =>
    evaluate(condition, lookup).failed.every(
      ({ left, operator }) => operator === "!=" && lookup(left) === undefined,
    ),
  );
}

/** `["accuracy"]`, `["share"]`; only tags, `["tags", "status"]`, have more than one part in a checked condition. */
function valueIn({ metrics, values, tags }: ComparedRun, path: readonly string[]) {
  const [first = "", ...rest] = path;
  return rest.length > 0 ? tags.get(rest.join(".")) : (metrics.get(first) ?? values.get(first));
}

/**
 * The comparisons that MLflow's search understands just so, in its words: it finds every run that `keeps` keeps, and some
 * that it does not. Left out are `!=` (the search also leaves out runs without the value), params (which it knows as texts)
 * and what cannot be written in it.
 */
export function searchWords(
  where: readonly Condition[],
  candidates: Candidates,
): readonly string[] {
  return where.flatMap(({ comparisons }) =>
    comparisons.flatMap((comparison) => wordsOf(comparison, candidates)),
  );
}

function wordsOf({ left, operator, right }: Comparison, { params }: Candidates): readonly string[] {
  if (!("value" in right) || operator === "!=") return [];
  const { value } = right;
  const name = left.join(".");
  const [space, ...rest] = left;
  // The name of a param, or of a metric that this run may call otherwise: the search would ask for the wrong one.
  if (name.includes("`") || params.some((param) => param.name === name)) return [];
  if (typeof value === "number" && operator !== "like" && operator !== "ilike")
    return /^-?\d+(\.\d+)?$/.test(String(value))
      ? [`metrics.\`${name}\` ${operator} ${value}`]
      : [];
  const isTag = space === "tags" && operator === "=" && typeof value === "string";
  return isTag && /^[^'"`\\]*$/.test(value) ? [`tags.\`${rest.join(".")}\` = '${value}'`] : [];
}
