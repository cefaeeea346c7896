/** Predictions of two models: how far apart they are, and which of them a tolerance covers. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tolerance } from "../src/check/program.ts";
import type { Json } from "../src/content/json.ts";
import { compareMetrics } from "../src/repro/compare/compare-metric.ts";
import { jsonDifference } from "../src/repro/compare/json-difference.ts";
import { predictionsDifference } from "../src/repro/compare/predictions-difference.ts";

const ofThree = [{ x: 1 }, { x: 2 }, { x: 3 }];

function differ(before: Json, after: Json, tolerance?: Tolerance, rows: Json = ofThree) {
  return predictionsDifference(
    { rows, predictions: before },
    { rows, predictions: after },
    tolerance,
  );
}

/** Whether they are the same, or as near as the tolerance says. */
function agree(before: Json, after: Json, tolerance?: Tolerance): boolean {
  return (differ(before, after, tolerance)?.outside ?? 0) === 0;
}

const absolute = (amount: number): Tolerance => ({ kind: "within", amount, scale: "abs" });

describe("the difference of predictions", () => {
  test("tells the numbers that are farthest apart, as such and as a share, and in which row", () => {
    expect(differ([100, 0.25, 3], [101, 0.5, 3])?.difference).toEqual({
      kind: "predictions",
      count: 2,
      compared: 3,
      absolute: { row: "1", column: "", before: 100, after: 101, by: 1 },
      relative: { row: "2", column: "", before: 0.25, after: 0.5, by: 0.5 },
      others: [],
      otherCount: 0,
    });
  });

  test("names rows as R does, and columns where an answer has several", () => {
    const named = differ({ Fiat: 1, Volvo: 2, Honda: 3 }, { Fiat: 1, Volvo: 2.5, Honda: 3 });
    expect(named?.difference).toMatchObject({ absolute: { row: "Volvo", column: "" } });
    const table = differ([{ yes: 0.25, no: 0.75 }], [{ yes: 0.5, no: 0.5 }]);
    expect(table?.difference).toMatchObject({
      count: 2,
      compared: 2,
      relative: { row: "1", column: "yes", by: 0.5 },
    });
    const parts = differ({ fit: [1, 2, 3], error: 1 }, { fit: [1, 2, 4], error: 1 });
    expect(parts?.difference).toMatchObject({ absolute: { row: "", column: "fit[2]" } });
  });

  test("lists what has no distance: labels, what is missing, the infinities", () => {
    expect(differ(["setosa", null, 1], ["virginica", 2, Infinity])?.difference).toEqual({
      kind: "predictions",
      count: 3,
      compared: 3,
      others: [
        { row: "1", column: "", before: '"setosa"', after: '"virginica"' },
        { row: "2", column: "", before: "null", after: "2" },
        { row: "3", column: "", before: "1", after: "Infinity" },
      ],
      otherCount: 3,
    });
  });
});

describe("a tolerance of predictions", () => {
  const wide = absolute(1e300);

  test.each<[string, Json, Json]>([
    ["labels", ["a", 1], ["b", 1]],
    ["a number and a label", [1], ["1"]],
    ["a number and what is missing", [1], [null]],
    ["truth", [true], [false]],
    ["how many answers there are", [1, 2], [1, 2, 2]],
    ["the names of answers", { a: 1, b: 1, c: 1 }, { a: 1, b: 1, d: 1 }],
    ["one answer and a list of one", [1], [[1]]],
    ["nothing at all in two shapes", [[]], [{}]],
    ["infinities", [Infinity], [-Infinity]],
  ])("covers numbers alone, not %s", (_, before, after) => {
    expect(agree(before, after, wide)).toBe(false);
    expect(agree(after, before, wide)).toBe(false);
  });

  test("lets what is missing and what is infinite be like itself", () => {
    const some: Json = [null, Infinity, -Infinity, "a", true, 0.1];
    expect(differ(some, [...some.slice(0, 5), 0.1 + 1e-12], absolute(1e-9))).toMatchObject({
      difference: { count: 1, compared: 6 },
      outside: 0,
    });
  });

  test("takes whole numbers beyond the doubles for the doubles that were predicted", () => {
    const [before, after] = [[12345678901234567168n], [1.2345678901234569e19]];
    expect(agree(before, after, { kind: "ulp", ulp: 1 })).toBe(true);
    expect(agree(before, after, absolute(1))).toBe(false);
  });

  test("is kept by all of them, or how many are outside is counted", () => {
    expect(differ([1, 2, 3], [1.05, 2.2, 3.2], absolute(0.1))).toMatchObject({
      difference: { count: 3 },
      outside: 2,
    });
  });
});

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, 1 + Number.EPSILON, Infinity, -Infinity),
);
const scalar: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: number.filter((it) => !Number.isNaN(it)) },
  fc.constantFrom<Json>(null, true, false, "a", "b"),
);
const answers: fc.Arbitrary<Json> = fc.oneof(
  fc.array(scalar, { maxLength: 4 }),
  fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "b", "c", "toString"), scalar),
  scalar,
);
/** What differs a little, in any of its numbers. */
const nearby = answers.chain((before) =>
  fc
    .infiniteStream(fc.constantFrom(0, 1e-12, -1e-12, 1e-3))
    .map((by): readonly [Json, Json] => [before, moved(before, by)]),
);
const pairs = fc.oneof(nearby, fc.tuple(answers, answers));
const amount = fc.oneof(fc.constantFrom(0, 1e-9, 0.1), fc.double({ min: 0, noNaN: true }));
const scale = fc.constantFrom("abs" as const, "rel" as const);
const tolerances: fc.Arbitrary<Tolerance> = fc.oneof(
  fc.record({ kind: fc.constant("within" as const), amount, scale }),
  fc.record({ kind: fc.constant("ulp" as const), ulp: fc.nat(1000) }),
);

