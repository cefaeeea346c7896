/** What the code of a Node step may be, and where its errors are said to be. */
import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fence, firstLine, metrics, openProject, param } from "./support/step.ts";

/** The file and line of the code's n-th line. */
function at(line: number, column?: number): string {
  return `iris.mlpipe:${firstLine + line - 1}${column === undefined ? "" : `:${column}`}`;
}

describe("a fence", () => {
  test("finds its params as constants and hands out its metrics by name", async () => {
    using project = openProject();
    const { verdict, metrics: found } = await project.runCode(
      "const letters = who.length\nlet total = letters\ntotal += bonus\n",
      {
        params: [param("who", "string", "world"), param("bonus", "int", 3)],
        metrics: metrics("letters", "total"),
      },
    );
    expect(verdict).toBe("");
    expect(found).toEqual({ letters: 5, total: 8 });
  });

  test("may await, import Node's modules, files of the project, and its packages", async () => {
    using project = openProject();
    project.write("helper.mjs", "export const two = 2\n");
    project.write("typed.ts", "export const three: number = 3\n");
    const packageFolder = path.join(project.folder, "node_modules", "five");
    mkdirSync(packageFolder, { recursive: true });
    project.write("node_modules/five/package.json", '{"name":"five","version":"5.1.0"}');
    project.write("node_modules/five/index.js", "module.exports = 5\n");
    const {
      verdict,
      metrics: found,
      result,
    } = await project.runCode(
      [
        'import { setTimeout } from "node:timers/promises"',
        'import { two } from "./helper.mjs"',
        'const { three } = await import("./typed.ts")',
        'import five from "five"',
        "await setTimeout(1)",
        "const sum = two + three + five",
      ].join("\n"),
      { metrics: metrics("sum") },
    );
    expect(verdict).toBe("");
    expect(found).toEqual({ sum: 10 });
    expect(result.packages).toEqual([{ name: "five", version: "5.1.0" }]);
  });

  test("in TypeScript loses its types and nothing else", async () => {
    using project = openProject();
    const { verdict, metrics: found } = await project.runCode(
      "interface Row { readonly x: number }\nconst rows: Row[] = [{ x: 4 }]\nconst x = rows[0]!.x satisfies number",
      { language: "ts", metrics: metrics("x") },
    );
    expect(verdict).toBe("");
    expect(found).toEqual({ x: 4 });
  });

  test("sees params, run, seed and Node's own names, and may take the latter for itself", async () => {
    using project = openProject();
    const { verdict, log } = await project.runCode(
      [
        "console.log(JSON.stringify([params, run, seed, Object.isFrozen(params)]))",
        "{ const log = 1, run = 2; console.log(log + run) }",
        "console.log(import.meta.dirname === process.cwd())",
      ].join("\n"),
      { params: [param("cp", "float", 0.1)], seed: 7 },
    );
    expect(verdict).toBe("");
    const id = "0f".repeat(16);
    expect(log).toBe(`[{"cp":0.1},{"id":"${id}","name":"baseline"},7,true]\n3\ntrue\n`);
  });

  test("has ended when Node has nothing left to do", async () => {
    using project = openProject();
    const { verdict, metrics: found } = await project.runCode(
      "let late = 0\nsetTimeout(() => { late = 1; setImmediate(() => { late = 2 }) }, 5)",
      { metrics: metrics("late") },
    );
    expect(verdict).toBe("");
    expect(found).toEqual({ late: 2 });
  });

  test("is not text to paste into: braces, dollars and quotes of values stay values", async () => {
    using project = openProject();
    const nasty = '${process.exit(3)}`";*/\u2028\n\\';
    const { verdict, log } = await project.runCode("console.log(JSON.stringify(text))", {
      params: [param("text", "string", nasty)],
    });
    expect(verdict).toBe("");
    expect(JSON.parse(log)).toBe(nasty);
  });
});

