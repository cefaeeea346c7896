/** What differs though everything is held still: mostly what ends first; else what nobody can hold. */
import { stabilisers } from "../world/stabilisers.ts";
import type { Evidence } from "./findings.ts";
import type { Factor, Factors } from "./factors.ts";
import type { Isolated } from "./isolate.ts";
import { type Key, keysOf } from "./keys.ts";
import type { Base } from "./laboratory.ts";
import { type LocateRequest, locate } from "./locate.ts";

/** How often it must be the same on one processor to say that it is what ends first. */
const pairs = 3;

export async function explainRestless(
  { restless, culprits }: Isolated,
  { varied }: Factors,
  request: LocateRequest,
  base: Base,
): Promise<readonly Evidence[]> {
  const known = culprits.find(({ factors: [first] }) => first?.name === "haste");
  const haste = varied.find(({ name }) => name === "haste");
  if (!haste) return [];
  const calm = await isCalm(restless, request, base);
  const factor: Factor = {
    ...haste,
    words: calm ? "the number of threads that run at once" : haste.words,
  };
  const keys = known ? new Set([...known.keys, ...restless]) : restless;
  const slot = known?.slot;
  const located = await locate(
    { factors: [factor], keys, variation: { surroundings: [] }, slot },
    request,
  );
  return located.map((one) => ({ factors: [factor], located: one }));
}

async function isCalm(
  restless: ReadonlySet<Key>,
  { laboratory }: LocateRequest,
  base: Base,
): Promise<boolean> {
  const one = stabilisers.filter(({ name }) => name === "one-thread");
  const calm = { ...base, name: `${base.name} calm`, surroundings: [...base.surroundings, ...one] };
  const probes = Array.from({ length: pairs }, () => laboratory.probe(calm, { surroundings: [] }));
  const found = await Promise.all(probes);
  return !found.some(({ differing }) => keysOf(differing).some((key) => restless.has(key)));
}
