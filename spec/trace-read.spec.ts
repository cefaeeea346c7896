/** What is read of a trace: torn lines, strace's own way of writing, and which variables count as read. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstDivergence } from "../src/repro/trace/first-divergence.ts";
import { givenOf } from "../src/repro/trace/given.ts";
import type { StepTrace } from "../src/repro/trace/read-trace.ts";
import { parseStrace } from "../src/repro/trace/strace.ts";
import { type Expression, type TraceLine, parseTraceLines } from "../src/repro/trace/trace-line.ts";
import type { StepFile } from "../src/run/protocol.ts";

const lines: readonly TraceLine[] = [
  { kind: "start", runtime: "R 4.2.2", files: [] },
  { kind: "read", name: "cp" },
  { kind: "end" },
];

test("a trace that is torn anywhere gives the lines before the tear", () => {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  fc.assert(
    fc.property(fc.nat(text.length), (at) => {
      const whole = text.slice(0, at).split("\n").length - 1;
      const read = parseTraceLines(text.slice(0, at));
      expect(read.slice(0, whole)).toEqual(lines.slice(0, whole));
      expect(read.length - whole).toBeLessThanOrEqual(1);
    }),
  );
});

test("strace's lines are files that were opened, listed and renamed, whoever did it", () => {
  const text = String.raw`14 openat(AT_FDCWD</p>, "a.csv", O_RDONLY|O_CLOEXEC) = 3</p/a.csv>
14 openat(AT_FDCWD</p>, "none", O_RDONLY) = -1 ENOENT (No such file or directory)
15 openat(AT_FDCWD</p>, "\303\244 \"b\".txt", O_WRONLY|O_CREAT|O_TRUNC, 0666 <unfinished ...>
14 openat(AT_FDCWD</p>, ".", O_RDONLY|O_NONBLOCK|O_DIRECTORY) = 4</p>
15 <... openat resumed>)             = 3</p/\303\244 \"b\".txt>
14 openat(AT_FDCWD</p>, "both", O_RDWR|O_CREAT, 0600) = 5</p/both>
14 rename("old", "new")              = 0
14 unlinkat(4</tmp/RtmpX>, "own", 0) = 0
14 chdir("/q")                       = 0
14 unlink("gone")                    = 0
14 openat(AT_FDCWD</p>, "torn`;
  expect(parseStrace(text).map(({ use, path }) => `${use} ${path}`)).toEqual([
    "read /p/a.csv",
    "list /p",
    'write /p/ä "b".txt',
    "read /p/both",
    "write /p/both",
    "write /p/old",
    "write /p/new",
    "write /tmp/RtmpX/own",
    "write /q/gone",
  ]);
});

test("a name with any letters comes back out of strace's escapes", () => {
  const escaped = (name: string): string =>
    [...Buffer.from(name)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const name = fc.string({ minLength: 1, unit: "binary" }).filter((it) => !/[/\0]/.test(it));
  fc.assert(
    fc.property(name, (it) => {
      const line = `1 openat(AT_FDCWD</p>, "x", O_RDONLY) = 3</p/${escaped(it)}>`;
      expect(parseStrace(line)).toMatchObject([{ use: "read", path: `/p/${it}` }]);
    }),
  );
});

const step = {
  params: ["cp", "depth", "trees"].map((name) => ({ name, type: "float", value: 1 })),
  inputs: [],
  secrets: {},
} as unknown as StepFile;

test.each([
  ["cp + 1", [{ kind: "read", name: "cp" }], ["cp"]],
  ["params$cp", [{ kind: "read", name: "params" }], ["cp"]],
  ['params[["depth"]] + params[ "cp" ]', [{ kind: "read", name: "params" }], ["cp", "depth"]],
  ["do.call(fit, params)", [{ kind: "read", name: "params" }], ["cp", "depth", "trees"]],
  ["tree$cp; cp <- 2", [], []],
] as const)("of the params, `%s` reads", (code, said, read) => {
  const given = givenOf(step, said, [code]);
  expect(given.filter((one) => one.read).map(({ name }) => name)).toEqual(read);
});

test("a param that is asked for on the command line is read where the code names it", () => {
  const asked = { kind: "call", about: "arguments", detail: null } as unknown as TraceLine;
  const given = givenOf(step, [asked], ['args <- commandArgs(TRUE); get("--cp"); depths <- 1']);
  expect(given.filter((one) => one.read).map(({ name }) => name)).toEqual(["cp"]);
});

const value = fc.constantFrom("1", "2");
const expression: fc.Arbitrary<Expression> = fc.record({
  index: fc.constant(0),
  file: fc.constant("x.R"),
  line: fc.integer({ min: 1, max: 2 }),
  end: fc.constant(2),
  changed: fc.dictionary(fc.constantFrom("a", "b"), value),
  removed: fc.subarray(["c"]),
  random: fc.constant([]),
  state: fc.option(value),
});
const trace = fc
  .array(expression, { maxLength: 5 })
  .map((all) => all.map((one, at) => ({ ...one, index: at + 1 })))
  .map((expressions) => ({ expressions, calls: [] }) as unknown as StepTrace);

test("two executions part at the first expression that is another one, and only there", () => {
  fc.assert(
    fc.property(trace, trace, (one, other) => {
      const texts = [one, other].map(({ expressions }) =>
        expressions.map((it) => JSON.stringify(it)),
      );
      const count = Math.max(texts[0]?.length ?? 0, texts[1]?.length ?? 0);
      const isSame = (at: number): boolean => sorted(texts[0]?.[at]) === sorted(texts[1]?.[at]);
      const first = Array.from({ length: count }, (_, at) => at).find((at) => !isSame(at));
      expect(firstDivergence(one, other)?.expression).toBe(
        first === undefined ? undefined : first + 1,
      );
      expect(firstDivergence(other, one)?.expression).toBe(
        first === undefined ? undefined : first + 1,
      );
      expect(firstDivergence(one, one)).toBeUndefined();
    }),
  );
});

/** Names of variables come in any order. */
function sorted(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const { changed, ...rest } = JSON.parse(text) as Expression;
  const pairs = Object.entries(changed).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ ...rest, changed: pairs });
}
