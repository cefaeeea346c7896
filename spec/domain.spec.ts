/** Domains and params as text: what lies in a domain, how it is worded, and values that survive being written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countSteps, stepFrom } from "../src/check/decimal.ts";
import {
  contains,
  describeDomain,
  describeValue,
  formatParam,
  parseParam,
} from "../src/check/domain.ts";
import { gridOf, gridValue, gridValues } from "../src/check/domain-grid.ts";
import type { ParamType, RangeDomain, Value } from "../src/check/program.ts";

/** `range(0, 1)` is `0..1`; `[]` brackets say which ends belong to it. */
function range(low: number, high: number, by?: number, brackets = "[]"): RangeDomain {
  const [lowOpen, highOpen] = [brackets[0] === "(", brackets[1] === ")"];
  return { kind: "range", low, lowOpen, high, highOpen, by };
}

function read(type: ParamType, text: string, nullable = false) {
  return parseParam({ type, nullable, domain: undefined }, text);
}

function reason(type: ParamType, text: string): string | undefined {
  const parsed = read(type, text);
  return parsed.kind === "mismatch" ? parsed.reason : undefined;
}

describe("a domain", () => {
  it("holds its closed ends and leaves out its open ones", () => {
    const probes = [0, 0.5, 1];
    const held = (brackets: string) =>
      probes.filter((value) => contains(range(0, 1, undefined, brackets), value));
    expect(held("[]")).toEqual([0, 0.5, 1]);
    expect(held("(]")).toEqual([0.5, 1]);
    expect(held("[)")).toEqual([0, 0.5]);
    expect(held("()")).toEqual([0.5]);
  });

  it("without an end goes on for ever, but holds no NaN", () => {
    expect(contains(range(0, Infinity), 1e300)).toBe(true);
    expect(contains(range(-Infinity, 0), -5)).toBe(true);
    expect(contains(range(-Infinity, Infinity), Number.NaN)).toBe(false);
  });

  it("counts its steps in decimals, so that 0.3 is a step of 0.1", () => {
    const tenths = range(0, 1, 0.1);
    const written = ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"];
    expect(written.filter((text) => contains(tenths, Number(text)))).toEqual(written);
    expect(contains(tenths, 0.35)).toBe(false);
    expect(contains(tenths, 0.1 + 0.2)).toBe(false);
    expect(contains(range(1, 10, 3), 7)).toBe(true);
    expect(contains(range(1, 10, 3), 8)).toBe(false);
  });

  it("holds no value of another type", () => {
    const others: readonly Value[] = [null, true, "0.5", [0.5]];
    expect(others.filter((value) => contains(range(0, 1), value))).toEqual([]);
    expect(contains({ kind: "list", values: ["1"] }, 1)).toBe(false);
    expect(contains({ kind: "pattern", pattern: "1" }, 1)).toBe(false);
  });

  it("with a pattern matches whole texts only", () => {
    const names = { kind: "pattern", pattern: "a|bc" } as const;
    expect(["a", "bc", "abc", "ac", "xa", ""].filter((it) => contains(names, it))).toEqual([
      "a",
      "bc",
    ]);
  });

  it("is described as the language writes it", () => {
    const texts = [
      range(0, 1),
      range(0, 1, undefined, "()"),
      range(0, Infinity),
      range(-Infinity, 5),
      range(1, 10, 3),
      { kind: "list", values: ["a", 'b"', 0.5, true, null] } as const,
      { kind: "pattern", pattern: "[a-z]+" } as const,
    ].map(describeDomain);
    expect(texts).toEqual([
      "in 0..1",
      "in 0<..<1",
      "in 0..",
      "in ..5",
      "in 1..10 by 3",
      'in ["a", "b\\"", 0.5, true, null]',
      'matching "[a-z]+"',
    ]);
  });
});

describe("the steps of a range", () => {
  it("are listed from its first to its last, without the open ends", () => {
    const listed = (domain: RangeDomain, type: ParamType = "float") => {
      const grid = gridOf(domain, type);
      return grid && gridValues(grid);
    };
    expect(listed(range(0, 0.3, 0.1))).toEqual([0, 0.1, 0.2, 0.3]);
    expect(listed(range(0, 1, 0.3))).toEqual([0, 0.3, 0.6, 0.9]);
    expect(listed(range(0, 1, 0.25, "()"))).toEqual([0.25, 0.5, 0.75]);
    expect(listed(range(2, 6), "int")).toEqual([2, 3, 4, 5, 6]);
    expect(listed(range(2, 6, undefined, "()"), "int")).toEqual([3, 4, 5]);
    expect(listed(range(0.5, 3.5), "int")).toEqual([1, 2, 3]);
    expect(listed(range(-1.5, 0.5), "int")?.map((value) => value + 0)).toEqual([-1, 0]);
  });

  it("cannot be listed without ends, or for floats without `by`", () => {
    expect(gridOf(range(0, 1), "float")).toBeUndefined();
    expect(gridOf(range(0, Infinity, 1), "float")).toBeUndefined();
    expect(gridOf(range(-Infinity, 3), "int")).toBeUndefined();
  });

  it("lie in the range, all of them, and there is no further one", () => {
    const decimals = fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 0, max: 5 }));
    const number = decimals.map(([digits, places]) => Number(`${digits}e-${places}`));
    const step = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(
        number,
        number,
        step,
        fc.constantFrom("[]", "(]", "[)", "()"),
        (a, b, s, open) => {
          const by = Number(`${s[0]}e-${s[1]}`);
          const domain = range(Math.min(a, b), Math.max(a, b), by, open);
          const grid = gridOf(domain, "float");
          if (!grid || grid.count > 5000) return;
          const values = gridValues(grid);
          expect(values.filter((value) => !contains(domain, value))).toEqual([]);
          expect(new Set(values).size).toBe(grid.count);
          expect(contains(domain, gridValue(grid, grid.count))).toBe(false);
        },
      ),
    );
  });
});

