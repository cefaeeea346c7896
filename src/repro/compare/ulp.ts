/** Distances between doubles, counted in doubles. */

const view = new DataView(new ArrayBuffer(8));

/** The same bits: NaN is NaN, but -0 is not 0. */
export function isSameNumber(a: number, b: number): boolean {
  return Object.is(a, b);
}

/** Whole numbers in the order of the doubles: neighbours differ by one, -0 and 0 are both 0. */
function ordinalOf(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const size = bits & 0x7fffffffffffffffn;
  return bits >> 63n ? -size : size;
}

/**
 * How many steps from one double to the next lead from `a` to `b`: right across 0 and up to the infinities, which are one step
 * beyond the largest numbers. 0 between -0 and 0 and between NaNs; undefined between NaN and a number.
 */
export function ulpsBetween(a: number, b: number): bigint | undefined {
  if (Number.isNaN(a) || Number.isNaN(b))
    return Number.isNaN(a) && Number.isNaN(b) ? 0n : undefined;
  const distance = ordinalOf(a) - ordinalOf(b);
  return distance < 0n ? -distance : distance;
}
