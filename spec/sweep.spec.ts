/** Sweeps: a parent run, its trials, the best of them; and the same sweep again, wider, after failures, or by hand. */
import { describe, expect, test } from "vitest";
import { attempt, fence, fileName } from "./support/attempt.ts";
import { readFacts } from "./support/facts.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";

/** A run whose error is least at x = 2 and y = 1, and the sweep behind it. */
function sweep(...items: readonly string[]): string {
  return [
    "mlpipe 1",
    "",
    'experiment "/Shared/sweeps"',
    "",
    "run fit {",
    "  param x: float = 1 in 0..10",
    "  param y: int = 1 in 0..10",
    "  param shift: float = 0",
    "  metric error minimize",
    "  metric size minimize",
    fence(
      "js",
      "const error = (x - 2) ** 2 + (y - 1) ** 2 + shift",
      "const size = x + y",
      'if (x === 9) throw new Error("nine")',
    ),
    "}",
    "",
    "sweep tries of fit {",
    ...items,
    "}",
    "",
  ].join("\n");
}

const grid = (xs: string, ys = "[1, 2]"): string =>
  sweep("  grid", `  vary x in ${xs}`, `  vary y in ${ys}`, "  best by error then size");

const words = ["tries", "-j", "2"];

describe.concurrent("a sweep", () => {
  test("is a parent run and a run for each trial, named in the order of the grid, the best of them told", async () => {
    using folder = temporaryFolder();
    const tried = await attempt(folder, grid("[1, 2, 3]"), { words });
    expect([tried.stderr, tried.code, tried.left]).toEqual(["", 0, []]);
    const [parent] = tried.facts.filter(({ name }) => name === "tries");
    const trials = tried.facts.filter(({ name }) => name !== "tries");
    expect(trials.map(({ name, params, status }) => [name, params, status]).toSorted()).toEqual([
      ["tries/01", { x: "1", y: "1", shift: "0" }, "FINISHED"],
      ["tries/02", { x: "1", y: "2", shift: "0" }, "FINISHED"],
      ["tries/03", { x: "2", y: "1", shift: "0" }, "FINISHED"],
      ["tries/04", { x: "2", y: "2", shift: "0" }, "FINISHED"],
      ["tries/05", { x: "3", y: "1", shift: "0" }, "FINISHED"],
      ["tries/06", { x: "3", y: "2", shift: "0" }, "FINISHED"],
    ]);
    expect([parent?.status, parent?.metrics]).toEqual(["FINISHED", { error: 0, size: 3 }]);
    expect(parent?.tags).toMatchObject({
      "mlpipe.best_trial": "tries/03",
      "mlpipe.sweep": "tries",
    });
    expect(tried.stdout).toMatch(
      /^best {2}tries\/03 {2}x = 2\.?0?, y = 1 {2}error = 0, size = 3 {2}run /m,
    );
    expect(tried.stdout).toMatch(/^FINISHED in .*: 6 finished$/m);
  });

  test("does nothing the second time, and says so", async () => {
    using folder = temporaryFolder();
    const first = await attempt(folder, grid("[1, 2]"), { words });
    const again = await attempt(folder, grid("[1, 2]"), { words });
    expect([again.stderr, again.code]).toEqual(["", 0]);
    expect(again.facts).toEqual(first.facts);
    expect(again.stdout).toContain("gone on with: 4 of 4 trials done before");
    expect(again.stdout).toMatch(/^best {2}tries\/03/m);
    expect(again.stdout).toMatch(/^FINISHED in .*: 4 done before$/m);
  });

  test("is told event by event under --json, each with its time, also what an earlier attempt has done", async () => {
    using folder = temporaryFolder();
    await attempt(folder, grid("[1, 2]", "[1]"), { words });
    const wider = await attempt(folder, grid("[1, 2, 3]", "[1]"), { words: ["tries", "--json"] });
    const events = wider.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.filter(({ kind }) => kind !== "trial-event")).toMatchObject([
      { kind: "sweep-started", trials: 3, known: 2, resumed: true },
      { kind: "trial-kept", trial: "tries/01", status: "FINISHED", isBest: true },
      { kind: "trial-kept", trial: "tries/02", params: { x: "2" }, isBest: true },
      { kind: "trial-started", trial: "tries/03" },
      { kind: "trial-ended", trial: "tries/03", isBest: false, metrics: { error: 1, size: 4 } },
      { kind: "sweep-ended", best: { trial: "tries/02" }, counts: { finished: 1, known: 2 } },
    ]);
    const inTrial = events
      .filter(({ kind }) => kind === "trial-event")
      .map(({ event }) => (event as { kind: string }).kind);
    expect([inTrial[0], inTrial.at(-1)]).toEqual(["run-created", "run-ended"]);
    const times = events.map(({ time }) => Number(time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(Date.parse("2025-01-01"));
  });

  test("that is made wider runs only what is new, below the same parent, and every trial has its place's name", async () => {
    using folder = temporaryFolder();
    const first = await attempt(folder, grid("[1, 3]"), { words });
    folder.write(fileName, grid("[1, 2, 3]"));
    const plan = await mlpipe(["plan", fileName, "tries"], { cwd: folder.path });
    expect(plan.stdout).toMatch(
      /^ {3}4 of 6 trials are done in run [0-9a-f]{32}, and do not run again$/m,
    );
    const wider = await attempt(folder, grid("[1, 2, 3]"), { words });
    expect([wider.stderr, wider.code]).toEqual(["", 0]);
    expect(wider.facts).toHaveLength(first.facts.length + 2);
    const names = wider.facts.map(({ name, params: { x, y } }) => `${name} ${x} ${y}`).toSorted();
    expect(names.slice(1)).toEqual([
      "tries/01 1 1",
      "tries/02 1 2",
      "tries/03 2 1",
      "tries/04 2 2",
      "tries/05 3 1",
      "tries/06 3 2",
    ]);
    expect(wider.stdout).toMatch(/^FINISHED in .*: 2 finished, 4 done before$/m);
  });

  test("is the same one after an edit of a comment or of the layout", async () => {
    using folder = temporaryFolder();
    const source = grid("[1, 2]");
    await attempt(folder, source, { words });
    const edited = source.replace("const size = x + y", "// the sum\n  const size =\n    x + y;");
    const tried = await attempt(folder, edited, { words });
    expect([tried.stderr, tried.code]).toEqual(["", 0]);
    expect(tried.stdout).toMatch(/^FINISHED in .*: 4 done before$/m);
  });

  test("that is another one, by its code, its other params or fewer values, has a parent of its own", async () => {
    using folder = temporaryFolder();
    const source = grid("[1, 2]");
    await attempt(folder, source, { words });
    const parents = async (text: string, ...more: readonly string[]): Promise<number> => {
      const tried = await attempt(folder, text, { words: [...words, ...more] });
      expect([tried.stderr, tried.code]).toEqual(["", 0]);
      return tried.facts.filter(({ name }) => name === "tries").length;
    };
    expect(await parents(source.replace("const size = x + y", "const size = x * y"))).toBe(2);
    expect(await parents(source, "-P", "shift=1")).toBe(3);
    expect(await parents(grid("[1, 2]", "[1]"))).toBe(4);
  });

  test("goes on after a trial that failed, ends well, and exits with 1; --failed-only runs that trial again", async () => {
    using folder = temporaryFolder();
    const tried = await attempt(folder, grid("[2, 9]", "[1]"), { words });
    expect([tried.code, tried.facts.map(({ status }) => status).toSorted()]).toEqual([
      1,
      ["FAILED", "FINISHED", "FINISHED"],
    ]);
    expect(tried.stderr).toMatch(
      /tries\/02 {2}x = 9.* {2}FAILED {2}.*run [0-9a-f]{32}\n.*error R0810 {2}nine/,
    );
    const again = await attempt(folder, grid("[2, 9]", "[1]"), { words });
    expect([again.code, again.facts]).toEqual([1, tried.facts]);
    expect(again.stdout + again.stderr).toContain(": 1 done before, 1 failed before");
    // What made it fail lies outside of the code: the environment.
    const failed = await attempt(folder, grid("[2, 9]", "[1]"), {
      words: [...words, "--failed-only"],
    });
    expect(failed.facts).toHaveLength(3);
    expect(failed.stdout + failed.stderr).toContain(": 1 failed, 1 done before");
  });

  test("of which no trial finishes is FAILED", async () => {
    using folder = temporaryFolder();
    const tried = await attempt(folder, grid("[9]", "[1]"), { words });
    expect(tried.code).toBe(1);
    expect(tried.facts.map(({ status }) => status)).toEqual(["FAILED", "FAILED"]);
    expect(tried.stderr).toContain("error R0863  no trial of `tries` has finished");
  });

  test("of which the best does not keep what is expected is FAILED, and says by how much", async () => {
    using folder = temporaryFolder();
    const items = ["  grid", "  vary x in [3, 4]", "  best by error", "  expect error <= 0.5"];
    const tried = await attempt(folder, sweep(...items), { words });
    expect(tried.code).toBe(1);
    expect(tried.stderr).toContain(
      "error R0846  expected error <= 0.5, but error is 1 in tries/01",
    );
    expect(tried.facts.find(({ name }) => name === "tries")?.status).toBe("FAILED");
  });

  test("without a best one expects the same of every trial, also of its tags", async () => {
    using folder = temporaryFolder();
    const items = (...expects: readonly string[]): string =>
      sweep("  grid", "  vary x in [1, 3, 4]", '  tag kind = "x ${x}"', ...expects);
    const well = await attempt(folder, items("  expect error <= 4"), { words });
    expect([well.stderr, well.code]).toEqual(["", 0]);
    const tagged = await attempt(folder, items('  expect tags.kind != "x 3"'), { words });
    expect(tagged.code).toBe(1);
    expect(tagged.stderr).toContain(
      'error R0846  expected tags.kind != "x 3", but tags.kind is "x 3" in tries/02',
    );
  });

  test("gives its tags to its trials, and those that are the same for all to its parent", async () => {
    using folder = temporaryFolder();
    const items = [
      "  grid",
      "  vary x in [1, 2]",
      '  tag about = "x is ${x}"',
      '  tag kind = "${y}"',
    ];
    const tried = await attempt(folder, sweep(...items), { words });
    const tags = tried.facts.map(({ name, tags: { about, kind } }) => [name, about, kind]);
    expect(tags.toSorted()).toEqual([
      ["tries", undefined, "1"],
      ["tries/01", "x is 1", "1"],
      ["tries/02", "x is 2", "1"],
    ]);
  });

  test("draws the very values that its plan shows", async () => {
    using folder = temporaryFolder();
    const items = ["  random 5 trials seed 42", "  vary x in log 0.01..8", "  vary y in 1..9"];
    const tried = await attempt(folder, sweep(...items), { words });
    expect(tried.code).toBe(0);
    const planned = await mlpipe(["plan", fileName, "tries", "--json"], { cwd: folder.path });
    const { trials } = JSON.parse(planned.stdout) as {
      trials: readonly { readonly name: string; readonly params: Record<string, number> }[];
    };
    const logged = tried.facts.filter(({ name }) => name !== "tries");
    expect(
      logged.map(({ name, params }) => [name, Number(params["x"]), Number(params["y"])]).toSorted(),
    ).toEqual(trials.map(({ name, params }) => [name, params["x"], params["y"]]));
    expect(trials.map(({ params }) => [params["x"], params["y"]])).toEqual([
      [1.42177, 2],
      [0.0643879, 4],
      [0.0128945, 8],
      [0.0430576, 8],
      [0.0970176, 6],
    ]);
  });
});

test("a sweep and the same runs by hand give the same facts", async () => {
  using swept = temporaryFolder();
  using handmade = temporaryFolder();
  const values = [1, 2, 3].flatMap((x) => [1, 2].map((y) => [x, y] as const));
  const bySweep = await attempt(swept, grid("[1, 2, 3]"), { words });
  handmade.write(fileName, grid("[1, 2, 3]"));
  for (const [x, y] of values) {
    const params = ["-P", `x=${x}`, "-P", `y=${y}`];
    await mlpipe(["run", fileName, "fit", ...params], { cwd: handmade.path });
  }
  const byHand = await readFacts(undefined, handmade.path);
  const own = /^mlpipe\.(sweep|trial)|^mlflow\.(parentRunId|runName)$/;
  const facts = (all: typeof byHand) =>
    all
      .filter(({ name }) => name !== "tries")
      .map(({ params, metrics, histories, status, artifacts, tags, experiment }) => ({
        params,
        metrics,
        histories,
        status,
        artifacts,
        experiment,
        tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !own.test(key))),
      }))
      .toSorted((a, b) => (JSON.stringify(a.params) < JSON.stringify(b.params) ? -1 : 1));
  expect(facts(bySweep.facts)).toEqual(facts(byHand));
});