describe("decimal arithmetic", () => {
  it("is exact where numbers of the machine are not", () => {
    expect(0.1 * 3).not.toBe(0.3);
    expect(stepFrom(0, 0.1, 3)).toBe(0.3);
    expect(stepFrom(1, 1e-7, 3)).toBe(1.0000003);
    expect(stepFrom(-1, 0.1, 10)).toBe(0);
    expect(countSteps(0, 0.1, 0.7)).toEqual({ whole: 7, exact: true });
    expect(countSteps(0, 0.1, 0.75)).toEqual({ whole: 7, exact: false });
    expect(countSteps(0, 5e-324, 1e308).exact).toBe(true);
  });

  it("finds a step again from what it made", () => {
    const nice = fc.integer({ min: -1e6, max: 1e6 }).map((digits) => digits / 1000);
    const times = fc.integer({ min: 0, max: 1e6 });
    fc.assert(
      fc.property(nice, times, (origin, count) => {
        const value = stepFrom(origin, 0.001, count);
        expect(countSteps(origin, 0.001, value)).toEqual({ whole: count, exact: true });
      }),
    );
  });
});

describe("a param as text", () => {
  it("is written as MLflow shall keep it", () => {
    const written = [
      formatParam(3, "int"),
      formatParam(0.05, "float"),
      formatParam(100_000, "float"),
      formatParam(-0, "float"),
      formatParam(1e-7, "float"),
      formatParam(true, "bool"),
      formatParam("a b", "string"),
      formatParam(null, "float"),
    ];
    expect(written).toEqual(["3", "0.05", "100000", "-0", "1e-7", "true", "a b", ""]);
  });

  it("is read as a value of its type", () => {
    const values = [
      read("int", "-12"),
      read("int", "-0"),
      read("float", "1e-5"),
      read("float", ".5"),
      read("float", "5."),
      read("float", "1E5"),
      read("bool", "True"),
      read("bool", "false"),
      read("string", ""),
      read("string", "null"),
      read("path", "a b"),
    ];
    const expected = [-12, 0, 1e-5, 0.5, 5, 1e5, true, false, "", "null", "a b"];
    expect(values).toEqual(expected.map((value) => ({ kind: "value", value })));
    const negative = read("float", "-0");
    expect(negative.kind === "value" && Object.is(negative.value, -0)).toBe(true);
  });

  it("that is none of its type is refused with what to write", () => {
    expect(reason("int", "1e5")).toBe("write `100000`");
    expect(reason("int", "3.0")).toBe("write `3`");
    expect(reason("int", "3.5")).toBe("write a whole number, such as `3`");
    expect(reason("int", "9007199254740993")).toMatch(/^whole numbers end at 9007199254740991/u);
    expect(reason("float", "0,05")).toBe("write `0.05`");
    expect(reason("float", "1e999")).toBe("the largest number is about 1.8e308");
    expect(reason("float", "NaN")).toBe("write a number, such as `0.05`");
    expect(reason("float", " 1")).toBe("write a number, such as `0.05`");
    expect(reason("float", "0x10")).toBe("write a number, such as `0.05`");
    expect(reason("bool", "yes")).toBe("write `true` or `false`");
    expect(reason("bool", "1")).toBe("write `true` or `false`");
  });

  it("may be null where its type says so, as mlpipe and as Python write it", () => {
    const isNull = (type: ParamType, text: string) => {
      const parsed = read(type, text, true);
      return parsed.kind === "value" && parsed.value === null;
    };
    expect(["null", "None", ""].map((text) => isNull("float", text))).toEqual([true, true, true]);
    expect(["null", "None", ""].map((text) => isNull("string", text))).toEqual([
      true,
      false,
      false,
    ]);
    expect(reason("int", "null")).toBeDefined();
  });

  it("outside its domain names the domain", () => {
    const param = { type: "float", nullable: false, domain: range(0, 1) } as const;
    expect(parseParam(param, "1.5")).toEqual({ kind: "outside", domain: range(0, 1) });
    expect(parseParam(param, "1")).toEqual({ kind: "value", value: 1 });
  });

  it("survives being written and read, with every bit", () => {
    const value = fc.oneof(
      fc.maxSafeInteger().map((it) => ["int", it + 0] as const),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((it) => ["float", it] as const),
      fc.boolean().map((it) => ["bool", it] as const),
      fc.string({ unit: "binary" }).map((it) => ["string", it] as const),
    );
    fc.assert(
      fc.property(value, fc.boolean(), ([type, it], nullable) => {
        fc.pre(!nullable || it !== "null");
        const parsed = read(type, formatParam(it, type), nullable);
        expect(parsed.kind === "value" && Object.is(parsed.value, it)).toBe(true);
      }),
    );
  });

  it("is never read as something that its type does not have", () => {
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[-+.,\deE]{0,8}$/u));
    fc.assert(
      fc.property(texts, fc.constantFrom("int", "float"), (text, type) => {
        const parsed = read(type, text);
        const value = parsed.kind === "value" ? parsed.value : 0;
        expect(type === "int" ? Number.isSafeInteger(value) : Number.isFinite(value)).toBe(true);
      }),
    );
  });

  it("is shown in messages as the language writes it", () => {
    expect(describeValue(["a", 1, null, [true]])).toBe('["a", 1, null, [true]]');
  });
});
