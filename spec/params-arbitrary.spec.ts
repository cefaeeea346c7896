/** Values of params from their declared domains: what is drawn, where it begins, and what it shrinks to. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contains } from "../src/check/domain.ts";
import type { Value } from "../src/check/program.ts";
import { type ParamSpace, corners, paramsArbitrary } from "../src/repro/laws/params-arbitrary.ts";
import { runOf } from "./support/program.ts";

const seed = 11;

function spaceOf(declared: string, more: Partial<ParamSpace> = {}): ParamSpace {
  const names = [...declared.matchAll(/param (\w+)/g)].map(([, name]) => name);
  const { params, requires } = runOf(
    `${declared}\n\`\`\`js\nconsole.log(${names.join(", ")})\n\`\`\`\n`,
  );
  const usual = Object.fromEntries(params.map((param) => [param.name, param.default ?? null]));
  return { params, requires, usual, fixed: [], logarithmic: [], ...more };
}

const every = spaceOf(`
  param share: float = 0.05 in 0..1
  param inner: float = 0.123456 in 0<..<1
  param count: int = 3 in 1..30
  param many: int = 100 in 0..
  param any: float = -2.5
  param below: float = -3 in ..-1
  param rate: float = 0.01 in 0.0001..0.5
  param steps: float = 0.5 in 0..1 by 0.25
  param kind: string = "b" in ["a", "b", "c"]
  param code: string = "abc" matching "[a-z]{1,4}"
  param word: string = "world"
  param flag: bool = true
  param maybe: int? = null in 1..5
  require count < many`);

test(`every value that is drawn lies in its domain, and all keep what is required of them (seed ${seed})`, () => {
  fc.assert(
    fc.property(paramsArbitrary(every), (values) => {
      for (const { name, domain, nullable } of every.params) {
        const value = values[name] as Value;
        expect(value === null ? nullable : !domain || contains(domain, value), name).toBe(true);
      }
      expect(values["count"]).toBeLessThan(values["many"] as number);
    }),
    { seed, numRuns: 300 },
  );
});

test.each([
  ["param a: float = 0.05 in 0..1", 4],
  ["param a: float = 0.05 in 0<..<0.5", 5],
  ["param a: float = 2 in 1000..2000", 4],
  ["param a: float = 2.5", 4],
])("numbers of `%s` are short to write, but for the ends", (declared, digits) => {
  const space = spaceOf(declared.replace("= 2 in", "= 1500 in"));
  for (const { a } of fc.sample(paramsArbitrary(space), { numRuns: 500, seed }))
    expect(String(a).replace(/[-.]|^0\.0*/g, "").length, String(a)).toBeLessThanOrEqual(digits);
});

test("a param that a sweep varies in powers is as often small as large", () => {
  const space = spaceOf("param rate: float = 0.01 in 0.0001..1", { logarithmic: ["rate"] });
  const drawn = fc.sample(paramsArbitrary(space), { numRuns: 1000, seed });
  const decades = drawn.map(({ rate }) => Math.floor(Math.log10(rate as number)));
  for (const decade of [-4, -3, -2, -1])
    expect(decades.filter((one) => one === decade).length, String(decade)).toBeGreaterThan(150);
});

test("what is tried first are the usual values, then both ends together, then each end alone", () => {
  const space = spaceOf(`
    param a: float = 0.5 in 0<..<1
    param b: int = 3 in 1..9
    param c: bool = false
    param d: path = "data"`);
  expect(corners(space).map((values) => Object.values(values).join(" "))).toEqual([
    "0.5 3 false data",
    "0.001 1 false data",
    "0.999 9 true data",
    "0.001 3 false data",
    "0.999 3 false data",
    "0.5 1 false data",
    "0.5 9 false data",
    "0.5 3 true data",
  ]);
  for (const values of corners(every))
    expect(values["count"]).toBeLessThan(values["many"] as number);
});

describe("what fails is found in its shortest form:", () => {
  const shrunk = (fails: (values: Readonly<Record<string, Value>>) => boolean) => {
    const examples = corners(every).map((values): [typeof values] => [values]);
    const property = fc.property(paramsArbitrary(every), (values) => !fails(values));
    const found = fc.check(property, { seed, examples, numRuns: 500 });
    const again = fc.check(property, {
      seed,
      examples,
      path: found.counterexamplePath ?? "",
      endOnFailure: true,
    });
    expect([again.counterexample, again.numRuns]).toEqual([found.counterexample, 1]);
    return found.counterexample?.[0];
  };

  test.each([
    ["nothing at all", () => true, {}],
    ["share at least 0.37", ({ share }) => (share as number) >= 0.37, { share: 0.37 }],
    ["a count of 1", ({ count }) => count === 1, { count: 1 }],
    [
      "a kind and a number together",
      ({ kind, many }) => kind === "c" && (many as number) > 250,
      { kind: "c", many: 251 },
    ],
    ["a number that is there", ({ maybe }) => maybe !== null, { maybe: 1 }],
    ["no flag", ({ flag }) => flag === false, { flag: false }],
  ] as const satisfies readonly [
    string,
    (values: Readonly<Record<string, Value>>) => boolean,
    object,
  ][])("%s", (_, fails, changed) => {
    expect(shrunk(fails)).toEqual({ ...every.usual, ...changed });
  });
});

test("a param that was given keeps its value, and where hardly any values may stand together only the usual ones do", () => {
  const given = spaceOf("param a: float = 0.5 in 0..1\nparam b: int = 2 in 1..9", { fixed: ["a"] });
  for (const { a } of fc.sample(paramsArbitrary(given), { numRuns: 100, seed }))
    expect(a).toBe(0.5);
  const tight = spaceOf("param a: int = 5 in 0..1000\nparam b: int = 5 in 0..1000\nrequire a = b");
  for (const { a, b } of fc.sample(paramsArbitrary(tight), { numRuns: 100, seed }))
    expect([a, b]).toEqual([5, 5]);
});
