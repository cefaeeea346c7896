/** What is drawn below the lines of a run while it goes on: how it looks, that it fits, and that nothing of it is left. */
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openLiveArea } from "../src/cli/live/area.ts";
import { stepsPicture } from "../src/cli/live/steps.ts";
import { trialsPicture } from "../src/cli/live/trials.ts";
import { sweepDisplay } from "../src/cli/sweep-display.ts";
import { put } from "../src/cli/terminal.ts";
import type { StepAction, SweepPlan } from "../src/plan/plan.ts";
import type { RunEvent } from "../src/run/event.ts";
import { paintWith } from "../src/source/paint.ts";
import { widthOf } from "../src/source/width.ts";
import { openScreen } from "./support/screen.ts";

const plain = paintWith(false);

const step = (name: string): StepAction => ({
  kind: "step",
  name,
  implicit: false,
  language: "js",
  code: { kind: "script", path: "a.js" },
  params: [],
  inputs: [],
  metrics: [],
  artifacts: [],
  models: [],
  secrets: [],
  env: {},
  unsetEnv: [],
  seed: undefined,
  cleanStart: false,
  needs: [],
  resources: { cpus: undefined, memoryBytes: undefined, gpus: undefined },
  timeoutMs: undefined,
  cache: true,
});
const planOf = (...names: readonly string[]) => ({ actions: names.map(step) });

const started = (name: string): RunEvent => ({
  kind: "step-started",
  step: name,
  runtime: "Node",
  place: "a.mlpipe:1",
});
const ended = (name: string, milliseconds: number, ok = true): RunEvent => ({
  kind: "step-ended",
  step: name,
  ok,
  milliseconds,
  peakBytes: undefined,
  failure: undefined,
});
const metric = (name: string, key: string, value: number): RunEvent => ({
  kind: "metric",
  step: name,
  key,
  value,
  at: 0,
});

describe("the steps of a run", () => {
  const live = () => stepsPicture(planOf("load", "fit", "stats", "draw", "judge"), plain);

  test("are a table with a row each, in the order of the plan", () => {
    const { hear, picture } = live();
    hear(started("load"), 0);
    hear(ended("load", 1234), 1234);
    hear({ kind: "step-cached", step: "stats", from: "abc", savedMilliseconds: 5 }, 1300);
    hear(started("fit"), 2000);
    hear(metric("fit", "loss", 0.123456789), 2500);
    hear(started("draw"), 2600);
    hear(ended("draw", 40, false), 2640);
    hear({ kind: "step-cancelled", step: "judge", because: "draw" }, 2640);
    expect(picture({ columns: 80, rows: 24 }, 4000).join("\n")).toBe(
      [
        "",
        "  load   done       1.2 s",
        "⠋ fit    running    2.0 s  loss = 0.12346",
        "  stats  cached",
        "  draw   failed     40 ms",
        "  judge  left out",
      ].join("\n"),
    );
  });

  test("are cut where the screen is narrow, and counted where it is low", () => {
    const { hear, picture } = live();
    hear(started("load"), 0);
    hear(ended("load", 1234), 1234);
    hear(started("fit"), 2000);
    hear(metric("fit", "a.rather.long.name", 1), 2500);
    expect(picture({ columns: 30, rows: 9 }, 4000).join("\n")).toBe(
      [
        "",
        "⠋ fit    running    2.0 s  a.…",
        "  stats  waiting",
        "  and 3 more: 2 waiting, 1 do…",
      ].join("\n"),
    );
  });

  test("are one line where the plan has but one, and nothing while none runs", () => {
    const { hear, picture } = stepsPicture(planOf("fit"), plain);
    const screen = { columns: 80, rows: 24 };
    expect(picture(screen, 0)).toEqual([]);
    hear(started("fit"), 0);
    hear(metric("fit", "loss", 0.5), 100);
    expect(picture(screen, 1500)).toEqual(["⠴  fit  1.5 s  loss = 0.5"]);
    hear(ended("fit", 1600), 1600);
    expect(picture(screen, 1600)).toEqual([]);
  });
});

