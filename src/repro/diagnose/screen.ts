/** Whether a run gives the same again: at once, and in surroundings as wide apart as can be. */
import type { Surrounding } from "../world/surrounding.ts";
import { roundsOf } from "../world/perturbations.ts";
import { atRound } from "./factors.ts";
import { type Key, keysOf } from "./keys.ts";
import type { Base, Laboratory } from "./laboratory.ts";

export interface Screened {
  /** Outputs that differed in some repeat, each with the surroundings in which it first did. */
  readonly wanted: ReadonlyMap<Key, readonly Surrounding[]>;
  readonly repeats: number;
}

export interface ScreenRequest {
  readonly laboratory: Laboratory;
  readonly base: Base;
  readonly perturbations: readonly Surrounding[];
  /** The code does what may give something else once in a while: many repeats are worth their time. */
  readonly isSuspicious: boolean;
  readonly mayGoOn: () => boolean;
}

/** So many agreeing repeats rule out at 95 % that one in ten deviates. */
const enough = 29;

/** A repeat, then every perturbation at least once; of suspicious code as many more as it takes. */
export async function screen(request: ScreenRequest): Promise<Screened> {
  const { laboratory, base, perturbations, mayGoOn } = request;
  const wanted = new Map<Key, readonly Surrounding[]>();
  let repeats = 0;
  const repeat = async (surroundings: readonly Surrounding[], at: number): Promise<void> => {
    if (!mayGoOn()) return;
    const those = surroundings.map((one) => atRound(one, at));
    const { differing, isCutOff } = await laboratory.probe(base, { surroundings: those });
    if (!isCutOff) repeats++;
    for (const key of keysOf(differing)) if (!wanted.has(key)) wanted.set(key, those);
  };
  const opposed = perturbations.filter(({ group }) => group === "clock");
  const rounds = roundsOf(perturbations);
  const first = [opposed.slice(0, 1), ...rounds];
  await Promise.all(first.slice(0, 2).map(repeat));
  if (wanted.size === 0) await Promise.all(first.slice(2).map((some, at) => repeat(some, at + 2)));
  const most = request.isSuspicious ? enough : first.length;
  // Every other repeat is plain but for the clock: what all perturbations together hide is seen too.
  for (let at = first.length; at < most && wanted.size === 0 && mayGoOn(); at += 2)
    await Promise.all([
      repeat(opposed.slice(1, 2), at),
      repeat(rounds[at % rounds.length] ?? [], at + 1),
    ]);
  return { wanted, repeats };
}
