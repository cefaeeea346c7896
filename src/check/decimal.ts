/** Exact decimal arithmetic on numbers as people write them, so that `0..1 by 0.1` has eleven values and 0.3 is one. */

/** `digits * 10^exponent`, without loss. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The decimal that the shortest text of `value` shows: 0.1 is one tenth. `value` is finite. */
function decimalOf(value: number): Decimal {
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** The digits of all `values` at one exponent. */
function align(values: readonly number[]): {
  readonly digits: readonly bigint[];
  readonly exponent: number;
} {
  const decimals = values.map(decimalOf);
  const exponent = Math.min(...decimals.map((it) => it.exponent));
  const digits = decimals.map((it) => it.digits * 10n ** BigInt(it.exponent - exponent));
  return { digits, exponent };
}

/** How often `step` fits between `origin` and `value`: whole times (towards zero), and whether nothing is left over. */
export function countSteps(
  origin: number,
  step: number,
  value: number,
): { readonly whole: number; readonly exact: boolean } {
  const [from = 0n, by = 1n, to = 0n] = align([origin, step, value]).digits;
  return { whole: Number((to - from) / by), exact: (to - from) % by === 0n };
}

/** `origin + times * step`, rounded once. */
export function stepFrom(origin: number, step: number, times: number): number {
  const { digits, exponent } = align([origin, step]);
  const [from = 0n, by = 0n] = digits;
  return Number(`${from + BigInt(times) * by}e${exponent}`);
}
