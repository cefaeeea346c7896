/** Values for the fields of requests: those that clients send, those at the limits, and those that nobody should send. */
import fc from "fast-check";
import type { Json } from "./step.ts";

export type Value = fc.Arbitrary<Json>;
export type Body = Readonly<Record<string, Json>>;

const literal = (text: string): Json => ({ $literal: text });

export const run: Value = fc.nat({ max: 3 }).map((at) => `{{run ${at}}}`);
export const model: Value = fc.nat({ max: 2 }).map((at) => `{{model ${at}}}`);
export const experiment: Value = fc.nat({ max: 3 }).map((at) => `{{experiment ${at}}}`);
export const token: Value = fc.nat({ max: 3 }).map((at) => `{{token ${at}}}`);

/** Few, so that sequences come back to what they made. */
export const experimentName: Value = fc.constantFrom("iris", "Iris", "énergie", "a b/c", "x_y");
export const registeredName: Value = fc.constantFrom("trees", "Trees", "forêt", "a b", "t_ees");
export const metricKey: Value = fc.constantFrom("loss", "acc", "a.b", "m 1", "é/x:y");
export const paramKey: Value = fc.constantFrom("lr", "model", "a b.c", "é");
export const tagKey: Value = fc.constantFrom("team", "mlflow.note.content", "x/y z", "é");
export const alias: Value = fc.constantFrom("best", "Best", "a-b_c");
export const version: Value = fc.constantFrom("1", "2", "3");
export const stage: Value = fc.constantFrom("None", "Staging", "Production", "Archived");

/** Words that filters look for, with what LIKE and quotes make of them. */
export const word: Value = fc.constantFrom(
  "tree",
  "Tree",
  "Forest_1",
  "100%",
  "a_b",
  "0.1",
  "it's",
  "",
  "naïve 𝒳",
);

/** Far from the time of the test, which stands for the server's own clock. */
export const pastTime: Value = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 1_500_000_000_000, max: 1_500_000_000_005 }),
);
export const step: Value = fc.oneof(
  fc.integer({ min: -2, max: 5 }),
  fc.constantFrom(2_147_483_648, -2_147_483_649, 9_007_199_254_740_991),
);
export const measured: Value = fc.oneof(
  fc.constantFrom<Json[]>(0, 0.5, -1, 1, 3e10, 0.1, 1e-300, 5e-324, 1.797e308),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<Json[]>("NaN", "Infinity", "-Infinity", literal("-0"), literal("-0.0"), "0.25"),
);

/** Lengths one below, at and above what MLflow or its tables set. */
const limits = [
  36, 64, 100, 249, 250, 251, 255, 256, 257, 499, 500, 501, 5000, 5001, 6000, 6001, 8000, 8001,
  20_000, 20_001, 65_535, 65_536, 100_000, 100_001,
];
const longText: Value = fc
  .tuple(fc.constantFrom("a", "a", "é", "𝒳"), fc.constantFrom(...limits))
  .map(([piece, times]) => `{{${piece}*${times}}}`);

const oddText: Value = fc.oneof(
  longText,
  fc.constantFrom(
    "",
    " ",
    "a ",
    "a\n",
    "\n",
    "a\u0000b",
    "a\tb",
    "e\u0301",
    "é",
    "𝒳",
    "👩‍👩‍👧",
    "²",
    "٣",
    "ß",
    "\ud800",
    "\ufffe",
    ".",
    "..",
    "../x",
    "/x",
    "x/",
    "x//y",
    "./x",
    "a/../b",
    "a#b",
    "a%b",
    "a%2fb",
    "a\\b",
    "a:b",
    "C:/x",
    "a;b",
    "a'b",
    'a"b',
    "a`b",
    "a,b",
    "a=b",
    "a?b",
    "<b>",
    "None",
    "null",
    "0",
    "-1",
    "1",
    "1.0",
    "1e+05",
    "0x10",
    "1_000",
    " 1",
    "+1",
    "NaN",
    "nan",
    "inf",
    "true",
    "TRUE",
    "latest",
    "v1",
  ),
);

const oddNumber: Value = fc.constantFrom<Json[]>(
  0,
  1,
  -1,
  1.5,
  -0.5,
  1e5,
  1e21,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  literal("1.0"),
  literal("1e2"),
  literal("-0"),
  literal("9007199254740993"),
  literal("9223372036854775807"),
  literal("9223372036854775808"),
  literal("-9223372036854775808"),
  literal("-9223372036854775809"),
  literal("123456789012345678901234567890"),
  literal("1e309"),
  literal("-1e309"),
  literal("NaN"),
  literal("Infinity"),
  literal("-Infinity"),
);

/** Anything in the place of anything. */
export const odd: Value = fc.oneof(
  { weight: 4, arbitrary: oddText },
  { weight: 4, arbitrary: oddNumber },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Json[]>(
      null,
      true,
      false,
      [],
      [null],
      [1],
      ["a"],
      ["a", "a"],
      [[]],
      [{}],
      {},
      { a: 1 },
      { key: "k", value: "v" },
      [{ key: "k" }],
      [{ key: "k", value: 1 }],
      [{ key: 1, value: "v" }],
      [{ key: null, value: "v" }],
      [{ key: "k", value: null }],
      [{ key: "", value: "v" }],
      [{ value: "v" }],
    ),
  },
);