describe("an error of a fence names the file, line and column", () => {
  const cases: readonly (readonly [what: string, code: string, verdict: string])[] = [
    [
      "thrown",
      "const a = 1\n  throw new Error('no such flower')",
      `R0810 ${at(2, 9)} no such flower`,
    ],
    [
      "of a type",
      "const a = null\n  a.b",
      `R0810 ${at(2, 5)} TypeError: Cannot read properties of null (reading 'b')`,
    ],
    ["that is no Error", "throw { why: 1 }", `R0810 iris.mlpipe:10 the code threw { why: 1 }`],
    [
      "in a function called later",
      "\nsetTimeout(() => {\n  missing()\n}, 1)",
      `R0810 ${at(3, 3)} ReferenceError: missing is not defined`,
    ],
    [
      "in a promise that nobody awaits",
      "async function work() {\n  throw new RangeError('far')\n}\nwork()",
      `R0810 ${at(2, 9)} RangeError: far`,
    ],
    [
      "after an await",
      "await null\n\n\nundefinedName",
      `R0810 ${at(4, 1)} ReferenceError: undefinedName is not defined`,
    ],
    [
      "of syntax",
      "const a = 1\n  const b = ;",
      `R0811 ${at(2, 13)} the code is not valid: Unexpected token ';'`,
    ],
    [
      "of syntax behind a tab",
      "\tconst b = ;",
      `R0811 ${at(1, 12)} the code is not valid: Unexpected token ';'`,
    ],
    [
      "of an open bracket, at the code's end",
      "const a = {\n  b: 1\n",
      `R0811 ${at(2, 7)} the code is not valid: Unexpected end of input`,
    ],
    [
      "of an unfinished statement that what follows must not mend",
      "const a = 1\nif (a)",
      `R0811 ${at(2, 7)} the code is not valid: Unexpected end of input`,
    ],
    [
      "of a param that is declared again",
      "const cp = 1",
      `R0811 ${at(1, 7)} the code is not valid: Identifier 'cp' has already been declared`,
    ],
    [
      "of a param that is assigned",
      "\n  cp = 1",
      `R0810 ${at(2, 6)} TypeError: Assignment to constant variable.`,
    ],
    [
      "of a missing package",
      "\nimport x from 'no-such-package/part'",
      `R0812 ${at(2)} the package \`no-such-package/part\` is not installed`,
    ],
    [
      "of a missing file",
      "\nimport x from './gone.mjs'",
      `R0810 ${at(2)} there is no file \`./gone.mjs\` to import`,
    ],
    [
      "of a missing export",
      "\nimport { gone } from './helper.mjs'",
      `R0811 ${at(2, 10)} the code is not valid: The requested module './helper.mjs' does not provide an export named 'gone'`,
    ],
    [
      "of an await that never ends",
      "await new Promise(() => {})",
      `R0810 iris.mlpipe:10 the code waits for something that never happens: an \`await\` is still open and Node has nothing left to do`,
    ],
  ];
  test.each(cases)("%s", async (_, code, verdict) => {
    using project = openProject();
    project.write("helper.mjs", "export const two = 2\n");
    const tried = await project.runCode(code, { params: [param("cp", "float", 0.5)] });
    expect(tried.verdict).toBe(verdict);
    expect(tried.events.at(-1)).toMatchObject({ kind: "end", ok: false });
  });

  test.each([
    [
      "of TypeScript's syntax",
      "const a: number = 1\n  const b: = 2",
      new RegExp(`^R0811 ${at(2, 12)} the code is not valid: `),
    ],
    [
      "of TypeScript that cannot be stripped",
      "const a: number = 1\n  enum B { c }",
      new RegExp(`^R0811 ${at(2, 3)} the code is not valid: TypeScript enum is not supported`),
    ],
    [
      "at run time in TypeScript",
      "interface A { readonly b: number }\n  const c: A = null!; c.b",
      new RegExp(`^R0810 ${at(2, 25)} TypeError`),
    ],
  ])("%s", async (_, code, verdict) => {
    using project = openProject();
    expect((await project.runCode(code, { language: "ts" })).verdict).toMatch(verdict);
  });

  test("of an imported file of the project names that file, and the line that called it", async () => {
    using project = openProject();
    project.write(
      "helper.mjs",
      "export function half(n) {\n  if (n % 2) throw new Error('odd')\n}\n",
    );
    const { verdict, log } = await project.runCode('import { half } from "./helper.mjs"\nhalf(3)');
    expect(verdict).toBe(`R0810 helper.mjs:2:20 odd (called from ${at(2, 1)})`);
    expect(log).toContain(`\n    at ${at(2, 1)}\n    at half (helper.mjs:2:20)\n`);
  });

  test("is found in folders with any name, and behind links", async () => {
    using project = openProject();
    const real = path.join(project.folder, "a (b) #1 %41 é");
    const linked = path.join(project.folder, "linked");
    mkdirSync(real);
    symlinkSync(real, linked);
    project.write(
      "a (b) #1 %41 é/helper.mjs",
      "export function fail() {\n  throw new Error('bad')\n}\n",
    );
    project.write(
      "a (b) #1 %41 é/old.cjs",
      "exports.fail = () => {\n  throw new Error('bad')\n}\n",
    );
    const thrown = async (folder: string, name: string): Promise<string> =>
      (await project.run({ code: fence(`import { fail } from "./${name}"\nfail()`) }, { folder }))
        .verdict;
    const from = `(called from ${at(2, 1)})`;
    expect(await thrown(real, "helper.mjs")).toBe(`R0810 helper.mjs:2:9 bad ${from}`);
    expect(await thrown(linked, "helper.mjs")).toBe(`R0810 helper.mjs:2:9 bad ${from}`);
    expect(await thrown(real, "old.cjs")).toBe(`R0810 old.cjs:2:9 bad ${from}`);
    expect(await thrown(linked, "old.cjs")).toBe(`R0810 old.cjs:2:9 bad ${from}`);
  });

  test.each([
    ["helper.mjs", "export const a = 1\n  const b = ;\n", "R0811 helper.mjs:2:13"],
    ["helper.cjs", "exports.a = 1\n  const b = ;\n", "R0811 helper.cjs:2:13"],
    ["helper.ts", "export const a: number = 1\n  const b: = 1;\n", "R0811 helper.ts:2:12"],
  ])("of the syntax of an imported file names it: %s", async (name, text, verdict) => {
    using project = openProject();
    project.write(name, text);
    const tried = await project.runCode(`import "./${name}"`);
    expect(tried.verdict.slice(0, verdict.length)).toBe(verdict);
  });
});

