/** Laws that two executions must agree by, each with a run that breaks it: what is said is the smallest case there is. */
import { describe, expect, test } from "vitest";
import { noR } from "./support/r-step.ts";
import { fence, verifyRun } from "./support/verify.ts";

const metric = (code: string, declared = "metric m"): string => `${declared}\n${fence("js", code)}`;

test("L1: a run that draws random numbers without a seed does not agree with itself, and nothing else is said of it", async () => {
  const source = metric("const m = Math.random()");
  const { code, text } = await verifyRun(source, { words: ["--law", "L1,L2,L13"] });
  expect(code).toBe(3);
  expect(text.replaceAll(/it\.m: .*/g, "it.m: …")).toBe(`law                outcome
L1   repeat        failed       in one way, below
L2   perturbation  not checked  the run does not even agree with itself (L1)
L13  threads       not checked  the run does not even agree with itself (L1)

L1 repeat: two executions in the same surroundings differ
  differs  it.m: …
  repeat   mlpipe verify it.mlpipe it --law L1 --replay 7:0

1 failed, 2 not checked  seed 7
`);
});

test("L1: what happens now and then is chance, and no change is blamed for it", async () => {
  const source = metric("const m = process.pid % 11");
  const { code, text } = await verifyRun(source, { words: ["--law", "L1,L2"] });
  expect(code).toBe(3);
  expect(text).toMatch(
    /^L1 repeat: two executions in the same surroundings differ( now and then)?$/m,
  );
  expect(text).toMatch(/^L2 +perturbation +not checked {2}the run does not even agree/m);
});

test("L1: the year shows only under clocks that are years apart", async () => {
  const source = metric("const m = new Date().getUTCFullYear() * 12 + new Date().getUTCMonth()");
  const { code, text } = await verifyRun(source, { words: ["--law", "L1"] });
  expect(code).toBe(3);
  expect(text).toMatch(
    /^L1 repeat: the result changes with the clock, to more than a year later$/m,
  );
});

describe("L2: what lies around a run shows", () => {
  const zone = `
  param cut: float = 0.5 in 0..1
  param kind: string = "plain" in ["plain", "local"]
  param depth: int = 3 in 1..30
  ${metric(`const when = new Date(Date.UTC(2026, 0, 1, 12))
  const m = kind === "local" && cut >= 0.7 ? when.getHours() : depth * 0 + 12`)}`;
  const replay = "7:2:1:2:0:1";

  test(
    "for some values only, of which the most usual are told, with the command that repeats them",
    { timeout: 300_000 },
    async () => {
      const { code, text } = await verifyRun(zone, { words: ["--law", "L2", "--cases", "8"] });
      expect(code).toBe(3);
      expect(text.replace(/--replay [\d:]+/, "--replay …")).toBe(`law                outcome
L2   perturbation  failed   in one way, below

L2 perturbation: the result changes with the time zone, to twelve hours behind UTC
  with     cut = 0.7, kind = "local", the other params as usual
  differs  it.m: 12 → 0
  repeat   mlpipe verify it.mlpipe it --law L2 --replay …

1 failed  seed 7
`);
      const [, found = replay] = /--replay ([\d:]+)/.exec(text) ?? [];
      const again = await verifyRun(zone, { words: ["--law", "L2", "--replay", found] });
      expect(again.code).toBe(3);
      expect(again.text).toBe(text);
    },
  );

  test("not in a run that pins it", async () => {
    const pinned = `${zone}\nseed 1\nreproducible exact`;
    const { code, text } = await verifyRun(pinned, { words: ["--law", "L2", "--cases", "4"] });
    expect([code, text]).toEqual([
      0,
      "law                outcome\nL2   perturbation  held     4 cases\n\n1 held  seed 7\n",
    ]);
  });

  test("in two ways, which are both found", async () => {
    const source = metric(
      'import { readFileSync } from "node:fs"\nconst m = (process.env.HOME ?? "").length + new Date(2026, 0, 1).getTime()',
    );
    const { text } = await verifyRun(source, { words: ["--law", "L2"], env: { HOME: "/root" } });
    expect(text.match(/^L2 perturbation: .*$/gm)).toEqual([
      "L2 perturbation: the result changes with the time zone, to twelve hours behind UTC",
      "L2 perturbation: the result changes with the home folder, to an empty one",
    ]);
  });

  test.skipIf(noR)("in R: levels of a factor by the locale's order", async () => {
    const source = `metric m\n${fence("r", 'm <- as.integer(factor(c("b", "A", "a")))[2]')}`;
    const { text } = await verifyRun(source, {
      words: ["--law", "L2"],
      env: { LANG: "C.UTF-8", LC_ALL: "" },
    });
    expect(text).toMatch(
      /^L2 perturbation: the result changes with (the locale|how texts are sorted)/m,
    );
    expect(text).toMatch(/differs {2}it\.m: [12] → [12]/);
  });
});

test("L6: a step that finds what another leaves behind depends on the order, which nobody promises", async () => {
  const step = (name: string, code: string): string =>
    `step ${name} {\nmetric ${name}_seen\n${fence("js", code)}\n}`;
  const source = `
  ${step("left", 'import { writeFileSync } from "node:fs"\nwriteFileSync("shared.txt", "left")\nconst left_seen = 1')}
  ${step("right", 'import { existsSync } from "node:fs"\nconst right_seen = existsSync("shared.txt") ? 1 : 0')}`;
  const { code, text } = await verifyRun(source, { words: ["--law", "L1,L6"] });
  expect(code).toBe(3);
  expect(text)
    .toContain(`L6 order: the result changes with the order of steps that do not need one another
  differs  right.right_seen: `);
  expect(text).toMatch(/^L1 +repeat +held +1 case$/m);
});

test("L13: work that is split by the number of processors", async () => {
  const source = metric(
    'import os from "node:os"\nconst m = os.cpus().length * 100 + os.availableParallelism()',
  );
  const { code, text } = await verifyRun(source, { words: ["--law", "L1,L13"] });
  expect(code).toBe(3);
  expect(text).toMatch(/^L13 threads: the result changes with the number of processors/m);
  expect(text).toMatch(/^L1 +repeat +held +1 case$/m);
});

test("what may differ by the contract is no breach", async () => {
  const source = `metric m\nseed 1\n${fence("js", "const m = 1 + (process.env.MLPIPE_NOISE ? 1e-9 : 0)")}`;
  const held = await verifyRun(`${source}\nreproducible { m within 1e-6 }`, {
    words: ["--law", "L2"],
  });
  expect(held.code).toBe(0);
  const broken = await verifyRun(`${source}\nreproducible { m within 1e-12 }`, {
    words: ["--law", "L2"],
  });
  expect([broken.code, broken.text]).toEqual([
    3,
    expect.stringContaining("the result changes with variables of the environment"),
  ]);
});
