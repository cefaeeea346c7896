/** Pairs of numbers drawn from known distributions, and what the sequential test says of them. */
import { generate } from "../../src/plan/random.ts";
import {
  type Decision,
  type Judgement,
  type TestOptions,
  openSequentialTest,
} from "../../src/repro/statistics/sequential-test.ts";

/** Gives a number in [0, 1). */
type Uniform = () => number;
/** One value of a distribution. */
export type Draw = (uniform: Uniform) => number;

/** Box and Muller. */
const normal: Draw = (uniform) =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/** Each with a standard deviation of 1, but for the heavy tails: Student's t with 2 degrees of freedom has none. */
export const shapes = {
  normal,
  ties: (uniform) => Math.floor(uniform() * 3) * Math.sqrt(1.5),
  skewed: (uniform) => -Math.log(1 - uniform()),
  "heavy tails": (uniform) =>
    normal(uniform) / Math.sqrt((normal(uniform) ** 2 + normal(uniform) ** 2) / 2),
} as const satisfies Readonly<Record<string, Draw>>;

export interface Setting {
  readonly before: Draw;
  readonly after: Draw;
  readonly margin: number;
  readonly maxPairs: number;
  readonly alpha?: number;
}

export interface Told {
  /** How many simulations came to each. */
  readonly counts: Readonly<Record<Decision, number>>;
  /** The median of the pairs that each took; NaN where none came to it. */
  readonly pairs: Readonly<Record<Decision, number>>;
}

/** Looks after every pair, and stops at the first decision. */
export function simulate(
  { before, after, margin, maxPairs, alpha = 0.01 }: Setting,
  times: number,
  seed: number,
): Told {
  const uniform = generate(seed);
  const took: Record<Decision, number[]> = { equivalent: [], different: [], undecided: [] };
  for (let time = 0; time < times; time++) {
    const test = openSequentialTest({ margin, alpha });
    let told = test.take(before(uniform), after(uniform));
    while (told.decision === "undecided" && told.pairs < maxPairs)
      told = test.take(before(uniform), after(uniform));
    took[told.decision].push(told.pairs);
  }
  return { counts: mapEach(took, ({ length }) => length), pairs: mapEach(took, medianOf) };
}

function mapEach<T>(
  took: Readonly<Record<Decision, number[]>>,
  read: (pairs: readonly number[]) => T,
): Readonly<Record<Decision, T>> {
  const { equivalent, different, undecided } = took;
  return {
    equivalent: read(equivalent),
    different: read(different),
    undecided: read(undecided),
  };
}

function medianOf(pairs: readonly number[]): number {
  return pairs.toSorted((a, b) => a - b)[Math.floor(pairs.length / 2)] ?? Number.NaN;
}

/** `draw`, moved and spread. */
export function moved(draw: Draw, by: number, spread = 1): Draw {
  return (uniform) => by + spread * draw(uniform);
}

/** Of pairs that are there already, until it is decided. */
export function judgePairs(
  pairs: readonly (readonly [before: number, after: number])[],
  options: TestOptions,
): Judgement {
  const test = openSequentialTest(options);
  let judgement: Judgement = { decision: "undecided", pairs: 0, towards: undefined };
  for (const [before, after] of pairs) judgement = test.take(before, after);
  return judgement;
}
