/** What goes into a Node step and comes out of it keeps its type and every bit. */
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Value } from "../src/check/program.ts";
import { printHexFloat, readHexFloat } from "../src/run/hex-float.ts";
import { artifact, fence, metrics, openProject, param } from "./support/step.ts";

/** Functions of the runtime that tests hold to its twin in the runner. */
interface HexFloat {
  readonly printHexFloat: (value: number) => string;
  readonly parseHexFloat: (text: string) => number;
}
type Row = Readonly<Record<string, string | number | boolean | null>>;
interface Csv {
  readonly printCsv: (rows: readonly Row[], what: string) => string;
  readonly parseCsv: (text: string) => readonly Row[];
}
interface Json {
  readonly printJson: (value: unknown, what: string) => string;
  readonly printState: (value: unknown) => string;
  readonly parseState: (text: string) => unknown;
}
async function load<Module>(name: string): Promise<Module> {
  return (await import(path.join(import.meta.dirname, "..", "stdlib", "node", name))) as Module;
}

const float = fc.double();
const finite = fc.double({ noDefaultInfinity: true, noNaN: true });
const edges = [
  0,
  -0,
  0.1,
  5e-324,
  -2.2250738585072014e-308,
  1.7976931348623157e308,
  1e21,
  1e-7,
  2 ** 53,
];
const anyText = fc.string({ unit: "binary" }).map((text) => text.toWellFormed());

describe("a hexadecimal float", () => {
  test("keeps every bit, in the runner and in the step", async () => {
    const theirs = await load<HexFloat>("hex-float.mjs");
    const examples = [...edges, NaN, Infinity, -Infinity].map((it): [number] => [it]);
    const holds = (value: number): void => {
      const text = printHexFloat(value);
      expect(theirs.printHexFloat(value)).toBe(text);
      expect(readHexFloat(text)).toBe(value);
      expect(theirs.parseHexFloat(text)).toBe(value);
    };
    fc.assert(fc.property(float, holds), { examples });
  });

  test("is spelled as C99 spells it, and read in any spelling of C99", () => {
    expect([0.1, 1, -0, 5e-324, -1.5e300].map(printHexFloat)).toEqual([
      "0x1.999999999999ap-4",
      "0x1p+0",
      "-0x0p+0",
      "0x0.0000000000001p-1022",
      "-0x1.1eb2d66005835p+997",
    ]);
    const spellings = ["0X1.8P+1", "0x3p0", "0x0.3p+4", "0xc.p-2", "0x18p-3", "+0x1.80000p1"];
    expect(spellings.map(readHexFloat)).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test.each(["", "0.5", "0x", "0x1", "1p3", "0x1.gp0", "NaN", " 0x1p0", "0x1p0\n", "--0x1p0"])(
    "is not %j",
    (text) => {
      expect(() => readHexFloat(text)).toThrow(RangeError);
    },
  );
});

/** One step for many cases: the cases travel as params, the answers as one JSON file. */
async function answers(values: readonly [type: "int" | "float" | "string" | "bool", Value][]) {
  using project = openProject();
  const names = values.map((_, i) => `p${i}`);
  const { verdict, output } = await project.run({
    code: fence(`const all = [${names.join(", ")}].map((it) => Array.isArray(it) ? it.map(show) : show(it))
      function show(it) {
        if (typeof it !== "number") return [typeof it, it]
        const view = new DataView(new ArrayBuffer(8)); view.setFloat64(0, it)
        return ["number", view.getBigUint64(0).toString(16)]
      }`),
    params: values.map(([type, value], i) => param(names[i] ?? "", type, value)),
    artifacts: [artifact("all", "json")],
  });
  expect(verdict).toBe("");
  return JSON.parse(output("all.json")) as readonly unknown[];
}

function shown(value: Value): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "number") return [value === null ? "object" : typeof value, value];
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return ["number", view.getBigUint64(0).toString(16)];
}

