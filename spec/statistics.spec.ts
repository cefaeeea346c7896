/** The sequential test behind `distribution margin m`: how often it is wrong, and that it says the same of the same. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Direction, openSequentialTest } from "../src/repro/statistics/sequential-test.ts";
import { generate } from "../src/plan/random.ts";
import { judgePairs, moved, shapes, simulate } from "./support/simulate.ts";

/** At 5 %, so that few simulations tell: of 400 at most 34 are wrong, but once in a thousand such tests. */
const times = 400;
const tolerated = 34;
const alpha = 0.05;
const seed = 7;

describe.each(Object.entries(shapes))("numbers of the shape %s", (_, draw) => {
  test(`that are alike are seldom said to differ, though one looks after every pair (seed ${seed})`, () => {
    const setting = { before: draw, after: draw, margin: 1e-6, maxPairs: 100, alpha };
    expect(simulate(setting, times, seed).counts.different).toBeLessThanOrEqual(tolerated);
  });

  test(`that lie apart by just the margin are seldom said to agree, and seldom to differ (seed ${seed})`, () => {
    const setting = { before: draw, after: moved(draw, 1), margin: 1, maxPairs: 100, alpha };
    const { counts } = simulate(setting, times, seed);
    expect(counts.equivalent).toBeLessThanOrEqual(tolerated);
    expect(counts.different).toBeLessThanOrEqual(tolerated);
  });

  test(`that lie four deviations apart are said to differ, alike ones with such a margin to agree (seed ${seed})`, () => {
    const apart = { before: draw, after: moved(draw, 4), margin: 0.1, maxPairs: 40 };
    expect(simulate(apart, 50, seed).counts.different).toBeGreaterThan(45);
    const alike = { before: draw, after: draw, margin: 4, maxPairs: 40 };
    expect(simulate(alike, 50, seed).counts.equivalent).toBeGreaterThan(45);
  });
});

test(`numbers that spread three times as widely are seldom said to agree within half a deviation, and mostly found (seed ${seed})`, () => {
  const { normal } = shapes;
  const pair = { before: normal, after: moved(normal, 0, 3) };
  const agree = simulate({ ...pair, margin: 0.5, maxPairs: 100, alpha }, times, seed);
  expect(agree.counts.equivalent).toBeLessThanOrEqual(tolerated);
  const found = simulate({ ...pair, margin: 0.1, maxPairs: 100 }, 50, seed);
  expect(found.counts.different).toBeGreaterThan(45);
});

test("a number that is always the same agrees within any margin after ten pairs, and not before", () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
      fc.double({ noNaN: true, min: 1e-9, max: 1e9 }),
      fc.integer({ min: 1, max: 20 }),
      (value, margin, length) => {
        const pairs = Array.from({ length }, () => [value, value] as const);
        const { decision, pairs: taken } = judgePairs(pairs, { margin, alpha: 0.01 });
        expect([decision, taken]).toEqual(length < 10 ? ["undecided", length] : ["equivalent", 10]);
      },
    ),
    { seed },
  );
});

const pairsOf = fc
  .tuple(fc.integer(), fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 4 }))
  .map(([drawSeed, shift, spread]) => {
    const uniform = generate(drawSeed);
    const draw = moved(shapes.normal, shift, spread);
    return Array.from({ length: 40 }, () => [shapes.normal(uniform), draw(uniform)] as const);
  });

test("what is said is the same in other units, and with the sides changed it is said of the other side", () => {
  const turned: Readonly<Record<Direction, Direction>> = {
    higher: "lower",
    lower: "higher",
    wider: "narrower",
    narrower: "wider",
  };
  fc.assert(
    fc.property(pairsOf, fc.integer({ min: -9, max: 9 }), (pairs, power) => {
      const options = { margin: 0.5, alpha: 0.01 };
      const told = judgePairs(pairs, options);
      const unit = 2 ** power;
      const scaled = pairs.map(([a, b]) => [a * unit, b * unit] as const);
      expect(judgePairs(scaled, { ...options, margin: options.margin * unit })).toEqual(told);
      const mirrored = judgePairs(
        pairs.map(([a, b]) => [b, a] as const),
        options,
      );
      expect(mirrored).toEqual({ ...told, towards: told.towards && turned[told.towards] });
    }),
    { seed },
  );
});

test("what has been decided stays so, whatever comes after it", () => {
  fc.assert(
    fc.property(pairsOf, fc.array(fc.integer(), { maxLength: 5 }), (pairs, later) => {
      const sequential = openSequentialTest({ margin: 3, alpha: 0.01 });
      let told = judgePairs([], { margin: 3, alpha: 0.01 });
      for (const [before, after] of pairs) told = sequential.take(before, after);
      fc.pre(told.decision !== "undecided");
      for (const value of later) expect(sequential.take(value, -value)).toEqual(told);
    }),
    { seed },
  );
});
