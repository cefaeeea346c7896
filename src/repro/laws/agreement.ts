/**
 * Laws 1, 2, 6 and 13 at once: an execution with everything around it changed must agree with a plain one. Only where it does
 * not is it asked which change does it, and which law is broken. What is found is left out, and the rest tried on.
 */
import fc from "fast-check";
import type { Comparison } from "../compare/comparison.ts";
import { roundsOf } from "../world/perturbations.ts";
import { type Culprit, differenceBy, findCulprit, withPlain } from "./changed.ts";
import { firstDifference } from "./first-difference.ts";
import { type Factor, factorOf, independentPairs, isSurrounding, orderFactor } from "./factor.ts";
import { type Breach, type LawId, type LawOutcome, failed, held } from "./law.ts";
import { interrupted, notChecked } from "./law.ts";
import { OutOfTime } from "./out-of-time.ts";
import {
  type ParamsRecord,
  corners,
  isUsual,
  isVaried,
  paramsArbitrary,
} from "./params-arbitrary.ts";
import { type Session, planOf, unusualIn } from "./session.ts";

export interface Agreement {
  /** Tries the usual values. */
  readonly begin: () => Promise<void>;
  /** Tries all others, where that was not done. */
  readonly outcomeOf: (law: LawId) => Promise<LawOutcome>;
  /** Whether plain executions with the usual values agree. */
  readonly repeats: () => Promise<boolean>;
}

interface State {
  readonly session: Session;
  /** Everything that can be there at once, round by round. */
  readonly rounds: readonly (readonly Factor[])[];
  /** Groups of factors that have been found to change results. */
  readonly found: Set<string>;
  readonly breaches: { readonly law: LawId; readonly breach: Breach }[];
  /** Params that have been tried, as JSON. */
  readonly tried: Set<string>;
  /** Nothing more can be said: it does not even agree with itself. */
  isHopeless: boolean;
}

export function openAgreement(session: Session): Agreement {
  const state: State = {
    session,
    rounds: roundsFor(session),
    found: new Set(),
    breaches: [],
    tried: new Set(),
    isHopeless: false,
  };
  let all: Promise<void> | undefined;
  let gate: Promise<boolean> | undefined;
  return {
    begin: () => search(state, 1),
    async outcomeOf(law) {
      await (all ??= search(state, casesOf(session)));
      return outcomeFor(law, state);
    },
    async repeats() {
      if (state.tried.size === 0 && !state.isHopeless)
        state.isHopeless = !(await (gate ??= agrees(session)));
      return !state.isHopeless;
    },
  };
}

async function agrees(session: Session): Promise<boolean> {
  const { usual } = session.space;
  const comparison = await withPlain(session, usual, (plain, plan) =>
    differenceBy(session, plain, plan, { factors: [], round: 0, place: "one" }),
  );
  return comparison === undefined;
}

function casesOf({ space, cases }: Session): number {
  return isVaried(space) ? cases : 1;
}

function roundsFor(session: Session): readonly (readonly Factor[])[] {
  const { laws } = session;
  const isChecked = (factor: Factor): boolean =>
    laws.includes(factor.law) || (laws.includes("L2") && isSurrounding(factor));
  const factors = roundsOf(session.surroundings).map((round) => round.map(factorOf));
  const order = independentPairs(planOf(session, session.space.usual)).length > 0;
  const all = factors.map((round) => [...round, ...(order ? [orderFactor] : [])]);
  return (all.length > 0 ? all : [order ? [orderFactor] : []]).map((round) =>
    round.filter(isChecked),
  );
}

/** Tries until `cases` are done, time is up, or nothing more can be found. */
async function search(state: State, cases: number): Promise<void> {
  while (!state.isHopeless) {
    const breach = await findOne(state, cases);
    if (!breach) return;
    state.breaches.push(breach);
  }
}

interface Broken {
  readonly culprit: Culprit;
  /** By the params, of which the last that fails is the smallest. */
  comparison: Comparison;
}

async function findOne(
  state: State,
  cases: number,
): Promise<{ readonly law: LawId; readonly breach: Breach } | undefined> {
  const { session } = state;
  const { space, seed, path } = session;
  let broken: Broken | undefined;
  const thrown: unknown[] = [];
  const breaks = async (params: ParamsRecord): Promise<boolean> => {
    if (broken) return stillBreaks(state, params, broken);
    broken = await orTimeUp(() => tryParams(state, params, cases));
    return broken !== undefined;
  };
  // fast-check would take what is thrown for a counterexample.
  const property = fc.asyncProperty(paramsArbitrary(space), (params) =>
    thrown.length > 0
      ? Promise.resolve(true)
      : breaks(params).then(
          (isBroken) => !isBroken,
          (error: unknown) => thrown.push(error) > 0,
        ),
  );
  const details = await fc.check(property, {
    seed,
    examples: corners(space).map((params): [ParamsRecord] => [params]),
    numRuns: cases,
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (thrown.length > 0) throw thrown[0];
  const params = details.counterexample?.[0];
  if (!broken || !params) return undefined;
  const at = details.counterexamplePath ?? "";
  return breachOf(state, broken, params, `${seed}:${at}`);
}

/** Undefined where there was no time. */
async function orTimeUp<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutOfTime) return undefined;
    throw error;
  }
}

