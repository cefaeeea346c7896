/** Numbers that may differ a little: distances counted in doubles, and what a tolerance lets pass. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tolerance } from "../src/check/program.ts";
import { compareMetrics } from "../src/repro/compare/compare-metric.ts";
import { isWithin } from "../src/repro/compare/tolerance.ts";
import { ulpsBetween } from "../src/repro/compare/ulp.ts";

const number = fc.double({ noNaN: true });
const points = (...values: readonly number[]) => values.map((value, step) => ({ step, value }));

describe("the distance in doubles", () => {
  test("is one between neighbours, right across 0 and up to the infinities", () => {
    const least = Number.MIN_VALUE;
    expect(ulpsBetween(1, 1 + Number.EPSILON)).toBe(1n);
    expect(ulpsBetween(-least, least)).toBe(2n);
    expect(ulpsBetween(0, -0)).toBe(0n);
    expect(ulpsBetween(Number.MAX_VALUE, Infinity)).toBe(1n);
    expect(ulpsBetween(-Infinity, Infinity)).toBe(2n * 0x7ff0000000000000n);
    expect(ulpsBetween(NaN, NaN)).toBe(0n);
    expect(ulpsBetween(NaN, 1)).toBeUndefined();
  });

  test("is symmetric, 0 only for equal numbers, and no detour is shorter", () => {
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        const between = (x: number, y: number): bigint => ulpsBetween(x, y) ?? -1n;
        expect(between(a, b)).toBe(between(b, a));
        expect(between(a, b) === 0n).toBe(a === b);
        expect(between(a, c) <= between(a, b) + between(b, c)).toBe(true);
      }),
    );
  });

  test("counts the doubles that lie between", () => {
    fc.assert(
      fc.property(number, fc.bigInt({ min: 0n, max: 1000n }), (a, steps) => {
        fc.pre(Math.abs(a) > 1e-300 && Math.abs(a) < 1e300);
        const view = new DataView(new ArrayBuffer(8));
        view.setFloat64(0, a);
        view.setBigUint64(0, view.getBigUint64(0) + steps);
        expect(ulpsBetween(a, view.getFloat64(0))).toBe(steps);
      }),
    );
  });
});

describe("a tolerance", () => {
  const tolerance = fc.oneof(
    fc.record({
      kind: fc.constant("within" as const),
      amount: fc.double({ min: 0, max: 10, noNaN: true }),
      scale: fc.constantFrom("abs" as const, "rel" as const),
    }),
    fc.record({ kind: fc.constant("ulp" as const), ulp: fc.nat(100) }),
  );

  test("lets everything pass that is the same, and asks for no order", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), tolerance, (a, b, it) => {
        expect(isWithin(a, a, it)).toBe(true);
        expect(isWithin(a, b, it)).toBe(isWithin(b, a, it));
      }),
    );
  });

  test.each<[string, Tolerance, number, number, boolean]>([
    ["abs", { kind: "within", amount: 0.25, scale: "abs" }, 1, 1.25, true],
    ["abs", { kind: "within", amount: 0.25, scale: "abs" }, 1, 1.26, false],
    ["rel", { kind: "within", amount: 0.02, scale: "rel" }, 100, 102, true],
    ["rel", { kind: "within", amount: 0.02, scale: "rel" }, 100, 103, false],
    ["rel of infinities", { kind: "within", amount: 0.02, scale: "rel" }, 1, Infinity, false],
    ["ulp", { kind: "ulp", ulp: 2 }, 1, 1 + 2 * Number.EPSILON, true],
    ["ulp", { kind: "ulp", ulp: 2 }, 1, 1 + 3 * Number.EPSILON, false],
    ["exact", { kind: "exact" }, 0, -0, false],
    ["NaN", { kind: "within", amount: 1e9, scale: "abs" }, NaN, 1, false],
    ["both NaN", { kind: "exact" }, NaN, NaN, true],
  ])("%s %o of %s and %s: %s", (_, it, a, b, expected) => {
    expect(isWithin(a, b, it)).toBe(expected);
  });
});

describe("points of a metric", () => {
  test("belong together by their step, in whatever order they were logged", () => {
    const before = [...points(1, 2, 3)];
    expect(compareMetrics(before, before.toReversed(), undefined).rung).toBe("bytes");
  });

  test("of which one is missing are a difference that no tolerance covers", () => {
    const wide = { kind: "within", amount: 9, scale: "abs" } as const;
    expect(compareMetrics(points(1, 2), points(1), wide)).toMatchObject({
      rung: undefined,
      difference: { count: 1, points: [{ step: 1, before: 2, after: undefined }] },
    });
  });

  test("are all within the tolerance, or the metric differs", () => {
    const narrow = { kind: "within", amount: 0.1, scale: "abs" } as const;
    expect(compareMetrics(points(1, 2), points(1.05, 2), narrow)).toMatchObject({
      rung: "tolerance",
      notes: ["within 0.1"],
    });
    expect(compareMetrics(points(1, 2), points(1.05, 3), narrow)).toMatchObject({
      rung: undefined,
      difference: { count: 2 },
    });
  });

  test("with the same step are compared in their order", () => {
    const twice = (a: number, b: number) => [
      { step: 1, value: a },
      { step: 1, value: b },
    ];
    expect(compareMetrics(twice(1, 2), twice(1, 2), undefined).rung).toBe("bytes");
    expect(compareMetrics(twice(1, 2), twice(2, 1), undefined).rung).toBeUndefined();
  });
});