describe("params", () => {
  test("reach Node with their type and every bit, however they look", async () => {
    const typed = fc.oneof(
      fc.tuple(fc.constant("int" as const), fc.maxSafeInteger()),
      fc.tuple(
        fc.constant("float" as const),
        float.filter((it) => !Number.isNaN(it)),
      ),
      fc.tuple(fc.constant("string" as const), anyText),
      fc.tuple(fc.constant("bool" as const), fc.boolean()),
      fc.tuple(fc.constant("float" as const), fc.array(finite)),
      fc.tuple(fc.constant("string" as const), fc.constant(null)),
    );
    const examples = edges.map((it): ["float", number] => ["float", it]);
    const batch = fc.array(typed as fc.Arbitrary<["float", Value]>, {
      minLength: 200,
      maxLength: 200,
    });
    await fc.assert(
      fc.asyncProperty(batch, async (values) => {
        const all = [...examples, ...values];
        expect(await answers(all)).toEqual(all.map(([, value]) => shown(value)));
      }),
      { numRuns: 5 },
    );
  });

  test("that are paths are absolute", async () => {
    using project = openProject();
    const { log } = await project.runCode("console.log(houses)", {
      params: [param("houses", "path", "data/new.csv")],
    });
    expect(log).toBe(`${path.join(project.folder, "data/new.csv")}\n`);
  });
});

describe("metrics", () => {
  test("come back with every bit, by name, by vector and by call", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(finite, { minLength: 100, maxLength: 100 }), async (drawn) => {
        using project = openProject();
        const values = [...edges, ...drawn];
        const { verdict, events } = await project.run({
          code: fence(
            "for (const [i, value] of given.entries()) log.metric('called', value, i)\nconst loss = given\nconst last = given.at(-1)",
          ),
          params: [param("given", "float", values)],
          metrics: [
            ...metrics("last"),
            ...metrics("loss").map((it) => ({ ...it, over: "epoch" })),
            ...metrics("called"),
          ],
        });
        expect(verdict).toBe("");
        const called = events.flatMap((event) =>
          event.kind === "metric" && event.key === "called" ? [[event.step, event.value]] : [],
        );
        expect(called).toEqual(values.map((value, i) => [i, printHexFloat(value)]));
        expect(events).toContainEqual(
          expect.objectContaining({
            kind: "metrics",
            key: "loss",
            values: values.map(printHexFloat),
            steps: values.map((_, i) => i + 1),
          }),
        );
        expect(events).toContainEqual(
          expect.objectContaining({ key: "last", value: printHexFloat(values.at(-1) ?? 0) }),
        );
      }),
      { numRuns: 5 },
    );
  });
});

