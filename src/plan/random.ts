/** The generator behind `random … trials`: specified, so that a file's draws are the same everywhere and for ever. */

/** Gives the next number in [0, 1): one of the multiples of 2^-53, each as likely as the others. */
export type Draw = () => number;

const golden = 0x9e3779b97f4a7c15n;

function to64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/**
 * SplitMix64 (Steele, Lea, Flood 2014), all arithmetic modulo 2^64. The state begins as `seed` (two's complement). Each
 * draw adds 0x9E3779B97F4A7C15 to the state, z = state; z = (z ^ z>>30) * 0xBF58476D1CE4E5B9;
 * z = (z ^ z>>27) * 0x94D049BB133111EB; z = z ^ z>>31; the draw is (z>>11) * 2^-53. Part of the language: it never
 * changes within an edition.
 */
export function generate(seed: number): Draw {
  let state = to64(BigInt(seed));
  return () => {
    state = to64(state + golden);
    let z = state;
    z = to64((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = to64((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number((z ^ (z >> 31n)) >> 11n) * 2 ** -53;
  };
}
