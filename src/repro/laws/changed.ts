/** Pairs of executions, a plain one and one with things changed around it, and which of the changes it was that told. */
import { setTimeout } from "node:timers/promises";
import type { RunPlan } from "../../plan/plan.ts";
import type { Row } from "../compare/comparison.ts";
import { minimise } from "../world/minimise.ts";
import type { Kept } from "./executor.ts";
import { type Factor, reordered } from "./factor.ts";
import { type ParamsRecord, isUsual } from "./params-arbitrary.ts";
import { type Session, firstBreach, planOf } from "./session.ts";

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

/** The first output by which an execution of `plan` with `change` differs from `plain`; it is awaited beside it. */
export async function differenceBy(
  session: Session,
  plain: Promise<Kept>,
  plan: RunPlan,
  { factors, round, place }: Change,
): Promise<Row | undefined> {
  const isReordered = factors.some(({ surrounding }) => surrounding === undefined);
  const changed = session.executor.execute(isReordered ? reordered(plan, round) : plan, {
    surroundings: factors.flatMap(({ surrounding }) => surrounding ?? []),
    round,
    jobs: isReordered && round % 2 === 1 ? 2 : 1,
    ...(place ? { place } : {}),
  });
  const [before, after] = await Promise.all([plain, changed]);
  const row = await firstBreach(before.results, after.results, session.run);
  await after.remove();
  return row;
}

/** Why a plain execution and a changed one differ. */
export type Culprit =
  /** None of the changes has to do with it. */
  | { readonly kind: "chance"; readonly row: Row; readonly isRare: boolean }
  | {
      readonly kind: "change";
      readonly factors: readonly Factor[];
      readonly round: number;
      readonly row: Row;
    };

/** For `all` factors together, which `row` has shown to differ. `home`: that of the folder, which a change of place is. */
export async function findCulprit(
  session: Session,
  plain: Kept,
  plan: RunPlan,
  { factors, round }: Change,
  row: Row,
): Promise<Culprit> {
  const whole = Promise.resolve(plain);
  const ask = (some: readonly Factor[], place?: "one"): Promise<Row | undefined> =>
    differenceBy(session, whole, plan, { factors: some, round, ...(place ? { place } : {}) });
  await waitSince(plain, session.signal);
  for (const _ of [1, 2]) {
    const again = await ask([], "one");
    if (again) return { kind: "chance", row: again, isRare: false };
  }
  const rows = new Map<string, Row>();
  const isBad = async (some: readonly Factor[]): Promise<boolean> => {
    const found = await ask(some, "one");
    if (found) rows.set(namesOf(some), found);
    return found !== undefined;
  };
  const least = await minimise(factors, isBad);
  const found = least && rows.get(namesOf(least));
  if (!least || !found) return { kind: "chance", row, isRare: true };
  const [again, plainAgain] = [await ask(least, "one"), await ask([], "one")];
  if (!again || plainAgain) return { kind: "chance", row: plainAgain ?? found, isRare: true };
  return { kind: "change", factors: least, round, row: found };
}

function namesOf(factors: readonly Factor[]): string {
  return factors.map(({ name }) => name).join(" ");
}

async function waitSince({ began }: Kept, signal: AbortSignal): Promise<void> {
  const left = began + apart - performance.now();
  if (left > 0) await setTimeout(left, undefined, { signal }).catch(() => undefined);
}