const sweep: Pick<SweepPlan, "of" | "trials" | "bestBy"> = {
  of: "fit",
  bestBy: [{ metric: "accuracy", goal: "maximize" }],
  trials: Array.from({ length: 12 }, (_, i) => ({
    name: `grid/${String(i + 1).padStart(2, "0")}`,
    params: { cp: i / 100, seed: 1 },
  })),
};
const begun = {
  kind: "sweep-started",
  sweep: "grid",
  runId: "abc",
  experiment: "Default",
  tracking: "sqlite:///mlflow.db",
  trials: 12,
  known: 2,
  resumed: true,
} as const satisfies RunEvent;
const kept = (trial: string, accuracy: number, isBest: boolean): RunEvent => ({
  kind: "trial-kept",
  trial,
  runId: "abc",
  params: { cp: "0", seed: "1" },
  status: "FINISHED",
  metrics: { accuracy },
  isBest,
});
const begins = (trial: string, cp: string): RunEvent => ({
  kind: "trial-started",
  trial,
  params: { cp, seed: "1" },
});
const ends = (trial: string, accuracy: number | undefined, isBest = false): RunEvent => ({
  kind: "trial-ended",
  trial,
  runId: "abc",
  outcome: {
    status: accuracy === undefined ? "FAILED" : "FINISHED",
    exitCode: accuracy === undefined ? 1 : 0,
    failure: undefined,
  },
  metrics: accuracy === undefined ? {} : { accuracy },
  isBest,
  milliseconds: 1000,
});
const within = (trial: string, event: RunEvent): RunEvent => ({
  kind: "trial-event",
  trial,
  event,
});

describe("the trials of a sweep", () => {
  function underWay() {
    const { hear, picture } = trialsPicture(sweep, plain);
    hear(begun, 1000);
    hear(kept("grid/01", 0.8, true), 1000);
    hear(kept("grid/02", 0.7, false), 1000);
    for (const [trial, cp, accuracy, isBest] of [
      ["grid/03", "0.02", 0.9, true],
      ["grid/04", "0.03", 0.85, false],
      ["grid/05", "0.04", undefined, false],
    ] as const) {
      hear(begins(trial, cp), 1000);
      hear(ends(trial, accuracy, isBest), 4000);
    }
    hear(begins("grid/06", "0.05"), 4000);
    hear(within("grid/06", started("split")), 4000);
    hear(within("grid/06", ended("split", 10)), 4010);
    hear(within("grid/06", started("learn")), 4010);
    hear(within("grid/06", metric("learn", "loss", 0.25)), 4020);
    hear(begins("grid/07", "0.061"), 5000);
    hear(within("grid/07", started("fit")), 5000);
    return picture;
  }

  test("are told by how far the sweep is, the best of them, and a row for each that is under way", () => {
    expect(underWay()({ columns: 117, rows: 30 }, 7000).join("\n")).toBe(
      [
        "",
        "━━━━━━━━────────────  5 of 12  1 failed  6.0 s  about 14.0 s left  best grid/03  cp = 0.02  accuracy = 0.9",
        "⠋ grid/06   3.0 s  cp = 0.05   learn  loss = 0.25",
        "⠋ grid/07   2.0 s  cp = 0.061",
      ].join("\n"),
    );
  });

  test("go by their numbers where the screen is narrow, and the best has a line of its own", () => {
    expect(underWay()({ columns: 37, rows: 12 }, 7000).join("\n")).toBe(
      [
        "",
        "5 of 12  1 failed  6.0 s  about 14.0…",
        "best 03  cp = 0.02  accuracy = 0.9",
        "⠋ 06   3.0 s  cp = 0.05   learn  los…",
        "⠋ 07   2.0 s  cp = 0.061",
      ].join("\n"),
    );
  });

  test("of an earlier attempt may be the best so far", () => {
    const { hear, picture } = trialsPicture(sweep, plain);
    hear(begun, 0);
    hear(kept("grid/01", 0.8, true), 0);
    hear(begins("grid/03", "0.02"), 0);
    expect(picture({ columns: 80, rows: 24 }, 0)[1]).toContain(
      "best grid/01  cp = 0  accuracy = 0.8",
    );
  });

  test("that do not fit are counted", () => {
    const { hear, picture } = trialsPicture(sweep, plain);
    hear(begun, 0);
    for (const { name } of sweep.trials) hear(begins(name, "1"), 0);
    const lines = picture({ columns: 80, rows: 12 }, 0);
    expect([lines.length, lines.at(-1)]).toEqual([6, "  and 9 more"]);
  });
});

