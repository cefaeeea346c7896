/** The trials of a sweep: complete grids in declared order, and draws that are the same for ever. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains } from "../src/check/domain.ts";
import type { Domain, Sweep, Value } from "../src/check/program.ts";
import { generate } from "../src/plan/random.ts";
import { type Trial, gridTrials, randomTrials } from "../src/plan/trials.ts";
import { programOf } from "./support/findings.ts";

function trialsOf(items: string, given: Readonly<Record<string, Value>> = {}): readonly Trial[] {
  const program = programOf(
    `mlpipe 1

run learn {
  param a: int = 1 in 1..1000
  param b: int = 1
  param share: float = 0.5 in 0..1000
  param kind: string = "tree"
  param deep: bool = false
  require a != 13 and share < 900
  require a < b "in order"
  metric error minimize

  \`\`\`r
  error <- a + b + share + nchar(kind) + deep
  \`\`\`
}

sweep many of learn {
${items}
}
`.replace(/require a < b.*\n/u, items.includes("ordered") ? 'require a <= b "in order"\n' : "\n"),
  );
  const sweep = program.sweeps.get("many");
  const run = program.runs.get("learn");
  if (!sweep || !run) throw new Error("no sweep");
  return sweep.search.kind === "grid"
    ? gridTrials(sweep, run, given)
    : randomTrials(sweep, run, given);
}

describe("a grid", () => {
  it("lists every combination in declared order, the last `vary` fastest", () => {
    const trials = trialsOf('grid\nvary a in [5, 2]\nvary kind in ["x", "y", "z"]');
    expect(trials.map(({ a, kind }) => [a, kind])).toEqual([
      [5, "x"],
      [5, "y"],
      [5, "z"],
      [2, "x"],
      [2, "y"],
      [2, "z"],
    ]);
  });

  it("steps through ranges without rounding errors", () => {
    const trials = trialsOf("grid\nvary share in 0..0.5 by 0.1");
    expect(trials.map(({ share }) => share)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(trialsOf("grid\nvary b in 0<..<4").map(({ b }) => b)).toEqual([1, 2, 3]);
  });

  it("leaves out what breaks a `require`, by the values of all params", () => {
    expect(trialsOf("grid\nvary a in 12..14").map(({ a }) => a)).toEqual([12, 14]);
    const ordered = "grid # ordered\nvary a in 1..4";
    expect(trialsOf(ordered).map(({ a }) => a)).toEqual([1]);
    expect(trialsOf(ordered, { b: 3 }).map(({ a }) => a)).toEqual([1, 2, 3]);
    expect(trialsOf(`${ordered}\nset b = 2`).map(({ a }) => a)).toEqual([1, 2]);
  });

  it("has as many trials as its lists have combinations, each once", () => {
    const list = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(list, list, list, (x, y, z) => {
        const lists = { x, y, z };
        const sweep = sweepOf(
          Object.entries(lists).map(([param, values]) => [param, { kind: "list", values }]),
          { kind: "grid" },
        );
        const trials = gridTrials(sweep, noRequires);
        expect(trials).toHaveLength(x.length * y.length * z.length);
        expect(new Set(trials.map((it) => JSON.stringify(it))).size).toBe(trials.length);
        expect(trials[0]).toEqual({ x: x[0], y: y[0], z: z[0] });
      }),
      { numRuns: 30 },
    );
  });
});

describe("a random search", () => {
  const wide = `random 5 trials seed 42
    vary share in log 0.0001..0.5
    vary a in 1..15
    vary kind in ["x", "y"]
    vary b in log 1..1000`;

  it("draws the same values for ever", () => {
    expect(trialsOf(wide)).toMatchInlineSnapshot(`
      [
        {
          "a": 3,
          "b": 10,
          "kind": "x",
          "share": 0.0553384,
        },
        {
          "a": 14,
          "b": 252,
          "kind": "x",
          "share": 0.000138252,
        },
        {
          "a": 10,
          "b": 30,
          "kind": "x",
          "share": 0.00180882,
        },
        {
          "a": 8,
          "b": 4,
          "kind": "y",
          "share": 0.00792569,
        },
        {
          "a": 8,
          "b": 116,
          "kind": "x",
          "share": 0.000241612,
        },
      ]
    `);
  });

  it("draws as its generator does, which is SplitMix64", () => {
    const draw = generate(0);
    const bits = [draw(), draw(), draw()].map((it) => (BigInt(it * 2 ** 53) << 11n).toString(16));
    // The first outputs of SplitMix64 for the seed 0, without their lowest eleven bits.
    const known = [0xe220a8397b1dcdafn, 0x6e789e6aa1b965f4n, 0x06c45d188009454fn];
    expect(bits).toEqual(known.map((it) => ((it >> 11n) << 11n).toString(16)));
  });

  it("begins alike whatever number of trials follow", () => {
    const ten = trialsOf(wide.replace("5 trials", "10 trials"));
    expect(ten.slice(0, 5)).toEqual(trialsOf(wide));
  });

  it("draws with the seed 0 where it has none, and other values with another seed", () => {
    const unseeded = trialsOf(wide.replace(" seed 42", ""));
    expect(unseeded).toEqual(trialsOf(wide.replace("42", "0")));
    expect(unseeded).not.toEqual(trialsOf(wide));
  });

  it("draws again what breaks a `require`", () => {
    const trials = trialsOf("random 200 trials seed 1\nvary a in 12..14\nvary share in 0..1000");
    expect(trials).toHaveLength(200);
    expect(new Set(trials.map(({ a }) => a))).toEqual(new Set([12, 14]));
    expect(trials.every(({ share }) => Number(share) < 900)).toBe(true);
  });

  it("ends where nothing is left to draw", () => {
    expect(trialsOf("random 3 trials # ordered\nvary a in 2..4")).toEqual([]);
  });

  it("stays within its domain, open ends included, and repeats itself", () => {
    const ends = fc
      .tuple(
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      )
      .filter(([x, y]) => Math.abs(x - y) > 1e-9 * Math.max(x, y));
    const open = fc.boolean();
    fc.assert(
      fc.property(
        ends,
        open,
        open,
        fc.boolean(),
        fc.integer(),
        ([x, y], lowOpen, highOpen, log, seed) => {
          const low = Math.min(x, y);
          const domain: Domain = {
            kind: "range",
            low,
            lowOpen,
            high: Math.max(x, y),
            highOpen,
            by: undefined,
          };
          const sweep = sweepOf([["x", domain]], { kind: "random", trials: 20, seed }, log);
          const trials = randomTrials(sweep, noRequires);
          expect(trials).toHaveLength(20);
          expect(trials.filter((it) => !contains(domain, it["x"] ?? null))).toEqual([]);
          expect(randomTrials(sweep, noRequires)).toEqual(trials);
        },
      ),
    );
  });

  it("draws whole numbers with both ends, each about as often as the others", () => {
    const domain: Domain = {
      kind: "range",
      low: 1,
      lowOpen: false,
      high: 6,
      highOpen: false,
      by: 1,
    };
    const sweep = sweepOf([["x", domain]], { kind: "random", trials: 6000, seed: 7 });
    const drawn = randomTrials(sweep, noRequires).map((it) => it["x"]);
    const counts = [1, 2, 3, 4, 5, 6].map((face) => drawn.filter((it) => it === face).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(6000);
    expect(counts.filter((count) => count < 850 || count > 1150)).toEqual([]);
  });

  it("on a logarithmic scale draws as many values from each decade", () => {
    const domain: Domain = {
      kind: "range",
      low: 0.001,
      lowOpen: false,
      high: 1,
      highOpen: false,
      by: undefined,
    };
    const sweep = sweepOf([["x", domain]], { kind: "random", trials: 3000, seed: 7 }, true);
    const drawn = randomTrials(sweep, noRequires).map((it) => Number(it["x"]));
    const below = (limit: number) => drawn.filter((it) => it < limit).length;
    expect(Math.abs(below(0.01) - 1000)).toBeLessThan(120);
    expect(Math.abs(below(0.1) - 2000)).toBeLessThan(120);
  });

  it("gives numbers that people can read", () => {
    const lengths = trialsOf("random 50 trials seed 3\nvary share in 0..1").map(
      ({ share }) => String(share).length,
    );
    expect(Math.max(...lengths)).toBeLessThanOrEqual(8);
  });
});

const noRequires = { requires: [] } as never;

/** A sweep of params with the given values, and nothing else. */
function sweepOf(
  values: readonly (readonly [string, Domain])[],
  search: Sweep["search"],
  log = false,
): Sweep {
  const params = values.map(([name]) => ({ name, type: "float", default: undefined }));
  const vary = values.map(([param, domain]) => ({ param, log, values: domain }));
  return { search, vary, params } as unknown as Sweep;
}
