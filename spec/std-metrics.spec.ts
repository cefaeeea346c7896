/** The standard metrics: the same in R and in Node, bit for bit, and what their definitions demand. One process of R tries many cases. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noR, runR, wentWell } from "./support/r-step.ts";
import { bits } from "./support/r-values.ts";
import { frozen } from "./support/std-frozen.ts";
import {
  type Case,
  type Outcome,
  columns,
  inNode,
  inR,
  labels,
  numbers,
  scores,
} from "./support/std-metrics.ts";

const seconds = 120_000;
const value = (one: Case): number => {
  const { value: found, problem } = inNode(one);
  if (found === undefined) throw new Error(problem);
  return found;
};

/** Logarithms are the C library's in R and V8's own in Node, each within one unit of the last place. */
const ulps = (a: number, b: number): number => {
  const [high, low] = [a, b].map((it) => BigInt(`0x${bits(it)}`)) as [bigint, bigint];
  return Math.abs(Number(high - low));
};

const agrees = ({ metric }: Case, here: Outcome, there: Outcome): boolean => {
  if (here.value === undefined || there.value === undefined)
    return here.problem === there.problem && here.value === there.value;
  if (metric !== "log_loss") return bits(here.value) === bits(there.value);
  return ulps(here.value, there.value) <= 4;
};

/** Of numbers whose sums are exact: the variance of nearly equal ones is all rounding. */
const onGrid = ({ metric, truth, guess }: Case): Case => {
  const round = (it: unknown) => Math.round(Number(it) * 64) / 64;
  return { metric, truth: truth.map(round), guess: guess.map(round) };
};

const anyCase: fc.Arbitrary<Case> = fc.oneof(
  numbers.map((it) => ({ metric: "rmse", ...it })),
  numbers.map((it) => ({ metric: "mae", ...it })),
  numbers.map((it) => ({ metric: "r2", ...it })),
  labels.map((it) => ({ metric: "accuracy", ...it })),
  fc
    .tuple(
      fc.constantFrom("precision", "recall", "f1"),
      labels,
      fc.constantFrom(
        {},
        { average: "macro" },
        { average: "micro" },
        { average: "weighted" },
        { positive: "é" },
        { positive: "a" },
      ),
    )
    .map(([metric, it, options]) => ({ metric, ...it, options })),
  fc.tuple(fc.constantFrom("auc", "log_loss"), scores).map(([metric, it]) => ({ metric, ...it })),
  fc.tuple(fc.constantFrom("auc", "log_loss"), columns).map(([metric, it]) => ({ metric, ...it })),
);