const names = ["load", "fit", "模型", "e\u0301e\u0301", "a\x1b[31mb"] as const;
const word = fc.constantFrom(...names);
const number = fc.oneof(fc.double(), fc.integer());
const stepEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  word.map(started),
  fc
    .tuple(word, fc.double({ min: 0, max: 1e9, noNaN: true }), fc.boolean())
    .map((all) => ended(...all)),
  fc
    .tuple(word, fc.string({ unit: "grapheme", minLength: 1 }), number)
    .map((all) => metric(...all)),
  word.map((name): RunEvent => ({ kind: "step-kept", step: name, metrics: {} })),
);
const trial = fc.constantFrom(...sweep.trials.map(({ name }) => name));
const trialEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.tuple(trial, fc.string({ unit: "grapheme" })).map((all) => begins(...all)),
  fc.tuple(trial, fc.option(number, { nil: undefined }), fc.boolean()).map((all) => ends(...all)),
  fc.tuple(trial, stepEvent).map((all) => within(...all)),
);
const screens = fc.record({
  columns: fc.integer({ min: 5, max: 150 }),
  rows: fc.integer({ min: 12, max: 60 }),
});
const bare = (line: string): string => line.replaceAll(/\x1b\[[\d;]*m/g, "");

describe("whatever happens", () => {
  test.each([
    ["steps", () => stepsPicture(planOf(...names), paintWith(true)), stepEvent],
    ["one step", () => stepsPicture(planOf("fit"), paintWith(true)), stepEvent],
    ["trials", () => trialsPicture(sweep, paintWith(true)), trialEvent],
  ] as const)(
    "no line of the picture of %s is wider than the screen, nor are there too many",
    (_, open, event) => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 40 }), screens, (events, screen) => {
          const { hear, picture } = open();
          for (const [at, each] of events.entries()) {
            hear(each, at * 700);
            const lines = picture(screen, at * 700 + 350).map(bare);
            expect(lines.filter((line) => widthOf(line) > screen.columns)).toEqual([]);
            expect(lines.length).toBeLessThan(screen.rows);
            // What code has named steers no terminal.
            expect(lines.join("")).not.toMatch(/\p{Cc}/u);
          }
        }),
      );
    },
  );
});

/** A terminal that keeps each string that is written to it. */
function fakeTerminal() {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  const stream = { write, columns: 40, rows: 12, isTTY: true } as unknown as NodeJS.WriteStream;
  return { written, stream };
}

function shownAfter(written: readonly string[]): readonly string[] {
  const screen = openScreen();
  written.forEach(screen.write);
  return screen.lines();
}

