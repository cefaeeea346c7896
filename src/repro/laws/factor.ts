/** What is changed around an execution and must change no result: surroundings, and the order of steps. */
import type { RunPlan, StepAction } from "../../plan/plan.ts";
import { shuffle } from "../../plan/shuffle.ts";
import type { Surrounding } from "../world/surrounding.ts";
import type { LawId } from "./law.ts";

export interface Factor {
  readonly name: string;
  /** Fits behind "changes". */
  readonly changes: string;
  /** Of one group only one can be there at a time. */
  readonly group: string;
  /** The law that speaks of just this. */
  readonly law: LawId;
  /** Undefined: the order of the steps. */
  readonly surrounding: Surrounding | undefined;
}

export const orderFactor: Factor = {
  name: "order",
  changes: "the order of steps that do not need one another",
  group: "order",
  law: "L6",
  surrounding: undefined,
};

export function factorOf(surrounding: Surrounding): Factor {
  const { name, changes, group = name } = surrounding;
  return { name, changes, group, law: lawOf(surrounding), surrounding };
}

function lawOf({ name, cause }: Surrounding): LawId {
  if (cause === "clock") return "L1";
  return name.startsWith("processors") || name === "threads" ? "L13" : "L2";
}

/** What L2 speaks of too, where the law that speaks of just this is not checked. */
export function isSurrounding({ law }: Factor): boolean {
  return law !== "L6";
}

/** Pairs of steps that do not need one another, however indirectly. */
export function independentPairs(plan: RunPlan): readonly (readonly [string, string])[] {
  const steps = plan.actions.filter((action) => action.kind === "step");
  const needed = new Map(steps.map((step) => [step.name, neededBy(step, steps)]));
  return steps.flatMap(({ name }, at) =>
    steps
      .slice(at + 1)
      .filter((other) => !needed.get(other.name)?.has(name) && !needed.get(name)?.has(other.name))
      .map((other) => [name, other.name] as const),
  );
}

function neededBy(step: StepAction, steps: readonly StepAction[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = ({ needs }: StepAction): void => {
    for (const need of needs) {
      if (found.has(need)) continue;
      found.add(need);
      const needed = steps.find(({ name }) => name === need);
      if (needed) visit(needed);
    }
  };
  visit(step);
  return found;
}

/** How many orders are looked at for the one that turns most round. */
const looks = 100;

/** The same plan, whose steps are taken up in another order: in round 0 the one that turns most pairs round. */
export function reordered(plan: RunPlan, round: number): RunPlan {
  const names = plan.actions.flatMap((action) => (action.kind === "step" ? [action.name] : []));
  const now = shuffle(names, plan.seed ?? 0);
  const pairs = independentPairs(plan);
  const turned = (seed: number): number => {
    const order = shuffle(names, seed);
    const isTurned = ([a, b]: readonly [string, string]): boolean =>
      now.indexOf(a) < now.indexOf(b) !== order.indexOf(a) < order.indexOf(b);
    return pairs.filter(isTurned).length;
  };
  const seeds = Array.from({ length: looks }, (_, at) => at + 1 + round * looks);
  const [seed = 1] = seeds.toSorted((a, b) => turned(b) - turned(a));
  return { ...plan, seed };
}
