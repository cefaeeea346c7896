/** What is read of a trace: torn lines, strace's own way of writing, and which variables count as read. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { givenOf } from "../src/repro/trace/given.ts";
import type { TracedStep } from "../src/repro/trace/trace-run.ts";
import { parseStrace } from "../src/repro/trace/strace.ts";
import { type TraceLine, parseTraceLines } from "../src/repro/trace/trace-line.ts";
import { printTrace } from "../src/repro/trace/print-trace.ts";
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

test("what is called by letters that steer a terminal is shown with pictures of them", () => {
  const at = { file: "a\x1b[1m.mlpipe", line: 2, column: null };
  const what = { about: "process", name: "system", detail: "one\ntwo", via: null } as const;
  const traced: TracedStep = {
    step: "fit",
    language: "r",
    runtime: "R 4.2.2",
    complete: true,
    recorder: "hooks",
    given: [],
    expressions: [],
    startup: [],
    seed: undefined,
    calls: [{ ...at, ...what, expression: 1, forked: false, count: 1 }],
    files: [
      { use: "read", path: "/x", shown: "\x1b[2J.csv", role: "undeclared", at, by: undefined },
    ],
  };
  const run = { run: "r", file: "a.mlpipe", seed: undefined, failure: undefined };
  const shown = printTrace({ ...run, steps: [traced] }, { command: "mlpipe", color: false });
  expect(shown).toContain("reads     ␛[2J.csv, not declared  a␛[1m.mlpipe:2\n");
  expect(shown).toMatch(/programs {2}one␊two +a␛\[1m\.mlpipe:2\n/);
  expect(shown).not.toContain("\x1b");
});
