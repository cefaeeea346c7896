/** Two executions of a run, compared output by output: which rung of the ladder holds, and where they differ. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Contract, Tolerance } from "../src/check/program.ts";
import { compareResults } from "../src/repro/compare/compare-results.ts";
import type { Comparison } from "../src/repro/compare/comparison.ts";
import type { DigestedOutput, KnownOutput, Output, Results } from "../src/repro/results.ts";
import { contentOf } from "../src/run/manifest/output-content.ts";
import { filesIn, recordFile } from "../src/run/manifest/used-files.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-compared-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function metric(key: string, ...values: readonly number[]): Output {
  return { kind: "metric", key, points: values.map((value, at) => ({ step: at + 1, value })) };
}

let files = 0;
function csv(key: string, text: string): Output {
  const file = path.join(root, `${files++}.csv`);
  writeFileSync(file, text);
  return { kind: "artifact", key, format: "csv", path: file };
}

function model(mlmodel: string, content: string, probe?: string): Output {
  const folder = path.join(root, `${files++}`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, "MLmodel"), mlmodel);
  writeFileSync(path.join(folder, "model.json"), content);
  if (probe !== undefined) writeFileSync(path.join(folder, "probe.json"), probe);
  return { kind: "model", key: "tree", flavor: "crate", path: folder };
}

function results(...outputs: readonly Output[]): Results {
  return { failure: undefined, steps: [{ step: "fit", failure: undefined, outputs }] };
}

function contract(tolerances: Readonly<Record<string, Tolerance>>): Contract {
  return { otherwise: "unstated", tolerances, seeds: undefined };
}

function summary({ verdict, rows }: Comparison): readonly string[] {
  return [verdict, ...rows.map((row) => `${row.key} ${row.verdict} ${row.rung ?? "-"}`)];
}

test("the verdict of all is that of the worst output", async () => {
  const before = results(metric("loss", 3, 2), metric("near", 1), csv("rows", "a,b\n1,x\n"));
  const after = results(metric("loss", 3, 2), metric("near", 1.001), csv("rows", 'a,b\n1.0,"x"\n'));
  const lenient = contract({ near: { kind: "within", amount: 0.01, scale: "abs" } });
  expect(summary(await compareResults(before, before, undefined))).toEqual([
    "IDENTICAL",
    "loss IDENTICAL bytes",
    "near IDENTICAL bytes",
    "rows IDENTICAL bytes",
  ]);
  expect(summary(await compareResults(before, after, lenient))).toEqual([
    "EQUIVALENT",
    "loss IDENTICAL bytes",
    "near EQUIVALENT tolerance",
    "rows IDENTICAL content",
  ]);
  expect(summary(await compareResults(before, after, undefined))).toEqual([
    "DIFFERENT",
    "loss IDENTICAL bytes",
    "near DIFFERENT -",
    "rows IDENTICAL content",
  ]);
});

test("what the contract excepts is shown as ignored and does not count", async () => {
  const except = contract({ near: { kind: "ignored" } });
  const comparison = await compareResults(
    results(metric("near", 1)),
    results(metric("near", 2)),
    except,
  );
  expect(summary(comparison)).toEqual(["IDENTICAL", "near IGNORED -"]);
});

test("an output that is there on one side only is a difference", async () => {
  const comparison = await compareResults(
    results(metric("a", 1)),
    results(metric("a", 1), metric("b", 1)),
    undefined,
  );
  expect(summary(comparison)).toEqual(["DIFFERENT", "a IDENTICAL bytes", "b DIFFERENT -"]);
  expect(comparison.rows[1]?.difference).toEqual({ kind: "only", side: "after" });
});

test("a step that failed on one side is a difference", async () => {
  const failure = { code: "R0810", message: "no", fix: "", place: "a.mlpipe:3" };
  const failed: Results = { failure, steps: [{ step: "fit", failure, outputs: [] }] };
  const comparison = await compareResults(results(), failed, undefined);
  expect(comparison.verdict).toBe("DIFFERENT");
  expect(comparison.rows).toMatchObject([{ kind: "step", difference: { kind: "failures" } }]);
  expect(summary(await compareResults(failed, failed, undefined))[0]).toBe("IDENTICAL");
});

test("a run that failed by an expectation on one side is a difference", async () => {
  const failure = { code: "R0846", message: "no", fix: "", place: "a.mlpipe:3" };
  const comparison = await compareResults(results(), { ...results(), failure }, undefined);
  expect(comparison.rows).toMatchObject([{ kind: "run", verdict: "DIFFERENT" }]);
});

test("models are the same but for the run that made them, else by what they predict", async () => {
  const made = (run: string) => `utc_time_created: "2026-11-22 ${run}"\nrun_id: ${run}\nflavors:\n`;
  const probe = (answer: number) => JSON.stringify({ rows: [1], predictions: [answer] });
  const before = results(model(made("a"), '{"w":1}', probe(5)));
  const compare = async (after: Output) =>
    (await compareResults(before, results(after), undefined)).rows[0];
  expect(await compare(model(made("b"), '{"w":1}', probe(5)))).toMatchObject({ rung: "content" });
  expect(await compare(model(made("b"), '{"w":2}', probe(5)))).toMatchObject({
    verdict: "EQUIVALENT",
    rung: "predictions",
    difference: { files: [{ path: "model.json" }] },
  });
  expect(await compare(model(made("b"), '{"w":2}', probe(6)))).toMatchObject({
    verdict: "DIFFERENT",
    notes: ["its predictions for the rows of its probe differ too"],
  });
  expect(await compare(model(made("b"), '{"w":2}'))).toMatchObject({
    verdict: "DIFFERENT",
    notes: [expect.stringContaining("no predictions were recorded")],
  });
});

test("a model that is promised within a tolerance is held to what it predicts", async () => {
  const probe = (...predictions: readonly (number | string)[]) =>
    JSON.stringify({ rows: [1, 2], predictions });
  const near = contract({ tree: { kind: "within", amount: 1e-9, scale: "rel" } });
  const before = results(model("flavors:\n", "1", probe(5, 7)));
  const compare = async (after: Output, under: Contract | undefined) =>
    (await compareResults(before, results(after), under)).rows[0];
  const rounded = model("flavors:\n", "2", probe(5, 7.000000001));
  expect(await compare(rounded, near)).toMatchObject({
    verdict: "EQUIVALENT",
    rung: "tolerance",
    notes: ["within 1e-9 rel"],
    difference: {
      count: 2,
      files: [
        { path: "probe.json", difference: { kind: "predictions", count: 1, compared: 2 } },
        { path: "model.json" },
      ],
    },
  });
  const said = (note: string) => ({ verdict: "DIFFERENT", rung: undefined, notes: [note] });
  expect(await compare(rounded, undefined)).toMatchObject(
    said("its predictions for the rows of its probe differ too"),
  );
  expect(await compare(rounded, contract({ tree: { kind: "exact" } }))).toMatchObject(
    said("its predictions for the rows of its probe differ too"),
  );
  expect(await compare(model("flavors:\n", "2", probe(5, 7.1)), near)).toMatchObject(
    said("1 of its 2 predicted values is not within 1e-9 rel"),
  );
  expect(await compare(model("flavors:\n", "2", probe("five", "seven")), near)).toMatchObject(
    said("2 of its 2 predicted values are not within 1e-9 rel"),
  );
  expect(await compare(model("flavors:\n", "2"), near)).toMatchObject({
    verdict: "DIFFERENT",
    notes: [expect.stringContaining("no predictions were recorded that could be within 1e-9 rel")],
  });
  const others = model("flavors:\n", "2", JSON.stringify({ rows: [1, 3], predictions: [5, 7] }));
  expect(await compare(others, near)).toMatchObject(said("the rows of its probe differ too"));
});

test("of a model with many files the predictions are listed first", async () => {
  const many = (answer: number, content: string): Output => {
    const found = model(
      "flavors:\n",
      content,
      JSON.stringify({ rows: [1], predictions: [answer] }),
    );
    if (found.kind !== "model") throw new Error(found.kind);
    for (let at = 10; at < 22; at++)
      writeFileSync(path.join(found.path, `part-${at}.txt`), content);
    return found;
  };
  const comparison = await compareResults(results(many(1, "1")), results(many(2, "2")), undefined);
  const difference = comparison.rows[0]?.difference;
  if (difference?.kind !== "files") throw new Error(difference?.kind);
  expect([difference.count, difference.files.length]).toEqual([14, 10]);
  expect(difference.files[0]).toMatchObject({
    path: "probe.json",
    difference: { absolute: { row: "1", by: 1 } },
  });
});

test("a metric under `distribution` that differs is undecided", async () => {
  const spread = contract({ near: { kind: "distribution", margin: 0.1 } });
  const comparison = await compareResults(
    results(metric("near", 1)),
    results(metric("near", 2)),
    spread,
  );
  expect(summary(comparison)).toEqual(["UNDECIDED", "near UNDECIDED -"]);
});

test("a metric under `distribution` is judged by whoever can execute more often", async () => {
  const spread = contract({ near: { kind: "distribution", margin: 0.1 } });
  const sides = [results(metric("near", 1)), results(metric("near", 2))] as const;
  const asked: unknown[] = [];
  const by = (decision: "equivalent" | "different" | "undecided") =>
    compareResults(...sides, spread, {
      judge: (question) => {
        asked.push(question);
        return Promise.resolve({ decision, note: "after 12 pairs" });
      },
    });
  expect(summary(await by("equivalent"))).toEqual(["EQUIVALENT", "near EQUIVALENT distribution"]);
  expect(summary(await by("different"))).toEqual(["DIFFERENT", "near DIFFERENT -"]);
  expect((await by("undecided")).rows).toMatchObject([
    { verdict: "UNDECIDED", notes: ["after 12 pairs"] },
  ]);
  expect(asked[0]).toEqual({ step: "fit", key: "near", margin: 0.1 });
});

/** Its files are gone: as its manifest has it. */
async function digested(output: Output): Promise<DigestedOutput> {
  if (output.kind === "metric") throw new Error("a metric has no files");
  const format = output.kind === "model" ? "folder" : output.format;
  const isFolder = statSync(output.path).isDirectory();
  const files = isFolder ? await filesIn(output.path) : [await recordFile(output.path)];
  const content = await contentOf({ place: output.path, format, files }, path.join(root, "cache"));
  const name = path.basename(output.path);
  return { kind: "digests", of: output.kind, key: output.key, path: name, format, files, content };
}