describe("a table as csv", () => {
  const columns: readonly fc.Arbitrary<string | number | boolean>[] = [
    float,
    anyText,
    fc.boolean(),
  ];
  const plainName = fc.string({ unit: fc.constantFrom("a", "b", "é", "_", "."), minLength: 1 });
  const table = fc
    .record({
      names: fc.uniqueArray(fc.oneof(plainName, anyText), { minLength: 1, maxLength: 4 }),
      height: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ names, height }) => ({ names: ["x", ...names.filter((name) => name !== "x")], height }))
    .chain(({ names, height }) =>
      fc
        .tuple(
          ...names.map(() =>
            fc
              .constantFrom(...columns)
              .chain((column) =>
                fc.array(fc.option(column), { minLength: height, maxLength: height }),
              ),
          ),
        )
        .map((cells) =>
          Array.from({ length: height }, (_, row): Row =>
            Object.fromEntries(names.map((name, i) => [name, cells[i]?.[row] ?? null])),
          ),
        ),
    );

  test("comes back as it was: names, types, every bit, every character", async () => {
    const { printCsv, parseCsv } = await load<Csv>("csv.mjs");
    fc.assert(
      fc.property(table, (rows) => {
        expect(parseCsv(printCsv(rows, ""))).toEqual(rows);
      }),
      {
        numRuns: 500,
      },
    );
  });

  test.each<[what: string, text: string, rows: readonly Row[]]>([
    ["no text at all", "", []],
    ["only a header", "a,b\n", []],
    [
      "numbers in all spellings",
      "a\n1\n-0.5\n.5\n1e+05\n1E5\nNaN\n-Inf\nNA\n",
      [1, -0.5, 0.5, 1e5, 1e5, NaN, -Infinity, null].map((a) => ({ a })),
    ],
    ["a quoted number, which is text", 'a,b\n"1",2\n', [{ a: "1", b: 2 }]],
    ["quotes around everything, which say nothing", '"a","b"\n"1","x"\n', [{ a: 1, b: "x" }]],
    [
      "an empty cell among numbers and among texts",
      "a,b\n1,x\n,\n",
      [
        { a: 1, b: "x" },
        { a: null, b: "" },
      ],
    ],
    [
      "whole numbers that no double holds",
      "a\n12345678901234567890\n1\n",
      [{ a: "12345678901234567890" }, { a: "1" }],
    ],
    [
      "truth values",
      "a,b\nTRUE,true\nFALSE,NA\n",
      [
        { a: true, b: true },
        { a: false, b: null },
      ],
    ],
    [
      "line breaks of Windows, and none at the end",
      "a,b\r\n1,2\r\n3,4",
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    ],
    ["a byte order mark", "\uFEFFa\n1\n", [{ a: 1 }]],
    [
      "commas, quotes and line breaks in texts",
      'a,b\n"x, ""y""\nz",1\n',
      [{ a: 'x, "y"\nz', b: 1 }],
    ],
    ["a name twice", "a,a\n1,2\n", [{ a: 1, "a.1": 2 }]],
    ["blank lines", "a\n\n1\n\n", [{ a: 1 }]],
  ])("may hold %s", async (_, text, rows) => {
    const { parseCsv } = await load<Csv>("csv.mjs");
    expect(parseCsv(text)).toEqual(rows);
  });

  test.each([
    ["a,b\n1,2\n3\n", "line 3 has 1 cell, the header has 2"],
    ['a\n"x\n', "a quoted text on line 2 is not closed, or goes on after its closing quote"],
    ['a\n"x"y\n', "a quoted text on line 2 is not closed, or goes on after its closing quote"],
  ])("is refused where it is damaged: %j", async (text, problem) => {
    const { parseCsv } = await load<Csv>("csv.mjs");
    expect(() => parseCsv(text)).toThrow(problem);
  });

  test("of a hundred thousand rows is read in a moment", async () => {
    const { printCsv, parseCsv } = await load<Csv>("csv.mjs");
    const rows = Array.from({ length: 100_000 }, (_, i) => ({
      x: i / 7,
      name: `row ${i}`,
      ok: i % 2 === 0,
    }));
    expect(parseCsv(printCsv(rows, ""))).toEqual(rows);
  });
});

describe("JSON", () => {
  test("of a crate's state keeps every number and every key", async () => {
    const { printState, parseState } = await load<Json>("json.mjs");
    const key = fc.oneof(fc.string(), fc.constantFrom("$float", "$$float", "__proto__"));
    const state = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        float,
        anyText,
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any")),
        fc.dictionary(key, tie("any"), { noNullPrototype: true }),
      ),
    })).any;
    fc.assert(
      fc.property(state, (it) => {
        expect(parseState(printState(it))).toEqual(it);
      }),
      {
        examples: [[{ $float: "inf" }], [{ $float: 1, $$float: NaN }], [-0]],
      },
    );
  });

  test("of an artifact keeps a negative zero and refuses what it cannot say", async () => {
    const { printJson } = await load<Json>("json.mjs");
    expect(printJson([-0, 0.1], "x")).toBe("[\n -0,\n 0.1\n]\n");
    expect(() => printJson({ a: [NaN] }, "the artifact `x`")).toThrow(
      "the artifact `x` holds NaN at `0`, which JSON cannot say",
    );
  });
});

test("the runtime has no dependency and no file beyond its own folder", () => {
  const folder = path.join(import.meta.dirname, "..", "stdlib", "node");
  const text = readFileSync(path.join(folder, "runtime.mjs"), "utf8");
  const imports = [...text.matchAll(/from "([^"]+)"/g)].map(([, target = ""]) => target);
  expect(imports.filter((target) => !/^(node:|\.\/)/.test(target))).toEqual([]);
});
