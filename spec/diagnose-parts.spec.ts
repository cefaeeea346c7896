/** The parts of a diagnosis that need no process: the line that changes a variable, rounding, the way back to where a difference begins. */
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StepAction } from "../src/plan/plan.ts";
import type { Row } from "../src/repro/compare/comparison.ts";
import { predictionsDifference } from "../src/repro/compare/predictions-difference.ts";
import { isBeyondRounding } from "../src/repro/diagnose/beyond-rounding.ts";
import { changingLine } from "../src/repro/diagnose/changing-line.ts";
import type { Diagnosis } from "../src/repro/diagnose/diagnosis.ts";
import { causes } from "../src/repro/cause.ts";
import { printDiagnosis } from "../src/repro/diagnose/print-diagnosis.ts";
import { type Pair, rootsOf } from "../src/repro/diagnose/roots.ts";
import type { StepTrace } from "../src/repro/trace/read-trace.ts";
import { check } from "./support/check.ts";

const seed = Number(process.env["SEED"] ?? 20_261_122);

test("the line that changes a variable is no line that declares, compares or reads it", () => {
  const code = [
    "const sums = {};",
    "let total = 0;",
    "if (total === 0 || total == 1) console.log(total, sums.a);",
    "await Promise.all(names.map(async (name) => {",
    "  sums[name] = await read(name);",
    "  total += sums[name];",
    "}));",
    "const subtotal = total;",
  ];
  expect(changingLine(code, ["sums"], [4, 7])).toBe(5);
  expect(changingLine(code, ["total"], [4, 7])).toBe(6);
  expect(changingLine(code, ["names"], [1, 8])).toBeUndefined();
  expect(changingLine(["rows <- c()", "rows[[i]] <- 3"], ["rows"], [1, 2])).toBe(2);
});

function metricRow(before: number, after: number): Row {
  const points = [{ step: 0, before, after }];
  const difference = { kind: "points", points, count: 1, compared: 1 } as const;
  const about = { step: "fit", key: "x", kind: "metric" } as const;
  return { ...about, verdict: "DIFFERENT", rung: undefined, difference, notes: [] };
}

test(`what differs in the last bits alone is rounding, what changes its sign is not (seed ${seed})`, () => {
  const values = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
  const bits = fc.integer({ min: -4, max: 4 });
  fc.assert(
    fc.property(values, bits, (value, ulps) => {
      const near = value * (1 + ulps * Number.EPSILON);
      expect(isBeyondRounding([metricRow(value, near)], "x")).toBe(false);
      expect(isBeyondRounding([metricRow(value, -value)], "x")).toBe(true);
      expect(isBeyondRounding([metricRow(value, Number.NaN)], "x")).toBe(true);
    }),
    { seed },
  );
  expect(isBeyondRounding([metricRow(1e-17, -3e-18)], "x")).toBe(false);
  expect(isBeyondRounding([metricRow(1, 2)], "y")).toBe(false);
});

test("what a model predicts is rounding by its farthest numbers, a label never is", () => {
  const found = (predictions: readonly (number | string)[]) => {
    const probe = { rows: [1, 2], predictions: [1, 100] };
    const told = predictionsDifference(probe, { ...probe, predictions }, undefined);
    if (!told) throw new Error("nothing differs");
    const row = { step: "fit", key: "x", kind: "model", verdict: "DIFFERENT" } as const;
    const { difference } = told;
    return isBeyondRounding([{ ...row, rung: undefined, difference, notes: [] }], "x");
  };
  expect(found([1, 100.0000001])).toBe(false);
  expect(found([1, 100.1])).toBe(true);
  expect(found([1.001, 100])).toBe(true);
  expect(found(["1", 100])).toBe(true);
});

const lines = [
  "noise <- Sys.time()",
  "rows <- sample(10)",
  "double <- function(x) x * factor",
  "sums <- double(rows)",
  "message(noise)",
  "level <- mean(sums)",
];

/** One expression a line; `changed`: digests by line and name. */
function traceOf(changed: readonly Readonly<Record<string, string>>[]): StepTrace {
  const expressions = changed.map((digests, at) => {
    const place = { index: at + 1, file: "a.R", line: at + 1, end: at + 1 };
    return { ...place, changed: digests, removed: [], random: [], state: null };
  });
  const nothing = { given: [], calls: [], files: [], startup: [] };
  const about = { step: "fit", language: "r", runtime: "R", recorder: "hooks" } as const;
  return { ...about, complete: true, expressions, ...nothing };
}

const outputs = { metrics: [{ key: "level" }], artifacts: [], models: [] };
const step = outputs as unknown as StepAction;

test("the way back from an output passes by what differs and does not lead to it", () => {
  const digests = (noise: string, rows: string): StepTrace =>
    traceOf([{ noise }, { rows }, { double: "f" }, { sums: rows }, {}, { level: rows }]);
  const pair: Pair = {
    one: digests("1", "a"),
    other: digests("2", "b"),
    step,
    linesOf: () => lines,
  };
  const roots = rootsOf(pair, ["level"]);
  expect(roots.map(({ expression, variables }) => [expression.line, variables])).toEqual([
    [2, ["rows"]],
  ]);
  expect(roots[0]?.path.map(({ line }) => line)).toEqual([2, 4, 6]);
});

