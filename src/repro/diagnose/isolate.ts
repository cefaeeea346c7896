/** Which things change which outputs: changed in groups while all others are held still, and the groups halved until one is left. */
import { minimise } from "../world/minimise.ts";
import type { Surrounding } from "../world/surrounding.ts";
import { type Factor, atRound } from "./factors.ts";
import { type Key, keysOf } from "./keys.ts";
import type { Base, Laboratory, Probe, Variation } from "./laboratory.ts";

export interface Culprit {
  /** More than one: they change the output only together. */
  readonly factors: readonly Factor[];
  readonly keys: ReadonlySet<Key>;
  readonly variation: Variation;
  /** The place where it was seen. */
  readonly slot: string;
}

export interface Isolated {
  readonly culprits: readonly Culprit[];
  /** Outputs that differ though everything is held still. */
  readonly restless: ReadonlySet<Key>;
  /** Those that changed nothing. */
  readonly harmless: readonly Factor[];
}

export interface IsolateRequest {
  readonly laboratory: Laboratory;
  readonly base: Base;
  readonly factors: readonly Factor[];
  /** Outputs that differ without anything held still, each with surroundings in which it did. */
  readonly wanted: ReadonlyMap<Key, readonly Surrounding[]>;
  /** Whether the code asks for anything that the factor decides. */
  readonly isAsked: (factor: Factor) => boolean;
  /** Pairs in which nothing is changed. */
  readonly pairs: number;
  /** False: time is up. */
  readonly mayGoOn: () => boolean;
}

/** What is known so far. */
interface State extends IsolateRequest {
  readonly restless: Set<Key>;
  readonly found: Culprit[];
  /** Time was up before they were changed, or they were changed in executions that were cut off. */
  readonly untold: Set<Factor>;
}

/** Rounds of endless factors that find nothing: enough for one deviation in ten at 95 %. */
const mostRounds = 29;

export async function isolate(request: IsolateRequest): Promise<Isolated> {
  const restlessFirst = new Set(await restlessKeys(request));
  const state: State = { ...request, restless: restlessFirst, found: [], untold: new Set() };
  const { factors, found, restless, wanted, mayGoOn } = state;
  const open = (): readonly Key[] =>
    [...wanted.keys()].filter(
      (key) => !restless.has(key) && !found.some(({ keys }) => keys.has(key)),
    );
  const endless = factors.filter((one) => one.endless);
  const alone = factors.filter(({ start, counts }) => start || counts);
  const others = factors.filter((one) => !one.endless && !alone.includes(one));
  const rounds = Math.max(0, ...others.map(({ variants }) => variants.length));
  await Promise.all([
    ...[1, 2].map((round) => halve(endless, round, state)),
    ...Array.from({ length: rounds }, (_, at) => halve(hasVariant(others, at), at, state)),
    ...alone.map((factor) => halve([factor], 0, state)),
  ]);
  if (open().length > 0) await together(open(), state);
  const asked = endless.filter(request.isAsked);
  for (let round = 3; round <= mostRounds && open().length > 0 && mayGoOn(); round += 2)
    await Promise.all([round, round + 1].map((at) => halve(asked, at, state)));
  const isHarmless = (factor: Factor): boolean =>
    !state.untold.has(factor) && !found.some((culprit) => culprit.factors.includes(factor));
  return { culprits: found, restless, harmless: factors.filter(isHarmless) };
}

function hasVariant(factors: readonly Factor[], at: number): readonly Factor[] {
  return factors.filter(({ variants }) => variants[at] !== undefined);
}

async function restlessKeys({ laboratory, base, pairs }: IsolateRequest): Promise<readonly Key[]> {
  const probes = Array.from({ length: pairs }, () => laboratory.probe(base, { surroundings: [] }));
  return (await Promise.all(probes)).flatMap(({ differing }) => keysOf(differing));
}

function variationOf(factors: readonly Factor[], round: number): Variation {
  const surroundings = factors.flatMap(({ variants, endless }) => {
    const one = variants[endless ? 0 : round];
    return one ? [atRound(one, round)] : [];
  });
  return { surroundings, start: factors.find((factor) => factor.start)?.start };
}

