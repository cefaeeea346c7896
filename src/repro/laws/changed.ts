/** Pairs of executions, a plain one and one with things changed around it, and which of the changes it was that told. */
import { setTimeout } from "node:timers/promises";
import type { RunPlan } from "../../plan/plan.ts";
import type { Comparison } from "../compare/comparison.ts";
import { minimise } from "../world/minimise.ts";
import type { Kept } from "./executor.ts";
import { type Factor, reordered } from "./factor.ts";
import { type ParamsRecord, isUsual } from "./params-arbitrary.ts";
import { type Session, differenceOf, planOf } from "./session.ts";

/** So far apart are executions that shall agree, in milliseconds: what writes the second into a result differs. */
const apart = 1050;

/** Uses the plain execution of `params`, which is gone afterwards unless they are the usual ones. */
export async function withPlain<T>(
  session: Session,
  params: ParamsRecord,
  use: (plain: Promise<Kept>, plan: RunPlan) => Promise<T>,
): Promise<T> {
  const plan = planOf(session, params);
  if (isUsual(session.space, params)) return use(session.base(), plan);
  const plain = session.executor.execute(plan, { place: "one" });
  try {
    return await use(plain, plan);
  } finally {
    await plain.then(({ remove }) => remove()).catch(() => undefined);
  }
}

export interface Change {
  readonly factors: readonly Factor[];
  readonly round: number;
  /** Undefined: wherever there is room. */
  readonly place?: "one" | "two";
}

/** How an execution of `plan` with `change` differs from `plain`, which is awaited beside it; undefined where it does not. */
export async function differenceBy(
  session: Session,
  plain: Promise<Kept>,
  plan: RunPlan,
  { factors, round, place }: Change,
): Promise<Comparison | undefined> {
  const isReordered = factors.some(({ surrounding }) => surrounding === undefined);
  const changed = session.executor.execute(isReordered ? reordered(plan, round) : plan, {
    surroundings: factors.flatMap(({ surrounding }) => surrounding ?? []),
    round,
    jobs: isReordered && round % 2 === 1 ? 2 : 1,
    ...(place ? { place } : {}),
  });
  const [before, after] = await Promise.all([plain, changed]);
  const comparison = await differenceOf(before.results, after.results, session.run);
  await after.remove();
  return comparison;
}

/** Why a plain execution and a changed one differ. */
export type Culprit =
  /** There was no time to find out. */
  | { readonly kind: "unknown"; readonly comparison: Comparison }
  /** None of the changes has to do with it. */
  | { readonly kind: "chance"; readonly comparison: Comparison; readonly isRare: boolean }
  | {
      readonly kind: "change";
      readonly factors: readonly Factor[];
      readonly round: number;
      readonly comparison: Comparison;
    };

/** Further pairs that a culprit must tell apart: what happens now and then may seem to come from anything. */
const confirmations = 3;

/** For factors that have shown `comparison` together. Everything is executed in the place of `plain`: only they are changed. */
export async function findCulprit(
  session: Session,
  plain: Kept,
  plan: RunPlan,
  { factors, round }: Change,
  comparison: Comparison,
): Promise<Culprit> {
  const whole = Promise.resolve(plain);
  const ask = (some: readonly Factor[]): Promise<Comparison | undefined> =>
    differenceBy(session, whole, plan, { factors: some, round, place: "one" });
  await waitSince(plain, session.signal);
  for (const _ of [1, 2]) {
    const again = await ask([]);
    if (again) return { kind: "chance", comparison: again, isRare: false };
  }
  const comparisons = new Map<string, Comparison>();
  const isBad = async (some: readonly Factor[]): Promise<boolean> => {
    const found = await ask(some);
    if (found) comparisons.set(namesOf(some), found);
    return found !== undefined;
  };
  const least = await minimise(factors, isBad);
  const found = least && comparisons.get(namesOf(least));
  if (!least || !found) return { kind: "chance", comparison, isRare: true };
  for (let pair = 0; pair < confirmations; pair++) {
    const [again, plainAgain] = [await ask(least), await ask([])];
    if (!again || plainAgain)
      return { kind: "chance", comparison: plainAgain ?? found, isRare: true };
  }
  return { kind: "change", factors: least, round, comparison: found };
}

function namesOf(factors: readonly Factor[]): string {
  return factors.map(({ name }) => name).join(" ");
}

async function waitSince({ began }: Kept, signal: AbortSignal): Promise<void> {
  const left = began + apart - performance.now();
  if (left > 0) await setTimeout(left, undefined, { signal }).catch(() => undefined);
}
