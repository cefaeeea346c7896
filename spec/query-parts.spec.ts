/** The parts that what is asked of a tracker is shown with: bars, figures, and tables that fit. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Column,
  alignNumbers,
  cutText,
  fitColumns,
  printColumns,
} from "../src/source/columns.ts";
import {
  changeText,
  durationText,
  shortNumber,
  sizeText,
  tellApart,
} from "../src/source/figures.ts";
import { takeItems } from "../src/cli/query/pages.ts";
import { nestRuns, shortIds } from "../src/cli/query/runs-table.ts";
import { signsFor } from "../src/cli/query/signs.ts";
import { sparkline } from "../src/cli/query/sparkline.ts";
import { paintWith } from "../src/source/paint.ts";
import { widthOf } from "../src/source/width.ts";
import type { TrackedRun } from "../src/tracking/entities.ts";

const signs = signsFor({});
const [lowest, highest] = [signs.bars[0] ?? "", signs.bars.at(-1) ?? ""];

describe("a sparkline", () => {
  const values = fc.array(fc.double({ min: -1e300, max: 1e300 }), { minLength: 1, maxLength: 200 });

  test("has a bar for each value, or as many as fit", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 60 }), (all, width) => {
        expect([...sparkline(all, width, signs)]).toHaveLength(Math.min(all.length, width));
      }),
    );
  });

  test("always shows the highest value, and the lowest unless it lies beside the highest", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 60 }), (all, width) => {
        const numbers = all.filter((value) => !Number.isNaN(value));
        const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
        fc.pre(numbers.length > 0 && high / 2 - low / 2 > 0);
        const bars = sparkline(all, width, signs);
        expect(bars).toContain(highest);
        if (all.length <= width) expect(bars).toContain(lowest);
      }),
    );
  });

  test("is the same, upside down, for the values with the other sign", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -7, max: 7 }), { minLength: 1, maxLength: 30 }),
        (all) => {
          const heights = (some: readonly number[]): readonly number[] =>
            [...sparkline(some, 60, signs)].map((bar) => signs.bars.indexOf(bar));
          const [up, down] = [heights(all), heights(all.map((value) => -value))];
          const rise = (of: readonly number[]) =>
            of.map((bar, at) => Math.sign(bar - (of[at - 1] ?? bar)));
          for (const [at, way] of rise(up).entries())
            expect(way * (rise(down)[at] ?? 0)).toBeLessThanOrEqual(0);
        },
      ),
    );
  });

  test.each([
    [[], ""],
    [[1], "▅"],
    [[1, 1, 1], "▅▅▅"],
    [[0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"],
    [[0, Number.NaN, 1], "▁×█"],
    [[Number.NaN, Number.NaN], "××"],
    [[0, Infinity, 1, -Infinity], "▁×█×"],
    // As MLflow's SQL store gives infinities back.
    [[0, Number.MAX_VALUE, 1], "▁×█"],
    [[-1.7e308, 1.7e308], "▁█"],
  ])("of %j is %s", (all, bars) => {
    expect(sparkline(all, 8, signs)).toBe(bars);
  });

  test("of 50,000 points shows one spike", () => {
    const all = Array.from({ length: 50_000 }, (_, step) =>
      step === 30_000 ? 2 : Math.exp(-step / 9000),
    );
    expect(sparkline(all, 20, signs)).toBe("▄▃▂▂▂▁▁▁▁▁▁▁█▁▁▁▁▁▁▁");
  });

  test.each([
    [{ LANG: "C" }, "_@"],
    [{ LC_ALL: "POSIX", LANG: "en_US.UTF-8" }, "_@"],
    [{ LANG: "nl_NL.utf8" }, "▁█"],
    [{ LC_ALL: "", LANG: "" }, "▁█"],
    [{ TERM: "linux", LANG: "C.UTF-8" }, "_@"],
  ])("in %j is drawn as %s", (env, bars) => {
    expect(sparkline([0, 1], 8, signsFor(env))).toBe(bars);
  });
});

describe("figures", () => {
  test.each([
    [0, "0"],
    [12_345_678, "12345678"],
    [0.267_271_443_9, "0.26727"],
    [-0.000_000_123_456, "-1.2346e-7"],
    [1e21, "1e+21"],
    [Number.NaN, "NaN"],
    [Infinity, "inf"],
    [-Number.MAX_VALUE, "-inf"],
  ])("%d is told as %s", (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });

  test("two numbers are told alike only where they are the same", () => {
    const number = fc.double({ noDefaultInfinity: true, noNaN: true, max: 1e300, min: -1e300 });
    fc.assert(
      fc.property(number, number, fc.boolean(), (a, other, near) => {
        const b = near ? a * (1 + 2 ** -52) : other;
        const [left, right] = tellApart(a, b);
        expect(left === right).toBe(a === b);
      }),
    );
  });

  test.each([
    [0.9, 0.95, "+0.05 (+5.6 %)"],
    [-2, -3, "-1 (-50 %)"],
    [0, 3, "+3"],
    [4, 2, "-2 (-50 %)"],
    [1, Number.NaN, ""],
    [Number.MAX_VALUE, 1, ""],
  ])("from %d to %d is a change of %s", (a, b, text) => {
    expect(changeText(a, b)).toBe(text);
  });

  test.each([
    [34, "34 ms"],
    [340, "0.3 s"],
    [59_940, "59.9 s"],
    [59_960, "1 min 0 s"],
    [200_000, "3 min 20 s"],
    [7_500_000, "2 h 5 min"],
    [97_200_000, "1 d 3 h"],
  ])("%d ms take %s", (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });

  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [123_456, "123 kB"],
    [999_999, "1.0 MB"],
    [5_000_000_000, "5.0 GB"],
    [3e18, "3000000 TB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe("a table", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "B", "7", "é", "日", " ", "-"),
    maxLength: 30,
  });
  const column: fc.Arbitrary<Column> = fc.record(
    {
      title: text,
      cells: fc.array(text, { minLength: 2, maxLength: 4 }),
      least: fc.constant(3),
      rank: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ["title", "cells", "least"] },
  );

  test("fits, whatever is in it, as soon as there is room for three letters of each column that must stay", () => {
    fc.assert(
      fc.property(
        fc.array(column, { maxLength: 8 }),
        fc.integer({ min: 1, max: 120 }),
        (columns, width) => {
          const fixed = columns.filter(({ rank }) => rank === undefined).length;
          fc.pre(width >= 5 * Math.max(1, fixed));
          const fitted = fitColumns(columns, width, "…");
          for (const line of printColumns(fitted.columns, paintWith(false)).split("\n"))
            expect(widthOf(line)).toBeLessThanOrEqual(width);
          expect(fitted.columns.length + fitted.left.length).toBe(columns.length);
        },
      ),
    );
  });

  test("that fits is left as it is", () => {
    fc.assert(
      fc.property(fc.array(column, { maxLength: 8 }), (columns) => {
        expect(fitColumns(columns, Infinity, "…")).toEqual({ columns, left: [] });
      }),
    );
  });

  test("cuts a text to its room, at either end", () => {
    expect(cutText("/Shared/wine", 8, "…", "end")).toBe("…ed/wine");
    expect(cutText("日本語", 4, "…")).toBe("日…");
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(undefined, "end" as const),
        (all, width, keeps) => {
          const cut = cutText(all, width, "…", keeps);
          expect(widthOf(cut)).toBeLessThanOrEqual(width);
          expect(cut === all).toBe(widthOf(all) <= width);
        },
      ),
    );
  });

  test("puts the points of numbers below each other", () => {
    expect(alignNumbers(["0.5", "-12.25", "3", "", "NaN", "1e-9"])).toEqual([
      "  0.5",
      "-12.25",
      "  3",
      "",
      "NaN",
      "  1e-9",
    ]);
  });
});

describe("short ids", () => {
  test("tell the runs apart that are shown, with as few letters as it takes, at least eight", () => {
    const id = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 30 }), (ids) => {
        const short = shortIds(ids);
        expect(new Set(short).size).toBe(ids.length);
        const length = short[0]?.length ?? 0;
        for (const [at, one] of short.entries()) expect(ids[at]?.slice(0, length)).toBe(one);
        if (length > 8)
          expect(new Set(ids.map((one) => one.slice(0, length - 1))).size).toBeLessThan(ids.length);
      }),
    );
  });

  test("of ids of which one begins another are whole", () => {
    expect(shortIds(["run-2026-11", "run-2026-11-b"])).toEqual(["run-2026-11", "run-2026-11-"]);
  });
});

describe("children", () => {
  const runOf = (id: string, parent?: string): TrackedRun => ({
    info: {
      run_id: id,
      run_uuid: id,
      run_name: id,
      experiment_id: "0",
      user_id: "",
      status: "FINISHED",
      start_time: 0,
      artifact_uri: "",
      lifecycle_stage: "active",
    },
    data: parent === undefined ? {} : { tags: [{ key: "mlflow.parentRunId", value: parent }] },
  });
  const told = (runs: readonly TrackedRun[]): readonly string[] =>
    nestRuns(runs).map(({ run, depth }) => `${depth}${run.info.run_id}`);

  test("stand below their parents, the first-born first, and grandchildren below them", () => {
    const runs = [
      runOf("new"),
      runOf("c2", "p"),
      runOf("g", "c1"),
      runOf("c1", "p"),
      runOf("p"),
      runOf("x", "gone"),
    ];
    expect(told(runs)).toEqual(["0new", "0p", "1c1", "2g", "1c2", "0x"]);
  });

  test("are all shown once, even where tags name parents in a circle", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e");
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1 }),
        fc.dictionary(name, name),
        (names, parents) => {
          const runs = names.map((one) => runOf(one, parents[one]));
          expect(
            nestRuns(runs)
              .map(({ run }) => run.info.run_id)
              .toSorted(),
          ).toEqual(names.toSorted());
        },
      ),
    );
  });
});

test("pages are read until there is enough", async () => {
  const pages = async function* (): AsyncGenerator<readonly number[]> {
    yield* [[1, 2], [], [3, 4]];
    await Promise.resolve();
    throw new Error("a page that nobody needs");
  };
  expect(await takeItems(pages(), (page) => page, 3)).toEqual([1, 2, 3]);
  await expect(takeItems(pages(), (page) => page)).rejects.toThrow("nobody needs");
});
