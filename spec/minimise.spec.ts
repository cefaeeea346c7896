/** Delta debugging: the smallest part that is still bad, in few questions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { minimise } from "../src/repro/world/minimise.ts";

const seed = Number(process.env["SEED"] ?? 20_261_122);

interface Asked {
  readonly found: readonly number[] | undefined;
  readonly questions: number;
}

/** `culprits`: the whole is bad where it holds all of any of these sets. */
async function ask(size: number, culprits: readonly (readonly number[])[]): Promise<Asked> {
  const all = Array.from({ length: size }, (_, at) => at);
  let questions = 0;
  const found = await minimise(all, async (part) => {
    questions++;
    return culprits.some((set) => set.every((one) => part.includes(one)));
  });
  return { found, questions };
}

test("what is fine as a whole is asked once", async () => {
  expect(await ask(16, [])).toEqual({ found: undefined, questions: 1 });
});

test("one culprit among sixteen takes seven questions in the middle of all cases, nine at the most", async () => {
  const counts: number[] = [];
  for (let culprit = 0; culprit < 16; culprit++) {
    const { found, questions } = await ask(16, [[culprit]]);
    expect(found).toEqual([culprit]);
    counts.push(questions);
  }
  expect(counts.toSorted((a, b) => a - b)[8]).toBe(7);
  expect(Math.max(...counts)).toBe(9);
});

test(`two that are bad only together are both found (seed ${seed})`, async () => {
  const pair = fc.uniqueArray(fc.nat(15), { minLength: 2, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(pair, async (set) => {
      const { found, questions } = await ask(16, [set]);
      expect(found?.toSorted((a, b) => a - b)).toEqual(set.toSorted((a, b) => a - b));
      expect(questions).toBeLessThanOrEqual(60);
    }),
    { seed },
  );
});

test(`of any sets of culprits one is found, whole and with nothing beside it (seed ${seed})`, async () => {
  const size = fc.integer({ min: 1, max: 24 });
  const cases = size.chain((count) => {
    const set = fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 4 });
    return fc.tuple(fc.constant(count), fc.array(set, { minLength: 1, maxLength: 4 }));
  });
  await fc.assert(
    fc.asyncProperty(cases, async ([count, culprits]) => {
      const { found = [], questions } = await ask(count, culprits);
      const isBad = (part: readonly number[]) =>
        culprits.some((set) => set.every((one) => part.includes(one)));
      expect(isBad(found)).toBe(true);
      for (const one of found) expect(isBad(found.filter((other) => other !== one))).toBe(false);
      // Zeller and Hildebrandt's bound: |all|² + 3|all|.
      expect(questions).toBeLessThanOrEqual(count * count + 3 * count);
    }),
    { seed },
  );
});
