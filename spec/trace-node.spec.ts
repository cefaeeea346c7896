/** What a trace says of a step in Node, and that the step does the same as without it. */
import { expect, test } from "vitest";
import { calls, files, noStrace, read, trace, unlike } from "./support/traced.ts";

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

test("two executions differ from the first statement on that gives something else", async () => {
  const code =
    "let a = 1;\nconst b = a + 1;\nfor (let i = 0; i < 3; i++)\n  a += Math.random();\nconst c = a + b;";
  const [{ trace: one }, { trace: other }] = [
    await trace({ language: "js", code }),
    await trace({ language: "js", code }),
  ];
  expect(unlike(one, other)).toEqual(["12-13: a", "14-14: c"]);
  expect(one.calls).toMatchObject([{ name: "Math.random", line: 13, expression: 3, count: 3 }]);
});

const params = "  param cp = 0.5\n  param depth = 3\n  param trees = 10";

test.each([
  ["export const x = cp + 1, y = { depth: 1 }.depth;", "cp"],
  ["const { depth: own } = params;", "depth"],
  ["const f = () => trees; const y = { cp };", "cp, trees"],
  ["console.log(JSON.stringify(params));", "cp, depth, trees"],
])("of the params, `%s` reads: %s", async (code, names) => {
  expect(read((await trace({ language: "js", code, run: params })).trace)).toBe(names);
});

test.each(["fit.mjs", "fit.cjs", "fit.js", "fit.ts"])("a script is traced: %s", async (name) => {
  const { trace: seen } = await trace({
    language: "js",
    run: params,
    code: { script: name },
    files: { [name]: "const x = cp + Math.random();\ncp;\nglobalThis.level = x;\n" },
  });
  expect(read(seen)).toBe("cp");
  expect(calls(seen)).toEqual([`random Math.random at ${name}:1`]);
  expect(seen.expressions.map(({ line, changed }) => [line, Object.keys(changed)])).toEqual([
    [1, ["x"]],
    [2, []],
    [3, ["level"]],
  ]);
});

test("files that a step does not declare are told with their lines", async () => {
  const wanted = {
    language: "js",
    step: '    input data from "data.csv"\n    artifact out: csv',
    files: { "data.csv": "a\n1\n", "extra.csv": "b\n2\n", "folder/x.txt": "x\n", "child.mjs": "" },
    code: `import fs from "node:fs";
import { readFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
const extra = await readFile("extra.csv", "utf8");
const names = fs.readdirSync("folder");
fs.writeFileSync("left.txt", "left");
const again = fs.readFileSync("left.txt", "utf8");
execFileSync(process.execPath, ["child.mjs"]);
const out = [...data];`,
  } as const;
  const told = [
    "undeclared read extra.csv at 13",
    "undeclared list folder at 14",
    "undeclared write left.txt at 15",
  ];
  expect(files((await trace(wanted)).trace)).toEqual(told);
  if (noStrace) return;
  expect(files((await trace(wanted, { exact: true })).trace)).toEqual([
    "input read data.csv",
    ...told,
    "undeclared read child.mjs at 17",
  ]);
});

test("many calls cost little and are counted from samples", async () => {
  const code = "let x = 0;\nfor (let i = 0; i < 1e6; i++) x += Math.random();";
  const { trace: seen } = await trace({ language: "js", code });
  expect(seen.calls).toMatchObject([{ name: "Math.random", line: 11 }]);
  expect(seen.calls[0]?.count).toBeGreaterThan(990_000);
  expect(seen.calls[0]?.count).toBeLessThan(1_010_000);
});

test("values are looked at as they are, and nothing of the code is called for it", async () => {
  const code = `let asked = 0;
const odd = { get once() { return ++asked; } };
const proxy = new Proxy({}, { get() { asked++; }, ownKeys() { asked++; return []; } });
const round = { name: "round" }; round.self = round;
const many = new Map([[round, new Set([1, -0, NaN, 2n, Symbol("s"), undefined, null])]]);
const bytes = new Float64Array([1, 2]); const big = Array.from({ length: 300_000 }, (_, i) => i);
class Kept { #secret = 1; shown = 2; } const kept = new Kept();
const failed = new Error("no"); const late = Promise.resolve(1); const weak = new WeakMap();
log.metric("asked", asked);`;
  const [one, other] = [
    await trace({ language: "js", code }),
    await trace({ language: "js", code }),
  ];
  expect(unlike(one.trace, other.trace)).toEqual([]);
  expect(one.execution.results.steps[0]?.outputs).toMatchObject([{ points: [{ value: 0 }] }]);
  const changed = await trace({ language: "js", code: code.replace("[1, 2]", "[1, 2.5]") });
  expect(unlike(one.trace, changed.trace)).toEqual(["15-15: bytes"]);
});

test("of many files none is missed", async () => {
  const code = `import { writeFileSync } from "node:fs";
for (let i = 1; i <= 100; i++) writeFileSync(i + ".txt", "x");`;
  const { trace: seen } = await trace({ language: "js", code });
  expect(files(seen)).toHaveLength(100);
  expect(files(seen)[99]).toBe("undeclared write 100.txt at 11");
});