describe("the standard metrics", () => {
  test.skipIf(noR)(
    "are the same in R and in Node, and so is what they refuse",
    { timeout: seconds },
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(anyCase, { minLength: 300, maxLength: 400 }), async (cases) => {
          const there = await inR(cases);
          const odd = cases.flatMap((one, i) => {
            const [here, other] = [inNode(one), there[i] ?? {}];
            return agrees(one, here, other) ? [] : [{ one, here, other }];
          });
          expect(odd).toEqual([]);
        }),
        { numRuns: 3, endOnFailure: true },
      ),
  );

  test.each(frozen)(
    "$metric of $name is what scikit-learn gives",
    ({ metric, given, expected }) => {
      expect(value({ metric, ...given })).toBeCloseTo(expected, 14);
    },
  );

  test("do not depend on the order of rows", () => {
    fc.assert(
      fc.property(anyCase, (any) => {
        const one = any.metric === "r2" ? onGrid(any) : any;
        const back = { ...one, truth: one.truth.toReversed(), guess: one.guess.toReversed() };
        const [here, reversed] = [inNode(one), inNode(back)];
        expect(reversed.value === undefined).toBe(here.value === undefined);
        if (here.value === undefined || reversed.value === undefined) return;
        const scale = Math.max(1, Math.abs(here.value));
        expect(Math.abs(here.value - reversed.value) / scale).toBeLessThan(1e-9);
      }),
    );
  });

  test("of a perfect guess are perfect", () => {
    fc.assert(
      fc.property(labels, ({ truth }) => {
        for (const metric of ["accuracy", "precision", "recall", "f1"])
          expect(value({ metric, truth, guess: truth })).toBe(1);
      }),
    );
    fc.assert(
      fc.property(
        numbers.map((it) => onGrid({ metric: "r2", ...it })),
        ({ truth }) => {
          expect(value({ metric: "rmse", truth, guess: truth })).toBe(0);
          expect(value({ metric: "mae", truth, guess: truth })).toBe(0);
          if (new Set(truth).size > 1) expect(value({ metric: "r2", truth, guess: truth })).toBe(1);
        },
      ),
    );
  });

  test("auc is 1 less itself for scores turned round, and is kept by what keeps their order", () => {
    fc.assert(
      fc.property(scores, (one) => {
        fc.pre(new Set(one.truth).size === 2);
        const auc = value({ metric: "auc", ...one });
        const turned = one.guess.map((it) => -it);
        const stretched = one.guess.map((it) => it * 8);
        expect(value({ metric: "auc", ...one, guess: turned })).toBeCloseTo(1 - auc, 12);
        expect(value({ metric: "auc", ...one, guess: stretched })).toBe(auc);
      }),
    );
  });

  test("auc by a column for each of two classes is auc by one of them", () => {
    fc.assert(
      fc.property(scores, ({ truth, guess: fine }) => {
        fc.pre(new Set(truth).size === 2);
        // So that 1 - b is exact.
        const guess = fine.map((it) => Math.round(it * 1024) / 1024);
        const names = truth.map((it) => (it === 1 ? "b" : "a"));
        const both = guess.map((b) => ({ a: 1 - b, b }));
        const one = value({ metric: "auc", truth, guess });
        expect(value({ metric: "auc", truth: names, guess: both })).toBeCloseTo(one, 12);
      }),
    );
  });

  test("the micro average of precision, recall and f1 is the accuracy", () => {
    fc.assert(
      fc.property(labels, (one) => {
        const accuracy = value({ metric: "accuracy", ...one });
        for (const metric of ["precision", "recall", "f1"])
          expect(value({ metric, ...one, options: { average: "micro" } })).toBe(accuracy);
      }),
    );
  });

  test("recall weighted by the classes is the accuracy", () => {
    fc.assert(
      fc.property(labels, (one) => {
        const recall = value({ metric: "recall", ...one, options: { average: "weighted" } });
        expect(recall).toBeCloseTo(value({ metric: "accuracy", ...one }), 12);
      }),
    );
  });

  test("turned round, precision is recall", () => {
    fc.assert(
      fc.property(labels, ({ truth, guess }) => {
        const precision = value({ metric: "precision", truth, guess });
        expect(value({ metric: "recall", truth: guess, guess: truth })).toBe(precision);
      }),
    );
  });

  test("sums of many numbers lose nothing that matters", () => {
    const truth = Array.from({ length: 100_000 }, (_, i) => (i === 0 ? 1e16 : 1));
    const zero = truth.map(() => 0);
    // One after the other, each 1 would be lost beside 1e16.
    expect(value({ metric: "mae", truth, guess: zero }) * 1e5).toBeCloseTo(1e16 + 99_999, -2);
  });

  test("log_loss takes a probability of 0 for the least that a double has beside 1", () => {
    const loss = value({ metric: "log_loss", truth: [1], guess: [0] });
    expect(loss).toBe(-Math.log(2 ** -52));
  });

  test.each<[Case, string]>([
    [{ metric: "rmse", truth: [], guess: [] }, "`truth` has no element"],
    [{ metric: "mae", truth: [1, 2], guess: [1, NaN] }, "`guess[2]` is missing"],
    [{ metric: "mae", truth: [1, 2], guess: [1, Infinity] }, "`guess[2]` is Inf"],
    [{ metric: "rmse", truth: [1, 2], guess: [1] }, "`truth` is of length 2, `guess` of length 1"],
    [
      { metric: "r2", truth: [0.1, 0.1, 0.1], guess: [1, 2, 3] },
      "all elements of `truth` are alike: there is no variance to explain",
    ],
    [
      { metric: "auc", truth: [1, 1], guess: [0.2, 0.4] },
      "all elements of `truth` are of one class: there is nothing to tell apart",
    ],
    [
      { metric: "auc", truth: ["a", "b"], guess: [0.2, 0.4] },
      "it is not said which class is the positive one",
    ],
    [
      { metric: "f1", truth: ["a", "b"], guess: ["a", "a"], options: { positive: "c" } },
      "there is no class `c`",
    ],
    [{ metric: "log_loss", truth: [1, 0], guess: [0.2, 1.5] }, "`probability[2]` is 1.5"],
    [
      {
        metric: "log_loss",
        truth: ["a", "b"],
        guess: [
          { a: 0.5, b: 0.5 },
          { a: 0.9, b: 0.9 },
        ],
      },
      "row 2 of `probability` is no distribution",
    ],
    [
      {
        metric: "auc",
        truth: ["a", "c"],
        guess: [
          { a: 0.5, b: 0.5 },
          { a: 0.9, b: 0.1 },
        ],
      },
      "`score` has no column for the class `c`",
    ],
  ])("%j has no value: %s", (one, problem) => {
    expect(inNode(one).problem).toBe(problem);
  });
});

describe.skipIf(noR)("in R", () => {
  test("metrics of factors, of truth values and of tables of one column are those of their values", async () => {
    const ran = wentWell(
      await runR({
        code: `truth <- factor(c("a", "b", "b"), levels = c("b", "a"))
guess <- data.frame(class = c("a", "b", "a"))
stopifnot(
  metrics$accuracy(truth, guess) == 2 / 3,
  metrics$auc(c(TRUE, FALSE, FALSE), c(0.9, 0.1, 0.2)) == 1,
  metrics$recall(truth, guess, positive = "b") == 0.5,
  metrics$accuracy(c(0.1 + 0.2, 1), c(0.3, 1)) == 0.5
)
counts <- metrics$confusion(truth, guess)
stopifnot(identical(counts, data.frame(
  truth = c("a", "a", "b", "b"), guess = c("a", "b", "a", "b"), count = c(1L, 0L, 1L, 1L)
)))
`,
      }),
    );
    expect(ran.exitCode).toBe(0);
  });

  test("a metric that the code calls fails with the code's own line", async () => {
    const ran = await runR({ code: "x <- 1\nmetrics$rmse(c(1, NA), c(1, 2))\n" });
    expect(ran.events.filter(({ kind }) => kind === "error")).toMatchObject([
      { code: "R0810", message: "`truth[2]` is missing", line: 2 },
    ]);
  });

  test("a metric that is called by the file points at the line that made the variable", async () => {
    const call = {
      function: "rmse",
      arguments: [
        { name: "truth", variable: "y" },
        { name: "guess", variable: "z" },
      ],
    };
    const ran = await runR({
      code: "y <- c(1, 2)\nz <- c(1, NA)\nerror <- 0\n",
      metrics: [{ key: "error", variable: "error", over: false, call, required: true }],
    });
    expect(ran.events.filter(({ kind }) => kind === "error")).toMatchObject([
      { code: "R0802", message: "rmse: `guess[2]` is missing", line: 2 },
    ]);
  });
});
