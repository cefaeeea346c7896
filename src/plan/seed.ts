/** The seed of each step, from the seed of its run. */
import type { Run, Step } from "../check/program.ts";

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** FNV-1a, 32 bits (Fowler, Noll, Vo; RFC 9923). */
function fnv1a(bytes: Uint8Array): number {
  let hash = offsetBasis;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, prime) >>> 0;
  return hash;
}

/** The finaliser of MurmurHash3 (Appleby): every input bit reaches every output bit. */
function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Seed of a named step, in 0..2^31-1: FNV-1a of the UTF-8 bytes of `<seed>/<step>`, finalised as MurmurHash3 does, without
 * its lowest bit. Part of the language: a change of it changes results, so it never changes within an edition.
 */
export function stepSeed(runSeed: number, step: string): number {
  return mix(fnv1a(new TextEncoder().encode(`${runSeed}/${step}`))) >>> 1;
}

/** The seed of any step: one that holds its run's code directly has the run's as written. */
export function seedOf(
  run: Pick<Run, "seed">,
  step: Pick<Step, "name" | "implicit">,
): number | undefined {
  if (run.seed === undefined) return undefined;
  return step.implicit ? run.seed : stepSeed(run.seed, step.name);
}