function moved(value: Json, by: Iterator<number>): Json {
  if (typeof value === "number") return value * (1 + (by.next().value ?? 0));
  if (Array.isArray(value)) return value.map((it: Json) => moved(it, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, moved(it, by)]));
}

function wider(tolerance: Tolerance, by: number): Tolerance {
  if (tolerance.kind === "ulp") return { ...tolerance, ulp: tolerance.ulp + Math.floor(by * 100) };
  return tolerance.kind === "within" ? { ...tolerance, amount: tolerance.amount + by } : tolerance;
}

describe("for all predictions", () => {
  test("there is a difference exactly where their content differs", () => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const found = differ(before, after);
        expect(found === undefined).toBe(jsonDifference(before, after) === undefined);
        expect(found?.outside).toBe(found?.difference.count);
        expect(differ(before, before)).toBeUndefined();
      }),
    );
  });

  test("it does not matter which came first", () => {
    fc.assert(
      fc.property(pairs, tolerances, ([before, after], tolerance) => {
        const [one, other] = [differ(before, after, tolerance), differ(after, before, tolerance)];
        expect(one?.outside).toBe(other?.outside);
        expect(one?.difference.count).toBe(other?.difference.count);
        expect(one?.difference.absolute?.by).toBe(other?.difference.absolute?.by);
        expect(one?.difference.relative?.by).toBe(other?.difference.relative?.by);
      }),
    );
  });

  test("a tolerance of 0 is exactness, but that -0 is 0 as it is for a metric", () => {
    fc.assert(
      fc.property(pairs, scale, ([before, after], its) => {
        const none: Tolerance = { kind: "within", amount: 0, scale: its };
        const isSame = jsonDifference(unsigned(before), unsigned(after)) === undefined;
        expect(agree(before, after, none)).toBe(isSame);
        expect(agree(before, after, { kind: "ulp", ulp: 0 })).toBe(isSame);
      }),
    );
  });

  test("a wider tolerance turns no agreement into a difference", () => {
    const more = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(pairs, tolerances, more, ([before, after], tolerance, by) => {
        const outside = (it: Tolerance): number => differ(before, after, it)?.outside ?? 0;
        expect(outside(wider(tolerance, by))).toBeLessThanOrEqual(outside(tolerance));
      }),
    );
  });

  test("one number is judged as a metric with these values is", () => {
    fc.assert(
      fc.property(number, number, tolerances, (before, after, tolerance) => {
        fc.pre(!Number.isNaN(before) && !Number.isNaN(after));
        const points = (value: number) => [{ step: 0, value }];
        const metric = compareMetrics(points(before), points(after), tolerance);
        expect(agree([before], [after], tolerance)).toBe(metric.rung !== undefined);
        expect(differ([before], [after], tolerance) === undefined).toBe(metric.rung === "bytes");
      }),
    );
  });

  test("the largest distances bound the tolerance that covers all numbers", () => {
    const any = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
    const numbers = fc.array(fc.oneof(any, fc.integer({ min: -9, max: 9 })), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.infiniteStream(fc.constantFrom(0, 1e-9, -0.5)), (before, by) => {
        const after = moved(before, by);
        const found = differ(before, after)?.difference;
        fc.pre(found?.absolute !== undefined);
        expect(agree(before, after, absolute(found.absolute.by))).toBe(true);
        const narrower = absolute(found.absolute.by / 2);
        expect(agree(before, after, narrower)).toBe(found.absolute.by === 0);
      }),
    );
  });
});

function unsigned(value: Json): Json {
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map((it: Json) => unsigned(it));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, unsigned(it)]));
}
