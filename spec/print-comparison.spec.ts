/** What is printed of a comparison, whole: each of `spec/comparisons` is a file that a person can read. */
import path from "node:path";
import { expect, test } from "vitest";
import type {
  Comparison,
  Difference,
  PredictedNumbers,
  Row,
} from "../src/repro/compare/comparison.ts";
import { printComparison } from "../src/repro/compare/print-comparison.ts";

function golden(name: string): string {
  return path.join(import.meta.dirname, "comparisons", `${name}.txt`);
}

function row(key: string, rest: Partial<Row> = {}): Row {
  const verdict = rest.difference ? "DIFFERENT" : "IDENTICAL";
  const rung = rest.difference ? undefined : "bytes";
  return {
    step: "fit",
    key,
    kind: "artifact",
    verdict,
    rung,
    difference: undefined,
    notes: [],
    ...rest,
  };
}

function metric(key: string, difference: Difference, rest: Partial<Row> = {}): Row {
  return row(key, { kind: "metric", difference, ...rest });
}

function points(
  pairs: readonly (readonly [number, number | undefined, number | undefined])[],
  compared = pairs.length,
): Difference {
  const listed = pairs.map(([step, before, after]) => ({ step, before, after }));
  return { kind: "points", points: listed.slice(0, 10), count: pairs.length, compared };
}

function predicted(name: string, before: number, after: number, by: number): PredictedNumbers {
  return { row: name, column: "", before, after, by };
}

const failure = {
  code: "R0810",
  message: "object 'x' not found",
  fix: "",
  place: "iris.mlpipe:31",
};

const everything: Comparison = {
  verdict: "DIFFERENT",
  rows: [
    row("rows", {
      step: "split",
      difference: {
        kind: "cells",
        cells: [
          { row: 0, column: "weight", before: "weight", after: "" },
          { row: 3, column: "name", before: "Ada", after: "Äda" },
          { row: 12, column: "", before: "12,Bob", after: "" },
        ],
        count: 25,
        before: { rows: 150, columns: ["name", "weight"] },
        after: { rows: 149, columns: ["name"] },
      },
    }),
    row("session", { step: "split", verdict: "IGNORED" }),
    row("", { kind: "step", difference: { kind: "failures", before: undefined, after: failure } }),
    metric("rmse", points([[0, 4.380123, 2.231456]])),
    metric("accuracy", points([[0, 0.9, 0.9000000000000001]])),
    metric("slope", points([[0, 0, -0]])),
    metric(
      "loss",
      points(
        Array.from({ length: 8 }, (_, at) => [at + 1, 1 / (at + 1), 0.3]),
        20,
      ),
    ),
    metric("late", points([[1, undefined, NaN]])),
    metric("near", points([[0, 1, 1.001]]), {
      verdict: "EQUIVALENT",
      rung: "tolerance",
      notes: ["within 2%"],
    }),
    metric("spread", points([[0, 1, 2]]), {
      verdict: "UNDECIDED",
      notes: ["two runs say nothing about a distribution"],
    }),
    row("fit", {
      verdict: "EQUIVALENT",
      rung: "environments",
      difference: {
        kind: "values",
        values: [{ path: 'attr($terms, ".Environment")$at', before: "1.5", after: "2.5" }],
        count: 1,
      },
    }),
    row("settings", {
      difference: {
        kind: "values",
        values: [
          { path: '$coefficients[["rm"]]', before: "5.0947", after: "5.0951" },
          { path: "", before: '"a\u001b[31m"', after: "NULL" },
        ],
        count: 2,
      },
    }),
    row("log", { difference: { kind: "lines", patch: "@@ -1,2 +1,2 @@\n same\n-old\n+new\n" } }),
    row("dump", { difference: { kind: "lines", patch: undefined } }),
    row("weights", { difference: { kind: "bytes", before: 12, after: 14, offset: 3 } }),
    row("table", {
      verdict: "UNDECIDED",
      difference: { kind: "bytes", before: 900, after: 900, offset: 4 },
      notes: ["the bytes differ, and what they mean is not known: it needs R to be read"],
    }),
    row("plot", {
      difference: {
        kind: "pictures",
        before: { width: 480, height: 320 },
        after: { width: 480, height: 320 },
        pixels: 66,
      },
    }),
    row("extra", { difference: { kind: "only", side: "after" } }),
    row("tree", {
      kind: "model",
      difference: {
        kind: "files",
        files: [
          {
            path: "MLmodel",
            difference: { kind: "lines", patch: "@@ -1,1 +1,1 @@\n-a: 1\n+a: 2\n" },
          },
          { path: "old.bin", difference: { kind: "only", side: "before" } },
        ],
        count: 4,
      },
      notes: ["no predictions were recorded"],
    }),
    row("line", {
      kind: "model",
      verdict: "EQUIVALENT",
      rung: "tolerance",
      difference: {
        kind: "files",
        files: [
          {
            path: "probe.json",
            difference: {
              kind: "predictions",
              count: 23,
              compared: 32,
              absolute: predicted(
                "Lincoln Continental",
                9.239678880777818,
                9.239678880777827,
                8.9e-15,
              ),
              relative: predicted("Fiat\u001b 128", 0.1, 0.10000000000000002, 1.4e-16),
              others: [],
              otherCount: 0,
            },
          },
          { path: "crate.bin", difference: { kind: "bytes", before: 9, after: 9, offset: 3 } },
        ],
        count: 2,
      },
      notes: ["within 1e-9", "`fit` is a pointer out of R: what it points to is in no file"],
    }),
    row("classes", {
      kind: "model",
      difference: {
        kind: "files",
        files: [
          {
            path: "probe.json",
            difference: {
              kind: "predictions",
              count: 14,
              compared: 300,
              absolute: { ...predicted("7", 0.25, 0.5, 0.25), column: "yes" },
              relative: { ...predicted("7", 0.25, 0.5, 0.5), column: "yes" },
              others: [{ row: "8", column: "label", before: '"setosa"', after: '"virginica"' }],
              otherCount: 12,
            },
          },
        ],
        count: 1,
      },
      notes: ["13 of its 300 predicted values are not within 1%"],
    }),
  ],
};

test("everything that can differ is shown below the outputs, and the verdict comes last", async () => {
  const text = printComparison(everything, { colour: false, width: 100 });
  await expect(text).toMatchFileSnapshot(golden("everything"));
});

test("no line is wider than the screen where columns can give way", async () => {
  const text = printComparison(everything, { colour: false, width: 60 });
  await expect(text).toMatchFileSnapshot(golden("narrow"));
});

test("outputs that are the same need a line each and the verdict", async () => {
  const rows = [row("accuracy", { kind: "metric" }), row("rows", { rung: "content" })];
  const text = printComparison({ verdict: "IDENTICAL", rows }, { colour: false, width: 80 });
  await expect(text).toMatchFileSnapshot(golden("identical"));
});

test("a run that gives nothing is told as such", () => {
  expect(printComparison({ verdict: "IDENTICAL", rows: [] }, { colour: false, width: 80 })).toBe(
    "IDENTICAL: 0 outputs, all the same\n",
  );
});

test("nothing of what an output holds reaches the terminal as a command", () => {
  const text = printComparison(everything, { colour: false, width: 100 });
  expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f]/);
  expect(printComparison(everything, { colour: true, width: 100 })).toContain(
    "\x1b[1;31mDIFFERENT\x1b[0m",
  );
});
