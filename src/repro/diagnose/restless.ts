/** What differs though everything is held still: what ends first, where work goes on side by side; else what nobody can hold. */
import { readTrace } from "../trace/read-trace.ts";
import { stabilisers } from "../world/stabilisers.ts";
import type { Evidence } from "./findings.ts";
import type { Factor, Factors } from "./factors.ts";
import type { Isolated } from "./isolate.ts";
import { type Key, keysOf, stepOf } from "./keys.ts";
import type { Base } from "./laboratory.ts";
import { type LocateRequest, locate } from "./locate.ts";
import { runsSideBySide } from "./suspicion.ts";

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
  const keys = known ? new Set([...known.keys, ...restless]) : restless;
  const about = { keys, variation: { surroundings: [] }, slot: known?.slot };
  const calm = await isCalm(restless, request, base);
  // What nobody was seen to start side by side, and is the same on one thread, was so all the same: streams, files read at once.
  if (haste && (known || calm || (await isSideBySide(restless, request)))) {
    const words = calm ? "the number of threads that run at once" : haste.words;
    const factor: Factor = { ...haste, words };
    const located = await locate({ ...about, factors: [factor] }, request);
    return located.map((one) => ({ factors: [factor], located: one }));
  }
  return firstSure(varied, about, request);
}

/** The first thing that would fit by what the code calls where the difference begins. */
async function firstSure(
  varied: readonly Factor[],
  about: Omit<Parameters<typeof locate>[0], "factors">,
  request: LocateRequest,
): Promise<readonly Evidence[]> {
  for (const factor of varied.filter(({ endless }) => endless)) {
    const located = await locate({ ...about, factors: [factor] }, request);
    const sure = located.filter(({ isSure }) => isSure);
    if (sure.length > 0)
      return sure.map((one) => ({ factors: [factor], located: { ...one, isGuess: true } }));
  }
  return [];
}

async function isSideBySide(
  restless: ReadonlySet<Key>,
  { laboratory, base }: LocateRequest,
): Promise<boolean> {
  const { folderOf } = await laboratory.reference(base);
  const traces = await Promise.all([...restless].map((key) => readTrace(folderOf(stepOf(key)))));
  return traces.some((trace) => trace !== undefined && runsSideBySide(trace));
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
