/**
 * Evidence that numbers tend to lie above 0, gathered by betting on them one after another. It may be looked at after each.
 *
 * Stakes are multiplied by 1 + cap · tanh(pull · d / s), where s, the median size of the numbers so far, is known before d is.
 * If d does not tend above 0 (d = a - b, independent of each other and of what came before, a stochastically no larger than b),
 * then every odd, growing function of d has a mean of at most 0, so that the stakes are a test supermartingale, and their
 * mean over several pulls too: that they ever grow 1/alpha-fold has a probability of at most alpha (Ville 1939; Shafer, Shen,
 * Vereshchagin and Vovk 2011, "Test martingales, Bayes factors and p-values"). tanh is what bets best on a normal d: its sign
 * is right with odds of exp(2 · mean · d / variance). The cap leaves a tenth of the stake to go on with after an outlier.
 */
export interface Bets {
  readonly take: (d: number) => void;
  /** The natural logarithm of what 1 has become. */
  readonly logStake: () => number;
}

const pulls = [0.25, 0.5, 1, 2, 4];
const cap = 0.9;

/** `size`: above 0, stands for s as long as no number was other than 0. */
export function openBets(size: number): Bets {
  const logs = pulls.map(() => 0);
  const sizes: number[] = [];
  return {
    take(d) {
      const unit = medianOf(sizes) || size;
      for (const [i, pull] of pulls.entries())
        logs[i] = (logs[i] ?? 0) + Math.log1p(cap * Math.tanh((pull * d) / unit));
      insert(sizes, Math.abs(d));
    },
    logStake: () => logMean(logs),
  };
}

/** Of numbers in order; 0 where there are none. */
export function medianOf(sorted: readonly number[]): number {
  const upper = sorted.length >> 1;
  const lower = (sorted.length - 1) >> 1;
  return ((sorted[lower] ?? 0) + (sorted[upper] ?? 0)) / 2;
}

/** Keeps `sorted` in order. */
export function insert(sorted: number[], value: number): void {
  let at = sorted.length;
  while (at > 0 && (sorted[at - 1] ?? 0) > value) at--;
  sorted.splice(at, 0, value);
}

/** The logarithm of the mean of what these are the logarithms of. */
export function logMean(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  const sum = logs.reduce((all, log) => all + Math.exp(log - largest), 0);
  return largest + Math.log(sum / logs.length);
}