test("the way back leads through functions to what they read", () => {
  const digests = (factor: string): StepTrace =>
    traceOf([{ factor }, { rows: "a" }, { double: "f" }, { sums: factor }, {}, { level: factor }]);
  const pair: Pair = { one: digests("1"), other: digests("2"), step, linesOf: () => lines };
  expect(rootsOf(pair, ["level"]).map(({ expression }) => expression.line)).toEqual([1]);
});

test("a variable that only one execution removes differs from there on", () => {
  const digests = (removed: readonly string[]): StepTrace => {
    const trace = traceOf([{ noise: "1", rows: "a" }, {}, {}, {}, {}, { level: removed.join() }]);
    const expressions = trace.expressions.map((one) =>
      one.line === 2 ? { ...one, removed } : one,
    );
    return { ...trace, expressions };
  };
  const pair: Pair = {
    one: digests([]),
    other: digests(["rows"]),
    step,
    linesOf: () => ["", "if (late) rm(rows)", "", "", "", 'level <- exists("rows")'],
  };
  expect(
    rootsOf(pair, ["level"]).map(({ expression: { line }, variables }) => [line, variables]),
  ).toEqual([[2, ["rows"]]]);
});

const diagnosis: Diagnosis = {
  verdict: "unexplained",
  failure: undefined,
  findings: [
    {
      cause: "locale",
      step: "fit",
      place: { file: "iris.mlpipe", line: 14 },
      others: [{ file: "iris.mlpipe", line: 16 }],
      what: "factor()",
      outputs: ["intercept", "effects"],
      confidence: "high",
      reason: "with all else held still, changing the locale alone changes results",
      mend: "name the levels",
    },
    {
      cause: "undeclared-file",
      step: "fit",
      place: undefined,
      others: [],
      what: "~/.thresholds.csv",
      outputs: [],
      confidence: "likely",
      reason:
        "with all else held still, changing what lies in the home folder alone changes results",
      mend: "declare it",
    },
  ],
  unexplained: ["score"],
  repeats: 5,
  harmless: ["the clock", "the time zone"],
  notChecked: [
    { what: "the name of the machine", why: "there is no program `unshare`" },
    { what: "the user", why: "there is no program `unshare`" },
    { what: "the clock", why: "there is no C compiler (`cc`)" },
  ],
  executions: 31,
  milliseconds: 6400,
};

test("a diagnosis is printed with causes, places, evidence, remedies and what was not checked", async () => {
  const text = printDiagnosis(diagnosis, { colour: false });
  await expect(text).toMatchFileSnapshot(
    path.join(import.meta.dirname, "diagnosis", "printed.txt"),
  );
});

test("a replay that repeats agree with is not told as one in which nothing differs", () => {
  const fine = { ...diagnosis, verdict: "same", findings: [], unexplained: [] } as const;
  const text = printDiagnosis({ ...fine, repeats: 29 }, { colour: false, isOfReplay: true });
  expect(text).toMatch(/^the same each time now: 29 repeats agree, /);
  expect(text).toMatch(/; it differs from what was recorded by what has changed since, or /);
});

test("a guess is not told as a failure of the step", () => {
  const findings = diagnosis.findings.map((one) => ({ ...one, confidence: "guess" as const }));
  const text = printDiagnosis({ ...diagnosis, findings }, { colour: false });
  expect(text).toContain("step fit, which may give something else; confidence guess: ");
  expect(text).not.toContain("which fails");
});

test.each(
  Object.entries(causes).flatMap(([cause, { mend }]) =>
    [...`${mend.r} ${mend.node}`.matchAll(/`((?:input|reproducible|seed) [^`]+)`/gu)].map(
      ([, code = ""]) => ({ cause, code }),
    ),
  ),
)("the remedy of $cause can be written as it is told: $code", ({ code }) => {
  const run = `mlpipe 1\n\nrun main {\n  metric rmse\n  ${code.replace(/…|NAME/u, "rmse")}\n  \`\`\`r\n  rmse <- 1\n  \`\`\`\n}\n`;
  const found = check({ "main.mlpipe": run, "rows.csv": "x\n1\n" }, "main.mlpipe");
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("agreeing repeats are printed with what they rule out", () => {
  const fine = {
    ...diagnosis,
    verdict: "same",
    findings: [],
    unexplained: [],
    notChecked: [],
  } as const;
  expect(printDiagnosis({ ...fine, repeats: 29 }, { colour: false })).toBe(
    "nothing differs: 29 repeats agree, in surroundings as wide apart as this machine can make them; that more than 10 % of executions deviate is ruled out at 95 %\n\n31 executions in 6.4 s; without effect: the clock, the time zone\n",
  );
});
