/** The trials of a sweep: every combination of a grid, or values drawn by the specified generator. */
import { evaluate } from "../check/condition-evaluate.ts";
import { contains } from "../check/domain.ts";
import { gridOf, gridValue, gridValues } from "../check/domain-grid.ts";
import type { ParamType, RangeDomain, Run, Sweep, Value, Vary } from "../check/program.ts";
import { type Draw, generate } from "./random.ts";

/** Values of the varied params, by name, in the order of their `vary` lines. */
export type Trial = Readonly<Record<string, Value>>;
/** Values of the other params that are not the sweep's own defaults (from `-P`). */
export type Given = Readonly<Record<string, Value>>;

/** A trial whose values break a `require` is drawn again this often; then the draws end. */
const drawsPerTrial = 1000;

/**
 * Every combination, in declared order, the last `vary` fastest. Combinations that break a `require` of the run are left
 * out. The checker has made sure that each `vary` can be listed.
 */
export function gridTrials(sweep: Sweep, run: Run, given: Given = {}): readonly Trial[] {
  let trials: readonly Trial[] = [{}];
  for (const vary of sweep.vary) {
    const values = listValues(vary, typeOf(sweep, vary));
    trials = trials.flatMap((trial) => values.map((value) => ({ ...trial, [vary.param]: value })));
  }
  return trials.filter((trial) => isAllowed(sweep, run, { ...given, ...trial }));
}

/**
 * As many trials as the sweep asks for, one draw for each `vary` in declared order, trial by trial; so the first trials
 * do not depend on how many follow. Without a seed the seed is 0. A trial that breaks a `require` of the run is drawn
 * again; should 1,000 draws in a row do so, there are fewer trials.
 */
export function randomTrials(sweep: Sweep, run: Run, given: Given = {}): readonly Trial[] {
  const { search } = sweep;
  if (search.kind !== "random") return [];
  const draw = generate(search.seed ?? 0);
  const trials: Trial[] = [];
  for (let tries = 0; trials.length < search.trials && tries < drawsPerTrial; tries++) {
    const trial = drawTrial(sweep, draw);
    if (!isAllowed(sweep, run, { ...given, ...trial })) continue;
    trials.push(trial);
    tries = -1;
  }
  return trials;
}

function drawTrial(sweep: Sweep, draw: Draw): Trial {
  return Object.fromEntries(
    sweep.vary.map((vary) => [vary.param, drawValue(vary, typeOf(sweep, vary), draw)]),
  );
}

function typeOf(sweep: Sweep, vary: Vary): ParamType {
  const param = sweep.params.find(({ name }) => name === vary.param);
  if (!param) throw new Error(`the checked sweep varies ${vary.param}, which is no param`);
  return param.type;
}

function isAllowed(sweep: Sweep, run: Run, given: Given): boolean {
  const values = new Map<string, Value | undefined>([
    ...sweep.params.map((it) => [it.name, it.default] as const),
    ...Object.entries(given),
  ]);
  return run.requires.every(
    ({ condition }) => evaluate(condition, ([name = ""]) => values.get(name)).holds,
  );
}

function listValues({ param, values }: Vary, type: ParamType): readonly Value[] {
  if (values.kind === "list") return values.values;
  const grid = gridOf(values, type);
  if (!grid) throw new Error(`the checked grid cannot list the values of ${param}`);
  return gridValues(grid);
}

/**
 * One value: of a list or of a range with steps (whole numbers have steps of 1) each is as likely as the others; of a
 * range of floats any number; under `log` equally many between 0.001 and 0.01 as between 0.01 and 0.1.
 */
function drawValue({ log, values }: Vary, type: ParamType, draw: Draw): Value {
  if (values.kind === "list")
    return values.values[Math.floor(draw() * values.values.length)] ?? null;
  const grid = gridOf(values, type);
  if (grid && !log) return gridValue(grid, Math.floor(draw() * grid.count));
  for (;;) {
    const value = drawNumber(values, type, log, draw());
    if (contains(values, value)) return value;
  }
}

function drawNumber(range: RangeDomain, type: ParamType, log: boolean, u: number): number {
  const { low, high } = range;
  if (!log) return shorten(low + u * (high - low), high - low, range);
  const top = type === "int" ? high + 1 : high;
  const value = Math.exp(Math.log(low) + u * (Math.log(top) - Math.log(low)));
  if (type === "int") return Math.min(high, Math.max(low, Math.floor(value)));
  return shorten(value, Math.min(value, high - low), range);
}

/** Rounds to six digits of `scale`: a value that people can read, and the same wherever `exp` differs in its last bit. */
function shorten(value: number, scale: number, range: RangeDomain): number {
  if (scale === 0) return value;
  const [, exponent = "0"] = scale.toExponential().split("e");
  const short = Number(value.toFixed(Math.min(100, Math.max(0, 5 - Number(exponent)))));
  return contains(range, short) ? short : value;
}
