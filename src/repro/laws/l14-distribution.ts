/** L14: what is promised as a distribution has the same one, whatever lies around the run. */
import { generate } from "../../plan/random.ts";
import {
  type Judgement,
  type SequentialTest,
  openSequentialTest,
  usual,
} from "../statistics/sequential-test.ts";
import { roundsOf } from "../world/perturbations.ts";
import type { Kept, Manner } from "./executor.ts";
import { type Breach, type Law, type LawOutcome, failed, held, notChecked } from "./law.ts";
import { undecided, usualBreach } from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import { type Session, planOf } from "./session.ts";

export const distribution: Law = {
  id: "L14",
  title: "distribution",
  counted: "pair",
  executions: "own",
  statement:
    "a metric that is promised as a distribution keeps it within its margin when everything around the run changes",
  explanation: `The run is executed with a seed drawn for each execution, once in plain surroundings and once with all of them changed, pair by pair. After each pair it is asked whether the metric's quantiles differ by more than the margin, or surely do not: a sequential test that may be looked at at any time. Either answer is wrong at most once in a hundred times; until one of them is sure there is none. It takes at least 10 pairs, and ${usual.maxPairs} are tried at most.

Seeds come from \`across seeds\` where the contract has them. What differs lies higher, lower, or spreads more widely or narrowly. Undecided means that the margin is small beside how much the metric moves by itself: some two deviations of it are told apart in about 15 pairs, one in some 30.`,
  async check(session) {
    const margins = marginsOf(session);
    if (margins.length === 0) return notChecked("no metric is promised as a distribution");
    return test(session, margins);
  },
};

interface Tested {
  readonly key: string;
  readonly margin: number;
  readonly test: SequentialTest;
  judgement: Judgement;
}

function marginsOf({ run }: Session): readonly Tested[] {
  return Object.entries(run.contract?.tolerances ?? {}).flatMap(([key, tolerance]) => {
    if (tolerance.kind !== "distribution") return [];
    const { margin } = tolerance;
    const judgement = { decision: "undecided", pairs: 0, towards: undefined } as const;
    const opened = openSequentialTest({ margin, alpha: usual.alpha });
    return [{ key, margin, test: opened, judgement }];
  });
}

async function test(session: Session, metrics: readonly Tested[]): Promise<LawOutcome> {
  const draw = generate(session.seed);
  const isOpen = (): boolean =>
    metrics.every(({ judgement }) => judgement.decision !== "different") &&
    metrics.some(({ judgement }) => judgement.decision === "undecided");
  let pairs = 0;
  try {
    while (isOpen() && pairs < usual.maxPairs) {
      await takePair(session, metrics, draw, pairs);
      session.progress("L14", ++pairs, usual.maxPairs);
    }
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    return undecided(pairs, `the budget ended after ${pairs} pairs`, notesOf(metrics));
  }
  const different = metrics.filter(({ judgement }) => judgement.decision === "different");
  if (different.length > 0)
    return failed(
      pairs,
      different.map((one) => breachOf(session, one)),
      notesOf(metrics),
    );
  return isOpen()
    ? undecided(pairs, `${pairs} pairs do not decide it`, notesOf(metrics))
    : held(pairs, { notes: notesOf(metrics) });
}

/** Plain surroundings, and changed ones; seeds of their own, so that neither tells of the other. */
async function takePair(
  session: Session,
  metrics: readonly Tested[],
  draw: () => number,
  round: number,
): Promise<void> {
  const rounds = roundsOf(session.surroundings);
  const surroundings = rounds[round % Math.max(rounds.length, 1)] ?? [];
  const seeds = [drawSeed(session, draw), drawSeed(session, draw)] as const;
  const run = (seed: number | undefined, manner: Manner): Promise<Kept> =>
    session.executor.execute(planOf(session, session.space.usual, seed), manner);
  const [before, after] = await Promise.all([
    run(seeds[0], {}),
    run(seeds[1], { surroundings, round }),
  ]);
  for (const metric of metrics) {
    const [a, b] = [lastOf(before, metric.key), lastOf(after, metric.key)];
    if (a !== undefined && b !== undefined) metric.judgement = metric.test.take(a, b);
  }
  await Promise.all([before.remove(), after.remove()]);
}

/** A run without a seed draws as it likes. */
function drawSeed({ run }: Session, draw: () => number): number | undefined {
  if (run.seed === undefined) return undefined;
  const { low, high } = run.contract?.seeds ?? { low: 0, high: 2 ** 31 - 2 };
  return low + Math.floor(draw() * (high - low + 1));
}

/** Undefined where it was not given, or is no finite number. */
function lastOf({ results }: Kept, key: string): number | undefined {
  for (const { outputs } of results.steps)
    for (const output of outputs)
      if (output.kind === "metric" && output.key === key) {
        const value = output.points.at(-1)?.value;
        return value !== undefined && Number.isFinite(value) ? value : undefined;
      }
  return undefined;
}

const described: Readonly<Record<Judgement["decision"], string>> = {
  equivalent: "the same within its margin",
  different: "not the same within its margin",
  undecided: "undecided",
};

function notesOf(metrics: readonly Tested[]): readonly string[] {
  return metrics.map(
    ({ key, margin, judgement: { decision, pairs } }) =>
      `${key}: ${described[decision]} of ${margin} after ${pairs} pairs`,
  );
}

function breachOf({ space }: Session, { key, margin, judgement }: Tested): Breach {
  const { pairs, towards = "different" } = judgement;
  const what = `the distribution of \`${key}\` is ${towards} by more than ${margin} in changed surroundings, after ${pairs} pairs`;
  return usualBreach(space, what, "see what L2 says: it names the change");
}
