/** Laws about params, seeds, files and distributions, each with a run that breaks it; and what `verify` says of itself. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allLaws } from "../src/repro/laws/all-laws.ts";
import { lawIds } from "../src/repro/laws/law.ts";
import { findStrace } from "../src/repro/trace/strace.ts";
import { noR } from "./support/r-step.ts";
import { processesIn, startMlpipe } from "./support/attempt.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { fence, verifyRun } from "./support/verify.ts";

const hasStrace = (await findStrace(process.env)) !== undefined;
const js = (code: string): string => `metric m\n${fence("js", code)}`;

describe("L3: a param", () => {
  const trained = `
  param cp: float = 0.05 in 0..1
  param depth: int = 3 in 1..30
  seed 1
  metric m`;

  test("that a script takes from the command line as nobody passes it is dead", async () => {
    const files = {
      "train.mjs": `const word = process.argv.find((one) => one.startsWith("-P cp="))
const cp = word ? Number(word.slice(6)) : 0.01
log.metric("m", cp * depth)
`,
    };
    const { code, text } = await verifyRun(`${trained}\nscript "train.mjs"`, {
      words: ["--law", "L3"],
      files,
    });
    expect([code, text]).toEqual([
      3,
      `law               outcome
L3   params live  failed   in one way, below

L3 params live: \`cp\` is dead: what the code reads of the command line does nothing, and 8 pairs of executions in which only it differs are the same
  with     the usual values of all params
  mend     on the command line it stands as --cp <value>; or use the variable \`cp\`, which the code has
  repeat   mlpipe verify it.mlpipe it --law L3 --seed 7

1 failed  seed 7
`,
    ]);
  });

  test.skipIf(noR)(
    "that a script in R leaves at its own default is dead, as in the workshop",
    async () => {
      const files = {
        "train.R": `args <- commandArgs(trailingOnly = TRUE)
given <- sub("^cp=", "", grep("^cp=", args, value = TRUE))
rate <- if (length(given)) as.numeric(given) else 0.01
m <- rate * depth
`,
      };
      const { code, text } = await verifyRun(`${trained}\nscript "train.R"`, {
        words: ["--law", "L3"],
        files,
      });
      expect(code).toBe(3);
      expect(text).toMatch(/^L3 params live: `cp` is dead: /m);
      expect(text).not.toContain("`depth` is");
    },
  );

  test("that is read and changes nothing is inert: a warning", async () => {
    const source = `${trained}\n${fence("js", "const m = depth + (cp > 2 ? 1 : 0)")}`;
    const { code, text } = await verifyRun(source, { words: ["--law", "L3"] });
    expect(code).toBe(0);
    expect(text).toContain(
      "L3 warning: `cp` is inert: it is read, and 8 pairs of executions in which only it differs are the same\n",
    );
  });

  test("whose effect shows only with other values of another one is live", async () => {
    const source = `${trained}\n${fence("js", "const m = depth > 3 ? cp : 0")}`;
    const { code, text } = await verifyRun(source, { words: ["--law", "L3"] });
    expect([code, text]).toEqual([
      0,
      "law               outcome\nL3   params live  held     2 params\n\n1 held  seed 7\n",
    ]);
  });

  test("that keeps its value is not tried", async () => {
    const source = `${trained}\n${fence("js", "const m = depth + 0 * cp")}`;
    const { text } = await verifyRun(source, { words: ["--law", "L3", "-P", "cp=0.5"] });
    expect(text).toMatch(/^L3 +params live +held +1 param$/m);
  });
});

describe("L4: the seed", () => {
  test.each(["js", ...(noR ? [] : ["r"])] as const)(
    "is missed where a step in %s draws without one",
    async (language) => {
      const code = language === "r" ? "m <- runif(1)" : "const m = Math.random()";
      const { code: exit, text } = await verifyRun(
        `metric m\n${fence(language as "r" | "js", code)}`,
        {
          words: ["--law", "L4"],
        },
      );
      expect(exit).toBe(3);
      expect(text).toContain(`L4 seed: \`it\` draws random numbers, and \`it\` has no seed
  mend     write \`seed 1\` in \`run it\`
`);
    },
  );

  test("may move a metric only within its tolerance, where the contract names seeds", async () => {
    const source = (
      tolerance: string,
    ) => `seed 3\nmetric m\n${fence("js", "const m = 1 + seed / 100")}
  reproducible {
    m within ${tolerance}
    across seeds 1..5
  }`;
    const narrow = await verifyRun(source("0.015"), { words: ["--law", "L4"] });
    expect([narrow.code, narrow.text]).toEqual([
      3,
      `law        outcome
L4   seed  failed   in one way, below

L4 seed: seed 1 moves a result further than its tolerance from what seed 3 gives
  differs  it.m: 1.03 → 1.01
  mend     widen the tolerance, or take more data, or fewer seeds
  repeat   mlpipe verify it.mlpipe it --law L4 --seed 7

1 failed  seed 7
`,
    ]);
    const wide = await verifyRun(source("0.025"), { words: ["--law", "L4"] });
    expect([wide.code, wide.text]).toEqual([
      0,
      expect.stringMatching(/^L4 +seed +held +5 seeds$/m),
    ]);
  });
});

describe("L5: a file that is not declared", () => {
  test("is told with its line, whether it is read or written; one that a param names is declared", async () => {
    const source = `
  param data: path = "given.csv"
  metric m
  ${fence(
    "js",
    `import { readFileSync, writeFileSync } from "node:fs"
  const m = Number(readFileSync("extra.txt", "utf8")) + readFileSync(data, "utf8").length
  writeFileSync("left.txt", "x")`,
  )}`;
    const { code, text } = await verifyRun(source, {
      words: ["--law", "L5"],
      files: { "extra.txt": "3", "given.csv": "a,b\n" },
    });
    expect(code).toBe(3);
    expect(text).toContain(
      "`it` reads extra.txt at it.mlpipe:8 (fs.readFileSync), which is not declared\n",
    );
    expect(text).toContain('  mend     declare it: input extra from "extra.txt"\n');
    expect(text).toContain(
      "`it` writes left.txt at it.mlpipe:9 (fs.writeFileSync), which is not declared\n",
    );
    expect(text).not.toContain("given.csv");
  });

  test.skipIf(!hasStrace)("is told where a program reads it that the code starts", async () => {
    const source = js(`import { execFileSync } from "node:child_process"
  const m = Number(execFileSync("cat", ["extra.txt"], { encoding: "utf8" }))`);
    const { code, text } = await verifyRun(source, {
      words: ["--law", "L5"],
      files: { "extra.txt": "3" },
    });
    expect(code).toBe(3);
    expect(text).toMatch(/^L5 declared files: `it` reads extra\.txt/m);
  });

  test.skipIf(noR)("is told in R", async () => {
    const source = `metric m\n${fence("r", 'm <- nrow(read.csv("rain.csv"))')}`;
    const { code, text } = await verifyRun(source, {
      words: ["--law", "L5"],
      files: { "rain.csv": "a\n1\n" },
    });
    expect(code).toBe(3);
    expect(text).toMatch(/^L5 declared files: `it` reads rain\.csv at it\.mlpipe:6/m);
  });
});

describe("L14: a metric that is promised as a distribution", () => {
  const source = (code: string, margin: number) => `
  seed 3
  metric m
  ${fence("js", code)}
  reproducible {
    m distribution margin ${margin}
  }`;

  test("differs where the surroundings move it", async () => {
    const code = "const m = Math.random() + (process.env.MLPIPE_NOISE ? 3 : 0)";
    const { code: exit, text } = await verifyRun(source(code, 0.5), { words: ["--law", "L14"] });
    expect(exit).toBe(3);
    expect(text).toMatch(
      /^L14 distribution: the distribution of `m` is higher by more than 0\.5 in changed surroundings, after 1\d pairs$/m,
    );
  });

  test("agrees where its margin is wide beside how much it moves, and is undecided where it is not", async () => {
    const same = await verifyRun(source("const m = Math.random()", 2), { words: ["--law", "L14"] });
    expect([same.code, same.text]).toEqual([
      0,
      expect.stringMatching(
        /^L14 +distribution +held +1\d pairs; m: the same within its margin of 2 after 1\d pairs$/m,
      ),
    ]);
    const open = await verifyRun(source("const m = Math.random()", 0.001), {
      words: ["--law", "L14", "--budget", "8s"],
    });
    expect([open.code, open.text]).toEqual([
      5,
      expect.stringMatching(
        /^L14 +distribution +undecided +the budget ended after \d+ pairs; m: undecided/m,
      ),
    ]);
  });
});

describe("a budget", () => {
  const slow = `
  param a: float = 0.5 in 0..1
  metric m
  ${fence("js", "await new Promise((go) => setTimeout(go, 1500))\nconst m = a")}`;

  test("that ends before the first case leaves the laws undecided, which is no success", async () => {
    const { code, text } = await verifyRun(slow, {
      words: ["--law", "L1,L3", "--budget", "500ms"],
    });
    expect(code).toBe(5);
    expect(text).toMatch(/^L1 +repeat +undecided +the budget ended before the first case$/m);
    expect(text).toMatch(/^L3 +params live +undecided +the budget ended before the first case$/m);
  });

  test("that ends later tells how many cases there were", async () => {
    const { code, text } = await verifyRun(slow, {
      words: ["--law", "L1", "--budget", "25s", "--cases", "1000"],
    });
    expect(code).toBe(0);
    expect(text).toMatch(/^L1 +repeat +interrupted +\d+ of 1000 cases$/m);
  });
});

test.each([
  ["verify", "SIGINT", 130],
  ["verify", "SIGTERM", 143],
  ["trace", "SIGINT", 130],
  ["trace", "SIGTERM", 143],
] as const)("%s that %s ends leaves nothing behind", async (command, signal, expected) => {
  using folder = temporaryFolder();
  using scratch = temporaryFolder();
  folder.write(
    "it.mlpipe",
    `mlpipe 1\n\nrun it {\n${js("const m = await new Promise(() => setInterval(() => {}, 1000))")}\n}\n`,
  );
  const running = startMlpipe([command, "it.mlpipe"], folder.path, { TMPDIR: scratch.path });
  const isStep = (): boolean =>
    readdirSync(scratch.path).some((name) => name.startsWith(`mlpipe-${command}-`));
  while (!isStep() || processesIn(scratch.path).length === 0)
    await new Promise((go) => setTimeout(go, 20));
  running.child.kill(signal);
  const { code } = await running.ended;
  expect([code, processesIn(scratch.path), isStep()]).toEqual([expected, [], false]);
});

test("a run that cannot be executed is told with its failure, and no law is checked", async () => {
  const { code, text } = await verifyRun(`metric m\n${fence("js", 'throw new Error("no data")')}`, {
    words: ["--law", "L1"],
  });
  expect([code, text]).toEqual([
    1,
    expect.stringMatching(/^not executed {2}R08\d\d {2}it\.mlpipe:6\S* {2}.*no data/),
  ]);
});

describe("mlpipe verify", () => {
  test("explains each law, and there are fourteen", async () => {
    expect(allLaws.map(({ id }) => id)).toEqual(lawIds);
    using folder = temporaryFolder();
    const { stdout, code } = await mlpipe(["verify", "--explain", "l5"], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^L5 declared files: no file is read or written that is not declared\.\n\n/,
    );
    for (const { explanation } of allLaws)
      expect(explanation.split("\n\n").length).toBeGreaterThan(1);
  });

  test.each([
    [[], "`mlpipe verify` lacks its <file>", "write: mlpipe verify <file> [run]"],
    [
      ["it.mlpipe", "--law", "L15"],
      "there is no law L15; did you mean L1?",
      "there are L1 (repeat)",
    ],
    [["it.mlpipe", "--budget", "soon"], "--budget soon: expected a time", "--budget 2min"],
    [["it.mlpipe", "--replay", "7"], "--replay 7: expected seed:path", "--replay 7:3:1"],
    [["it.mlpipe", "--law", "L1", "--skip", "L1"], "every law is left out", "--skip"],
    [["it.mlpipe", "best"], "`best` is no run", "name one: it"],
  ])("refuses %j", async (words, said, fix) => {
    using folder = temporaryFolder();
    folder.write(
      "it.mlpipe",
      `mlpipe 1\n\nrun it {\nmetric m\n${fence("js", "const m = 1")}\n}\n\ncompare best {\n  runs it\n  show m\n}\n`,
    );
    const { code, stderr, stdout } = await mlpipe(["verify", ...words], { cwd: folder.path });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
    expect(stderr).toContain(fix);
  });

  test("tells what this machine cannot change, and does not hold it to be without effect", async () => {
    const source = `metric m\n${fence("js", "const m = 1")}`;
    const { code, text } = await verifyRun(source, {
      words: ["--law", "L2,L13", "--json"],
      env: { PATH: "/nowhere" },
    });
    const { unchanged, laws } = JSON.parse(text) as {
      readonly unchanged: readonly { readonly changes: string; readonly why: string }[];
      readonly laws: readonly { readonly outcome: { readonly kind: string } }[];
    };
    expect(code).toBe(0);
    expect(laws.map(({ outcome }) => outcome.kind)).toEqual(["held", "held"]);
    expect(unchanged).toContainEqual({
      changes: "the name of the machine",
      why: "there is no program `unshare`",
    });
    expect(unchanged).toContainEqual({
      changes: expect.stringContaining("the number of processors"),
      why: "there is no program `unshare`",
    });
  });
});