function known(...outputs: readonly KnownOutput[]): Results<KnownOutput> {
  return { failure: undefined, steps: [{ step: "fit", failure: undefined, outputs }] };
}

async function compareKnown(before: KnownOutput, after: KnownOutput) {
  return (await compareResults(known(before), known(after), undefined)).rows[0];
}

test("digests of tables say of any two what their files say, whichever side is gone", async () => {
  const cell = fc.constantFrom("1", "1.0", '"1"', "2");
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 2 });
  const print = (rows: readonly (readonly string[])[]): string =>
    [["a", "b"], ...rows].map((row) => `${row.join(",")}\n`).join("");
  await fc.assert(
    fc.asyncProperty(table, table, async (rows, others) => {
      const [before, after] = [csv("rows", print(rows)), csv("rows", print(others))];
      const byFiles = await compareKnown(before, after);
      const [gone, lost] = [await digested(before), await digested(after)];
      const { verdict, rung } = byFiles ?? {};
      const same = { verdict, rung, byDigest: true };
      expect(await compareKnown(gone, after)).toMatchObject(same);
      expect(await compareKnown(before, lost)).toMatchObject(same);
      expect(await compareKnown(gone, lost)).toMatchObject(same);
    }),
    { numRuns: 60 },
  );
});

test("a digest of files that are gone says no more than it knows", async () => {
  const [one, other] = [csv("rows", "a\n1\n"), csv("rows", "a\n2\n")];
  const gone = await digested(one);
  const about = { verdict: "UNDECIDED", rung: undefined };
  expect(await compareKnown({ ...gone, content: null }, other)).toMatchObject(about);
  expect(await compareKnown({ ...gone, content: null }, one)).toMatchObject({ rung: "bytes" });
  const content = gone.content && { ...gone.content, version: 1 };
  expect(await compareKnown({ ...gone, content }, csv("rows", "a\n1.0\n"))).toMatchObject(about);
  expect(await compareKnown({ ...gone, format: "rds" }, await digested(other))).toMatchObject({
    ...about,
    notes: [expect.stringContaining("what formulas have captured")],
  });
});

test("models that are gone are compared by their probes too", async () => {
  const made = (content: string, probe?: string) => model("run_id: a\n", content, probe);
  const gone = await digested(made('{"w":1}', '{"rows":[1],"predictions":[2]}'));
  const verdictOf = async (after: Output) => (await compareKnown(gone, after))?.verdict;
  expect(await verdictOf(made('{"w": 1}', '{"rows":[1],"predictions":[2]}'))).toBe("IDENTICAL");
  expect(await verdictOf(made('{"w":2}', '{"rows":[1],"predictions":[2]}'))).toBe("EQUIVALENT");
  expect(await verdictOf(made('{"w":2}', '{"rows":[1],"predictions":[3]}'))).toBe("DIFFERENT");
  expect(await verdictOf(made('{"w":2}'))).toBe("DIFFERENT");
  const near = contract({ tree: { kind: "ulp", ulp: 4 } });
  const nearby = made('{"w":2}', '{"rows":[1],"predictions":[3]}');
  expect((await compareResults(known(gone), known(nearby), near)).rows).toMatchObject([
    { verdict: "UNDECIDED", notes: [expect.stringContaining("within 4 ulp")] },
  ]);
});