/** The usual values in every round, others in one. */
async function tryParams(
  state: State,
  params: ParamsRecord,
  cases: number,
): Promise<Broken | undefined> {
  const { session, tried, found } = state;
  const key = JSON.stringify(params);
  if (session.signal.aborted || tried.has(key)) return undefined;
  const rounds = isUsual(session.space, params)
    ? state.rounds.map((_, round) => round)
    : [tried.size % state.rounds.length];
  const broken = await withPlain(session, params, async (plain, plan) => {
    for (const round of rounds) {
      const factors = (state.rounds[round] ?? []).filter(({ group }) => !found.has(group));
      const place = found.has("folder") ? ({ place: "one" } as const) : {};
      const change = { factors, round, ...place };
      const comparison = await differenceBy(session, plain, plan, change);
      if (!comparison) continue;
      const known = await orTimeUp(async () =>
        findCulprit(session, await plain, plan, change, comparison),
      );
      const culprit: Culprit = known ?? { kind: "unknown", comparison };
      return { culprit, comparison: culprit.comparison };
    }
    return undefined;
  });
  if (!broken) {
    tried.add(key);
    session.progress(session.laws[0] ?? "L1", tried.size, cases);
  }
  return broken;
}

/** For fast-check, which looks for smaller values. What differs by chance would seem to need no values at all. */
async function stillBreaks(
  { session }: State,
  params: ParamsRecord,
  broken: Broken,
): Promise<boolean> {
  const { culprit } = broken;
  if (culprit.kind !== "change" || session.signal.aborted) return false;
  const comparison = await orTimeUp(() =>
    withPlain(session, params, (plain, plan) =>
      differenceBy(session, plain, plan, { ...culprit, place: "one" }),
    ),
  );
  if (comparison) broken.comparison = comparison;
  return comparison !== undefined;
}

function breachOf(
  state: State,
  { culprit, comparison }: Broken,
  params: ParamsRecord,
  replay: string,
): { readonly law: LawId; readonly breach: Breach } {
  const { session } = state;
  const about = {
    params,
    unusual: unusualIn(session.space, params),
    difference: firstDifference(comparison),
    comparison,
    replay,
    fix: "",
  };
  if (culprit.kind === "chance") {
    state.isHopeless = true;
    const what = culprit.isRare
      ? "two executions in the same surroundings differ now and then"
      : "two executions in the same surroundings differ";
    return { law: "L1", breach: { ...about, what, surroundings: [] } };
  }
  if (culprit.kind === "unknown") {
    const what =
      "the result changes when everything around the run does; the budget ended before it was known by what";
    const law = session.laws.includes("L2") ? "L2" : (session.laws[0] ?? "L2");
    return { law, breach: { ...about, what, surroundings: [] } };
  }
  for (const { group } of culprit.factors) state.found.add(group);
  const surroundings = culprit.factors.map(({ name, changes }) => ({ name, changes }));
  const names = culprit.factors.map(({ changes }) => changes).join("; and ");
  const what = `the result changes with ${names}`;
  return { law: brokenLaw(session, culprit.factors), breach: { ...about, what, surroundings } };
}

function brokenLaw({ laws }: Session, factors: readonly Factor[]): LawId {
  const [law = "L2", ...others] = [...new Set(factors.map((factor) => factor.law))];
  return others.length === 0 && laws.includes(law) ? law : "L2";
}

function outcomeFor(law: LawId, state: State): LawOutcome {
  const { session, breaches, tried, isHopeless } = state;
  // What seemed to come of a change may have come of chance.
  if (isHopeless && law !== "L1") return notChecked("the run does not even agree with itself (L1)");
  const own = breaches
    .filter((one) => one.law === law && !(isHopeless && one.breach.surroundings.length > 0))
    .map(({ breach }) => breach);
  if (own.length > 0) return failed(tried.size + own.length, own);
  const factors = state.rounds.flat().filter((factor) => isOf(law, factor));
  if (law === "L6" && factors.length === 0) return notChecked("every step needs the one before it");
  if (law !== "L1" && factors.length === 0)
    return notChecked("nothing of it can be changed on this machine");
  const cases = casesOf(session);
  return tried.size < cases && session.signal.aborted
    ? interrupted(tried.size, cases)
    : held(tried.size);
}

function isOf(law: LawId, factor: Factor): boolean {
  return factor.law === law || (law === "L2" && isSurrounding(factor));
}