/** Those of `factors` that change anything by themselves go to the state. `isBad`: it is known that together they do. */
async function halve(
  factors: readonly Factor[],
  round: number,
  state: State,
  isBad = false,
): Promise<boolean> {
  const [first, ...more] = factors;
  if (!first) return false;
  if (!state.mayGoOn()) {
    for (const factor of factors) state.untold.add(factor);
    return false;
  }
  if (more.length === 0) return judge(first, round, state);
  if (!isBad && newKeys(await probeAll(factors, round, state), state).length === 0) return false;
  const middle = Math.ceil(factors.length / 2);
  const [left, right] = [factors.slice(0, middle), factors.slice(middle)];
  const inLeft = await halve(left, round, state);
  const inRight = await halve(right, round, state, !inLeft);
  if (!inLeft && !inRight && !isBad) await jointly(factors, round, state);
  return true;
}

async function probeAll(factors: readonly Factor[], round: number, state: State): Promise<Probe> {
  const probe = await state.laboratory.probe(state.base, variationOf(factors, round));
  if (probe.isCutOff) for (const factor of factors) state.untold.add(factor);
  return probe;
}

function newKeys({ differing }: Probe, { restless }: State, factor?: Factor): readonly Key[] {
  const keys = keysOf(differing).filter((key) => !restless.has(key));
  return factor?.counts ? keys.filter((key) => factor.counts?.(differing, key)) : keys;
}

/**
 * The same change again, in the same place, must give the same: else it was not the change, and what differs is restless by
 * itself. What is let loose, and not set to something else, gives another result each time by nature.
 */
async function judge(factor: Factor, round: number, state: State): Promise<boolean> {
  const { laboratory, base, restless, found } = state;
  const variation = variationOf([factor], round);
  const probe = await probeAll([factor], round, state);
  const keys = newKeys(probe, state, factor);
  if (keys.length === 0) return false;
  const { slot } = probe.execution;
  const known = found.find(({ factors }) => factors.length === 1 && factors[0] === factor);
  if (known && keys.every((key) => known.keys.has(key))) return true;
  if (factor.name !== "memory" && factor.name !== "haste") {
    const again = await laboratory.probe(base, variation, slot);
    const one = again.differing.size === 0 ? again.reference : again.execution;
    if (!again.isCutOff)
      for (const key of keysOf(await laboratory.compare(one, probe.execution))) restless.add(key);
  }
  const sure = new Set(keys.filter((key) => !restless.has(key)));
  if (sure.size > 0) found.push({ factors: [factor], keys: sure, variation, slot });
  return true;
}

/** None changes anything by itself, and all of them together do. */
async function jointly(factors: readonly Factor[], round: number, state: State): Promise<void> {
  let last: Probe | undefined;
  const part = await minimise(factors, async (some) => {
    if (!state.mayGoOn()) return false;
    const probe = await probeAll(some, round, state);
    const isBad = newKeys(probe, state).length > 0;
    if (isBad) last = probe;
    return isBad;
  });
  if (!part || !last) return;
  const variation = variationOf(part, round);
  const keys = new Set(newKeys(last, state));
  state.found.push({ factors: part, keys, variation, slot: last.execution.slot });
}

/** The surroundings in which outputs differed, with all else held still; then the smallest part of them that changes one. */
async function together(open: readonly Key[], state: State): Promise<void> {
  const { laboratory, base, wanted, factors, restless, mayGoOn, found } = state;
  for (const surroundings of new Set(open.map((key) => wanted.get(key) ?? []))) {
    let last: Probe | undefined;
    const isBad = async (part: readonly Surrounding[]): Promise<boolean> => {
      if (!mayGoOn()) return false;
      const probe = await laboratory.probe(base, { surroundings: part });
      const isIt = keysOf(probe.differing).some((key) => open.includes(key) && !restless.has(key));
      if (isIt) last = probe;
      return isIt;
    };
    const fixed = surroundings.filter(({ group, name }) => group !== "clock" && !loose.has(name));
    const part = await minimise(fixed, isBad);
    if (!part || !last) continue;
    const names = new Set(part.map(({ name }) => name));
    found.push({
      factors: factors.filter(({ variants }) => variants.some(({ name }) => names.has(name))),
      keys: new Set(newKeys(last, state)),
      variation: { surroundings: part },
      slot: last.execution.slot,
    });
  }
}

/** What gives something else each time cannot be minimised with. */
const loose: ReadonlySet<string> = new Set(["memory-layout", "haste"]);