describe("a script", () => {
  const script = (name: string) => ({ code: { kind: "script", path: name } }) as const;
  const params = [
    param("cp", "float", 0.05),
    param("note", "string", "a b"),
    param("deep", "int", null),
  ];

  test("that is a module gets its arguments and globals, and hands out exports", async () => {
    using project = openProject();
    project.write(
      "train.mjs",
      "console.log(process.argv.slice(2).join('|'), import.meta.main)\nexport const accuracy = cp * 2\n",
    );
    const {
      verdict,
      metrics: found,
      log,
    } = await project.run({
      ...script("train.mjs"),
      params,
      metrics: metrics("accuracy"),
    });
    expect(verdict).toBe("");
    expect(found).toEqual({ accuracy: 0.1 });
    expect(log).toMatch(/^--cp\|0\.05\|--note\|a b (true|undefined)\n$/);
  });

  test("that is CommonJS is the main module, and hands out exports or globals", async () => {
    using project = openProject();
    project.write(
      "train.cjs",
      "if (require.main === module) globalThis.accuracy = 0.5\nexports.recall = params.cp\n",
    );
    const { verdict, metrics: found } = await project.run({
      ...script("train.cjs"),
      params,
      metrics: metrics("accuracy", "recall"),
    });
    expect(verdict).toBe("");
    expect(found).toEqual({ accuracy: 0.5, recall: 0.05 });
  });

  test("has its own params even where mlpipe has a name for something else", async () => {
    using project = openProject();
    project.write("train.mjs", "console.log(log, seed, params.log)\n");
    const { log } = await project.run({
      ...script("train.mjs"),
      params: [param("log", "string", "mine"), param("process", "int", 1)],
      seed: 3,
    });
    expect(log).toBe("mine 3 mine\n");
  });

  test("is executed once, also when it exports nothing", async () => {
    using project = openProject();
    project.write("train.js", "globalThis.times = (globalThis.times ?? 0) + 1\n");
    const { verdict, metrics: found } = await project.run({
      ...script("train.js"),
      metrics: metrics("times"),
    });
    expect(verdict).toBe("");
    expect(found).toEqual({ times: 1 });
  });

  test("that is TypeScript, and awaits", async () => {
    using project = openProject();
    project.write("train.ts", "export const one: number = await Promise.resolve(1)\n");
    const { verdict, metrics: found } = await project.run({
      ...script("train.ts"),
      language: "ts",
      metrics: metrics("one"),
    });
    expect(verdict).toBe("");
    expect(found).toEqual({ one: 1 });
  });

  test.each([
    ["a.mjs", "\nthrow new Error('bad')", "R0810 a.mjs:2:7 bad"],
    ["a.cjs", "\nthrow new Error('bad')", "R0810 a.cjs:2:7 bad"],
    ["a.mjs", "\nconst b = ;", "R0811 a.mjs:2:11 the code is not valid: Unexpected token ';'"],
    ["a.cjs", "\nconst b = ;", "R0811 a.cjs:2:11 the code is not valid: Unexpected token ';'"],
  ])("says where it fails: %s %j", async (name, text, verdict) => {
    using project = openProject();
    project.write(name, text);
    expect((await project.run(script(name))).verdict).toBe(verdict);
  });
});
