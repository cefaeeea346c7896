/** Values for all params of a run, drawn from their declared domains: what properties of a pipeline are tried with. */
import fc from "fast-check";
import { evaluate } from "../../check/condition-evaluate.ts";
import { wholePattern } from "../../check/domain.ts";
import type { Param, Requirement, Value } from "../../check/program.ts";
import { type ParamValues, valuesOf } from "./param-values.ts";

export type ParamsRecord = Readonly<Record<string, Value>>;

export interface ParamSpace {
  readonly params: readonly Param[];
  readonly requires: readonly Requirement[];
  /** A value for each param, which keep `requires`: what counterexamples shrink towards. */
  readonly usual: ParamsRecord;
  /** Names of params that keep their usual value. */
  readonly fixed: readonly string[];
  /** Names of params that sweeps vary in powers. */
  readonly logarithmic: readonly string[];
}

/** So many draws out of a thousand must keep what is required; where fewer do, the usual values are all there is. */
const leastKept = 5;

export function paramsArbitrary(space: ParamSpace): fc.Arbitrary<ParamsRecord> {
  const each = space.params.map((param) => [param.name, paramArbitrary(param, space)] as const);
  const all = fc.record(Object.fromEntries(each), { noNullPrototype: true });
  if (space.requires.length === 0) return all;
  const kept = fc.sample(all, { numRuns: 1000, seed: 0 }).filter((values) => keeps(space, values));
  return kept.length < leastKept
    ? fc.constant(space.usual)
    : all.filter((values) => keeps(space, values));
}

/** The usual values, all at their one end, all at the other, and each alone at its ends; those that keep what is required. */
export function corners(space: ParamSpace): readonly ParamsRecord[] {
  const ends = space.params.flatMap((param) => {
    const values = valuesIn(param, space)?.values ?? [];
    return values.length < 2
      ? []
      : [{ name: param.name, low: values[0] ?? null, high: values.at(-1) ?? null }];
  });
  const at = (end: "low" | "high") => Object.fromEntries(ends.map((one) => [one.name, one[end]]));
  const alone = ends.flatMap(({ name, low, high }) => [{ [name]: low }, { [name]: high }]);
  const all = [{}, at("low"), at("high"), ...alone].map((some) => ({ ...space.usual, ...some }));
  const seen = new Set<string>();
  return all.filter((values) => {
    const key = JSON.stringify(values);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew && keeps(space, values);
  });
}

/** Whether `values` keep what is required of them together. */
export function keeps({ requires }: Pick<ParamSpace, "requires">, values: ParamsRecord): boolean {
  return requires.every(
    ({ condition }) => evaluate(condition, ([name = ""]) => values[name]).holds,
  );
}

/** The values that `param` is tried with; undefined for texts that no list holds. */
export function valuesIn(param: Param, space: ParamSpace): ParamValues | undefined {
  const usual = space.usual[param.name] ?? null;
  if (space.fixed.includes(param.name)) return { values: [usual], usual: 0 };
  return valuesOf(param, usual, space.logarithmic.includes(param.name));
}

function paramArbitrary(param: Param, space: ParamSpace): fc.Arbitrary<Value> {
  const known = valuesIn(param, space);
  return known ? fromList(known) : textArbitrary(param, space.usual[param.name] ?? null);
}

/** Shrinks towards the usual value. */
function fromList({ values, usual }: ParamValues): fc.Arbitrary<Value> {
  return fc.integer({ min: -usual, max: values.length - 1 - usual }).map(
    (place) => values[place + usual] ?? null,
    (value) => placeOf(values, value as Value) - usual,
  );
}

/** fast-check takes a throw as: this value is none of mine. */
function placeOf(values: readonly Value[], value: Value): number {
  const place = values.indexOf(value);
  if (place < 0) throw new Error("no such value");
  return place;
}

function textArbitrary(param: Param, usual: Value): fc.Arbitrary<Value> {
  const { domain, nullable } = param;
  const texts = domain?.kind === "pattern" ? matching(domain.pattern) : fc.string({ maxLength: 8 });
  const others = [...(texts ? [texts] : []), ...(nullable ? [fc.constant(null)] : [])];
  return fc.oneof({ withCrossShrink: true }, fc.constant(usual), ...others);
}

/** Undefined where fast-check cannot make texts of the pattern. */
function matching(pattern: string): fc.Arbitrary<string> | undefined {
  try {
    return fc.stringMatching(wholePattern(pattern), { maxLength: 20 }).filter(isPlain);
  } catch {
    return undefined;
  }
}

/** A script's arguments hold no control characters. */
function isPlain(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text);
}

export function isUsual(space: Pick<ParamSpace, "usual">, params: ParamsRecord): boolean {
  return Object.keys(params).every((name) => Object.is(params[name], space.usual[name]));
}

/** Whether there is more than one case. */
export function isVaried(space: ParamSpace): boolean {
  return space.params.some((param) => isFree(param, space));
}

/** Whether `param` has more than one value. */
export function isFree(param: Param, space: ParamSpace): boolean {
  return (valuesIn(param, space)?.values.length ?? 2) > 1;
}
