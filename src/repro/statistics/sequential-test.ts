/**
 * Whether two ways to execute give a number the same distribution, but for a margin: decided as soon as the pairs so far
 * allow it, with the same certainty wherever one stops.
 *
 * `different`: not every quantile of the one is within the margin of the other's. It lies higher or lower by more than the
 * margin, or spreads more widely or narrowly by more than that; the four stakes are averaged, so that where all quantiles
 * are within the margin, `different` is ever said with a probability of at most alpha.
 * `equivalent`: each of the four opposites is refuted at alpha, so that where one of them is true, `equivalent` is ever said
 * with a probability of at most alpha. These are two one-sided tests (Schuirmann 1987), of location and of spread, joined as
 * an intersection-union test (Berger and Hsu 1996), each by bets in place of a t-test.
 * `undecided`: neither yet. It is no verdict, and never to be read as equal.
 */
import { type Bets, insert, logMean, medianOf, openBets } from "./bets.ts";

export interface TestOptions {
  /** Above 0, in units of what is measured. */
  readonly margin: number;
  /** How often either verdict may be wrong. */
  readonly alpha: number;
}

export type Decision = "equivalent" | "different" | "undecided";

/** In which way what comes after differs from what was before. */
export const directions = ["higher", "lower", "wider", "narrower"] as const;
export type Direction = (typeof directions)[number];

export interface Judgement {
  readonly decision: Decision;
  readonly pairs: number;
  /** For which the evidence is strongest; undefined where there is none. */
  readonly towards: Direction | undefined;
}

/** Once it has decided, it stays so. */
export interface SequentialTest {
  /** Both finite, drawn independently of each other and of all before. */
  readonly take: (before: number, after: number) => Judgement;
}

/** What is usual: at most 40 pairs, either verdict wrong at most once in a hundred times. */
export const usual = { alpha: 0.01, maxPairs: 40 } as const;

export function openSequentialTest({ margin, alpha }: TestOptions): SequentialTest {
  const differs = directions.map(() => openBets(margin));
  const agrees = directions.map(() => openBets(margin));
  const values: number[] = [];
  let judgement: Judgement = { decision: "undecided", pairs: 0, towards: undefined };
  return {
    take(before, after) {
      if (judgement.decision !== "undecided") return judgement;
      const differences = differencesOf(before, after, values);
      for (const [i, difference] of differences.entries()) {
        differs[i]?.take(difference - margin);
        agrees[i]?.take(margin - difference);
      }
      insert(values, before);
      insert(values, after);
      judgement = judge(differs, agrees, -Math.log(alpha), judgement.pairs + 1);
      return judgement;
    },
  };
}

/** In the order of `directions`. Spread is the distance from the middle of all that came before; at first there is none. */
function differencesOf(
  before: number,
  after: number,
  values: readonly number[],
): readonly number[] {
  const higher = after - before;
  if (values.length === 0) return [higher, -higher];
  const middle = medianOf(values);
  const wider = Math.abs(after - middle) - Math.abs(before - middle);
  return [higher, -higher, wider, -wider];
}

function judge(
  differs: readonly Bets[],
  agrees: readonly Bets[],
  enough: number,
  pairs: number,
): Judgement {
  const stakes = differs.map((bets) => bets.logStake());
  const largest = Math.max(...stakes);
  const towards = largest > 0 ? directions[stakes.indexOf(largest)] : undefined;
  if (logMean(stakes) >= enough) return { decision: "different", pairs, towards };
  if (agrees.every((bets) => bets.logStake() >= enough))
    return { decision: "equivalent", pairs, towards };
  return { decision: "undecided", pairs, towards };
}
