/** What a trace says of a step in Node, and that the step does the same as without it. */
import { expect, test } from "vitest";
import { firstDivergence } from "../src/repro/trace/first-divergence.ts";
import { calls, trace } from "./support/traced.ts";

test("a call is told with its line, in modules of the project too", async () => {
  const { trace: seen } = await trace({
    language: "ts",
    files: { "helper.mjs": "export function helper(n) {\n  return Math.random() + n;\n}\n" },
    code: `import { readFileSync } from "node:fs";
import os from "node:os";
import { helper } from "./helper.mjs";
const now: Date = new Date();
const sum = helper(1);
const text = readFileSync("one.mlpipe", "utf8");
const count = os.cpus().length, hours = now.getHours();
const sorted = ["b", "a"].sort((a, b) => a.localeCompare(b));
const home = process.env.SOME_VARIABLE;
console.log(now instanceof Date, now.constructor === Date);`,
  });
  expect(calls(seen)).toEqual([
    "clock new Date at 13",
    "random Math.random at helper.mjs:2",
    "read fs.readFileSync at 15",
    "cpu-count os.cpus at 16",
    "timezone Date.getHours at 16",
    "locale String.localeCompare at 17",
    "environment process.env SOME_VARIABLE at 18",
  ]);
});

test("the first statement that differs is found, with what it called", async () => {
  const code =
    "let a = 1;\nconst b = a + 1;\nfor (let i = 0; i < 3; i++)\n  a += Math.random();\nconst c = a + b;";
  const [{ trace: one }, { trace: other }] = [
    await trace({ language: "js", code }),
    await trace({ language: "js", code }),
  ];
  const found = firstDivergence(one, other);
  expect(found).toMatchObject({ line: 12, end: 13, variables: ["a"] });
  expect(found?.calls).toMatchObject([{ name: "Math.random", line: 13, count: 3 }]);
});
