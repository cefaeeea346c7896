/** holdout and folds: the same rows in R and in Node, chosen by the draws of sweeps, and no random number of the language moved. */
import fc from "fast-check";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generate } from "../src/plan/random.ts";
import { noR, runR, testFolder, wentWell } from "./support/r-step.ts";
import { openProject } from "./support/step.ts";

interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}
interface Options {
  readonly strata?: readonly string[];
  readonly seed?: number;
}
interface Helpers {
  readonly holdout: (n: number, share: number, options?: Options) => Split;
  readonly folds: (n: number, k: number, options?: Options) => readonly Split[];
}
const { splitHelpers } = (await import(
  new URL("../stdlib/node/split.mjs", import.meta.url).href
)) as { readonly splitHelpers: (seed: number) => Helpers };

interface Case {
  readonly kind: "holdout" | "folds";
  readonly n: number;
  /** The share, or the number of folds. */
  readonly by: number;
  readonly seed: number;
  readonly strata: readonly string[] | null;
}

const seed = fc.oneof(
  fc.maxSafeInteger(),
  fc.nat({ max: 2 ** 31 - 1 }),
  fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const share = fc.oneof(
  fc.double({ min: 0.001, max: 0.999, noNaN: true }),
  fc.constantFrom(0.29, 0.5, 0.7, 0.75),
);
const label = fc.constantFrom("a", "B", "é", "\u{1F600}", "\uFFFD");
const rows = fc.integer({ min: 2, max: 60 });
const sized = rows.chain((n) =>
  fc.record({
    n: fc.constant(n),
    seed,
    strata: fc.option(fc.array(label, { minLength: n, maxLength: n })),
    k: fc.integer({ min: 2, max: n }),
    share,
  }),
);
const anyCase: fc.Arbitrary<Case> = fc
  .tuple(sized, fc.constantFrom("holdout" as const, "folds" as const))
  .map(([it, kind]) => ({ ...it, kind, by: kind === "holdout" ? it.share : it.k }));

function inNode({ kind, n, by, seed: from, strata }: Case): readonly Split[] | string {
  const helpers = splitHelpers(from);
  const options = strata ? { strata } : {};
  try {
    return kind === "holdout" ? [helpers.holdout(n, by, options)] : helpers.folds(n, by, options);
  } catch (error) {
    return (error as Error).message;
  }
}

const code = `outcomes <- lapply(cases, function(one) {
  strata <- if (is.null(one$strata)) NULL else unlist(one$strata)
  tryCatch({
    found <- if (one$kind == "holdout") list(holdout(one$n, one$by, one$seed, strata)) else folds(one$n, one$by, one$seed, strata)
    lapply(found, function(split) list(train = I(split$train - 1), test = I(split$test - 1)))
  }, error = conditionMessage)
})
`;

async function inR(cases: readonly Case[]): Promise<readonly unknown[]> {
  const folder = testFolder();
  const path = join(folder, "cases.json");
  const ran = wentWell(
    await runR({
      folder,
      files: { "cases.json": JSON.stringify(cases) },
      inputs: [{ variable: "cases", kind: "artifact", format: "json", path }],
      code,
      artifacts: [
        { key: "outcomes", variable: "outcomes", format: "json", path: "out.json", required: true },
      ],
    }),
  );
  return JSON.parse(ran.output("out.json")) as readonly unknown[];
}

describe("a split", () => {
  test.skipIf(noR)(
    "has the same rows in R and in Node, and is refused in both by the same words",
    { timeout: 120_000 },
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(anyCase, { minLength: 80, maxLength: 120 }), async (cases) => {
          const there = await inR(cases);
          const odd = cases.filter(
            (one, i) => JSON.stringify(inNode(one)) !== JSON.stringify(there[i]),
          );
          expect(odd).toEqual([]);
        }),
        { numRuns: 2, endOnFailure: true },
      ),
  );

  test("has every row once, in order, and as many for training as the share says", () => {
    fc.assert(
      fc.property(sized, ({ n, share: part, seed: from }) => {
        const size = Math.floor(part * n + 0.5);
        fc.pre(size > 0 && size < n);
        const { train, test: rest } = splitHelpers(from).holdout(n, part);
        expect(train).toHaveLength(size);
        expect(train).toEqual(train.toSorted((a, b) => a - b));
        expect([...train, ...rest].toSorted((a, b) => a - b)).toEqual([...Array(n).keys()]);
      }),
    );
  });

  test("takes for training the rows whose draws, as those of sweeps, are the least", () => {
    fc.assert(
      fc.property(sized, ({ n, seed: from }) => {
        const draw = generate(from);
        const draws = Array.from({ length: n }, () => draw());
        const { train, test: rest } = splitHelpers(from).holdout(n, 0.5);
        const greatest = Math.max(...train.map((row) => draws[row] ?? 1));
        expect(rest.every((row) => (draws[row] ?? 0) > greatest)).toBe(true);
      }),
    );
  });

  test("with a larger share has all rows of one with a smaller", () => {
    fc.assert(
      fc.property(sized, share, ({ n, seed: from, share: one }, other) => {
        const sizes = [one, other].map((it) => Math.floor(it * n + 0.5));
        fc.pre(sizes.every((size) => size > 0 && size < n));
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const { holdout } = splitHelpers(from);
        const all = new Set(holdout(n, high).train);
        expect(holdout(n, low).train.every((row) => all.has(row))).toBe(true);
      }),
    );
  });

  test("in folds tests every row once, and folds differ by one row at most", () => {
    fc.assert(
      fc.property(sized, ({ n, k, seed: from, strata }) => {
        const found = splitHelpers(from).folds(n, k, strata ? { strata } : {});
        const tested = found.flatMap((fold) => fold.test);
        expect(tested.toSorted((a, b) => a - b)).toEqual([...Array(n).keys()]);
        const sizes = found.map((fold) => fold.test.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const fold of found) expect(fold.train).toHaveLength(n - fold.test.length);
      }),
    );
  });

  test("with strata gives every fold as many of each class, but for one", () => {
    fc.assert(
      fc.property(sized, ({ n, k, seed: from, strata }) => {
        fc.pre(strata !== null);
        for (const name of new Set(strata)) {
          const counts = splitHelpers(from)
            .folds(n, k, { strata: strata ?? [] })
            .map((fold) => fold.test.filter((row) => strata?.[row] === name).length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("never changes: these rows are part of the language", () => {
    const { holdout, folds } = splitHelpers(2026);
    const strata = [..."aaaaaabbbb"];
    const found = [holdout(10, 0.7), holdout(10, 0.5, { strata }), ...folds(7, 3)];
    expect(found.map(({ train }) => train.join(" "))).toEqual([
      "1 2 3 4 5 8 9",
      "1 2 3 8 9",
      "0 1 2 4",
      "0 2 3 5 6",
      "1 3 4 5 6",
    ]);
  });
});

describe("in a step", () => {
  test("the seed is the step's, and 0 without one", async () => {
    using project = openProject();
    const code = "const first = holdout(1000, 0.5).train[0] + 1000 * folds(1000, 2)[0].test[0]";
    const values = [];
    for (const given of [7, undefined]) {
      const { metrics } = await project.runCode(code, {
        seed: given,
        metrics: [
          {
            key: "first",
            variable: "first",
            over: undefined,
            call: undefined,
            goal: undefined,
            domain: undefined,
            required: true,
          },
        ],
      });
      values.push(metrics["first"]);
    }
    expect(values).toEqual(
      [7, 0].map((it) => {
        const { holdout, folds } = splitHelpers(it);
        return (holdout(1000, 0.5).train[0] ?? 0) + 1000 * (folds(1000, 2)[0]?.test[0] ?? 0);
      }),
    );
  });

  test.skipIf(noR)("R's own random numbers are neither used nor moved", async () => {
    const ran = wentWell(
      await runR({
        seed: 1,
        code: `before <- .Random.seed
split <- holdout(100, 0.7)
parts <- folds(100, 5, strata = rep(c("a", "b"), 50))
stopifnot(identical(before, .Random.seed), identical(split, holdout(100, 0.7, seed = 1)))
rm(".Random.seed", envir = globalenv())
invisible(holdout(100, 0.7))
stopifnot(!exists(".Random.seed", globalenv()))
`,
      }),
    );
    expect(ran.exitCode).toBe(0);
  });
});