function fakeClock(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

describe("the area below the text", () => {
  test("is drawn by one string a frame, only when something has changed", () => {
    fakeClock();
    const { written, stream } = fakeTerminal();
    let lines = ["one", "two"];
    const end = openLiveArea(() => lines, stream);
    vi.advanceTimersByTime(1000);
    expect(written).toEqual(["one\ntwo"]);
    put(stream, "text\n");
    put(stream, "more\n");
    lines = ["three"];
    vi.advanceTimersByTime(1000);
    expect(written.slice(1)).toEqual(["\r\x1b[1A\x1b[Jtext\nmore\nthree"]);
    end();
    expect(written.slice(2)).toEqual(["\r\x1b[J"]);
    vi.advanceTimersByTime(1000);
    put(stream, "after\n");
    expect(written.slice(3)).toEqual(["after\n"]);
  });

  test("waits while the text above it is in the middle of a line", () => {
    fakeClock();
    const { written, stream } = fakeTerminal();
    const end = openLiveArea(() => ["live"], stream);
    put(stream, "half ");
    vi.advanceTimersByTime(300);
    put(stream, "a line\n");
    vi.advanceTimersByTime(300);
    end();
    expect(written).toEqual(["half ", "a line\nlive", "\r\x1b[J"]);
  });

  test("that has wrapped since the screen was made narrower is taken away as a whole", () => {
    fakeClock();
    const { written, stream } = fakeTerminal();
    const end = openLiveArea(() => ["\x1b[31m" + "x".repeat(30) + "\x1b[0m", "short"], stream);
    vi.advanceTimersByTime(100);
    stream.columns = 16;
    end();
    expect(written[1]).toBe("\r\x1b[2A\x1b[J");
  });

  test("leaves nothing, and loses nothing, whatever is printed and drawn", () => {
    const text = fc.stringMatching(/^[a-z ]{0,12}\n?$/);
    const picture = fc.array(fc.stringMatching(/^[A-Z]{0,12}$/), { maxLength: 5 });
    const turns = fc.array(fc.oneof(text, picture, fc.constant(undefined)), { maxLength: 30 });
    fakeClock();
    fc.assert(
      fc.property(turns, (all) => {
        const { written, stream } = fakeTerminal();
        let lines: readonly string[] = [];
        let printed = "";
        const end = openLiveArea(() => lines, stream);
        for (const turn of all) {
          if (turn === undefined) vi.advanceTimersByTime(100);
          else if (typeof turn === "string") {
            put(stream, turn);
            printed += turn;
          } else lines = turn;
        }
        end();
        expect(shownAfter(written)).toEqual(shownAfter([printed]));
      }),
    );
  });
});

/** Of a sweep of so many trials where nobody watches: what stands in the log, without durations. */
function logged(trials: number): readonly string[] {
  let text = "";
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, "write").mockImplementation((piece) => {
      text += String(piece);
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  const name = (at: number): string => `grid/${String(at).padStart(4, "0")}`;
  const all = Array.from({ length: trials }, (_, at) => ({ name: name(at), params: { cp: at } }));
  const show = sweepDisplay({ ...sweepPlan, trials: all }, false);
  show({ ...begun, known: 0, resumed: false });
  for (const at of all.keys()) {
    show(begins(name(at), String(at)));
    show(ends(name(at), at === 7 ? undefined : 0.5, at === 0));
  }
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.replaceAll(/ {2}(about )?\d+(\.\d+)? m?s( left)?\b/g, ""));
}

const sweepPlan: SweepPlan = {
  kind: "sweep",
  sweep: "grid",
  file: "a.mlpipe",
  experiment: "Default",
  calls: [],
  expects: [],
  parallel: undefined,
  ...sweep,
};

describe("the log of a sweep that nobody watches", () => {
  test("has a line for each of up to a hundred trials", () => {
    expect(logged(100)).toHaveLength(100);
  });

  test("of more has those that failed or are the best so far, and twenty that say how far it is", () => {
    const lines = logged(1000);
    expect(lines).toHaveLength(22);
    expect(lines.slice(0, 4)).toEqual([
      "grid/0000  cp = 0  accuracy = 0.5  best so far",
      "grid/0007  cp = 7  FAILED  run abc",
      "50 of 1000  1 failed",
      "100 of 1000  1 failed",
    ]);
    expect(lines.at(-1)).toBe("1000 of 1000  1 failed");
  });
});
