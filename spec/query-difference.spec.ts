/** What differs between two runs, whoever is named first. */
import { applyPatch } from "diff";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factsOfPlan } from "../src/cli/query/plan-facts.ts";
import type { RunContents, SourceFile } from "../src/cli/query/run-contents.ts";
import { type Row, compareRuns, isSame, sectionNames } from "../src/cli/query/run-difference.ts";
import { runStatuses } from "../src/tracking/entities.ts";

const name = fc.constantFrom("cp", "depth", "mlflow.user", "mlpipe.seed", "omschrijving");
const value = fc.constantFrom("", "0.05", "tree", "日本");
const number = fc.constantFrom(0, -0, 1, 0.1, Number.NaN, Infinity);
const line = fc.constantFrom("a\n", "b\n", "c\n", "last");
const file: fc.Arbitrary<SourceFile> = fc.oneof(
  fc.array(line).map((lines) => ({ kind: "text" as const, text: lines.join("") })),
  fc.constantFrom(1, 2).map((bytes) => ({ kind: "bytes" as const, bytes })),
);
const pairs = fc
  .dictionary(name, value)
  .map((all) => Object.entries(all).map(([key, text]) => ({ key, value: text })));
const mapOf = <T>(
  keys: fc.Arbitrary<string>,
  values: fc.Arbitrary<T>,
): fc.Arbitrary<ReadonlyMap<string, T>> =>
  fc.dictionary(keys, values).map((all) => new Map(Object.entries(all)));

const contents: fc.Arbitrary<RunContents> = fc
  .record({
    status: fc.constantFrom(...runStatuses),
    params: pairs,
    tags: pairs,
    metrics: fc.uniqueArray(
      fc.record({ key: name, value: number, step: fc.nat(3), timestamp: fc.nat(9) }),
      {
        selector: ({ key }) => key,
      },
    ),
    sources: mapOf(fc.constantFrom("a.mlpipe", "b.R"), file),
    plan: fc.option(
      fc.record({
        actions: fc.tuple(
          fc.record({ kind: fc.constant("step"), name: value, env: fc.dictionary(name, value) }),
        ),
      }),
      { nil: undefined },
    ),
    artifacts: fc.option(mapOf(fc.constantFrom("x.txt", "d/y.bin", "model/MLmodel"), fc.nat(3)), {
      nil: undefined,
    }),
    id: fc.constantFrom("aaaaaaaa", "bbbbbbbb"),
    start: fc.nat(9),
  })
  .map(({ status, params, tags, metrics, id, start, ...rest }) => ({
    ...rest,
    unopened: [],
    trouble: undefined,
    run: {
      info: {
        run_id: id,
        run_uuid: id,
        run_name: `run ${start}`,
        experiment_id: "0",
        user_id: "",
        status,
        start_time: start,
        artifact_uri: "",
        lifecycle_stage: "active" as const,
      },
      data: { params, tags, metrics },
    },
  }));

const options = { all: false };

describe("the difference of two runs", () => {
  test("is nothing for a run and itself, whatever is asked for", () => {
    fc.assert(
      fc.property(contents, fc.boolean(), (run, all) => {
        expect(isSame(compareRuns(run, structuredClone(run), { all }))).toBe(true);
      }),
    );
  });

  test("is the same from both sides, with left and right changed", () => {
    fc.assert(
      fc.property(contents, contents, fc.boolean(), (a, b, all) => {
        const [there, back] = [compareRuns(a, b, { all }), compareRuns(b, a, { all })];
        const turn = (rows: readonly Row[]): readonly Row[] =>
          rows.map((row) => ({ name: row.name, a: row.b, b: row.a }));
        for (const section of sectionNames)
          expect(turn(there.rows[section])).toEqual(back.rows[section]);
        expect(
          there.files.map(({ path, a: left, b: right }) => ({ path, a: right, b: left })),
        ).toEqual(back.files.map(({ path, a: left, b: right }) => ({ path, a: left, b: right })));
      }),
    );
  });

  test("leaves out what is the same, and nothing else", () => {
    fc.assert(
      fc.property(contents, contents, (a, b) => {
        const read = (run: RunContents) =>
          new Map(run.run.data.params?.map((pair) => [pair.key, pair.value]));
        const [left, right] = [read(a), read(b)];
        const expected = [...new Set([...left.keys(), ...right.keys()])].filter(
          (key) => left.get(key) !== right.get(key),
        );
        expect(compareRuns(a, b, options).rows.params.map((row) => row.name)).toEqual(
          expected.toSorted(),
        );
      }),
    );
  });

  test("holds patches that lead from one code to the other", () => {
    fc.assert(
      fc.property(contents, contents, (a, b) => {
        for (const { path, patch } of compareRuns(a, b, options).files) {
          const [before, after] = [a.sources.get(path), b.sources.get(path)];
          if (before?.kind === "bytes" || after?.kind === "bytes") expect(patch).toBeUndefined();
          else expect(applyPatch(before?.text ?? "", patch ?? "")).toBe(after?.text ?? "");
        }
      }),
    );
  });

  const base = fc.sample(contents, { numRuns: 1, seed: 1 })[0] as RunContents;
  const withTags = (id: string, tags: Readonly<Record<string, string>>): RunContents => ({
    ...base,
    run: {
      info: { ...base.run.info, run_id: id },
      data: { tags: Object.entries(tags).map(([key, text]) => ({ key, value: text })) },
    },
  });

  test("counts no tag that differs by nature, nor a run's own id within one, unless all is asked for", () => {
    const a = withTags("aaaaaaaa", {
      "mlflow.user": "ada",
      "mlflow.runName": "x",
      link: "see aaaaaaaa",
    });
    const b = withTags("bbbbbbbb", {
      "mlflow.user": "bob",
      "mlflow.runName": "y",
      link: "see bbbbbbbb",
    });
    expect(isSame(compareRuns(a, b, options))).toBe(true);
    const all = compareRuns(a, b, { all: true }).rows;
    expect(all.tags.map((row) => row.name)).toEqual(["link", "mlflow.runName", "mlflow.user"]);
    expect(all.run.map((row) => row.name)).toContain("id");
  });

  test("tells code by its commit where nobody recorded the code itself", () => {
    const commit = (text: string) => ({
      ...withTags("aaaaaaaa", { "mlflow.source.git.commit": text }),
      sources: new Map(),
    });
    expect(compareRuns(commit("1"), commit("2"), options).rows.code).toEqual([
      { name: "commit", a: "1", b: "2" },
    ]);
    const recorded = (text: string): RunContents => ({
      ...commit(text),
      sources: new Map([["a.mlpipe", { kind: "text", text: "mlpipe 1\n" }]]),
    });
    expect(isSame(compareRuns(recorded("1"), recorded("2"), options))).toBe(true);
  });

  test("takes no artifact for missing that could not be looked for", () => {
    const all: RunContents = {
      ...base,
      artifacts: new Map([
        ["deep/x", 1],
        ["y", 2],
      ]),
    };
    const few: RunContents = { ...base, artifacts: new Map([["deep/y", 1]]), unopened: ["deep"] };
    expect(compareRuns(all, few, options).rows.artifacts.map((row) => row.name)).toEqual(["y"]);
    const none: RunContents = { ...base, artifacts: undefined, trouble: "no right" };
    expect(compareRuns(all, none, options).rows.artifacts).toEqual([]);
  });
});

describe("a recorded plan", () => {
  test("of any form is read without a fall", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (plan) => {
        for (const facts of Object.values(factsOfPlan(plan))) expect(facts).toBeInstanceOf(Map);
        for (const facts of Object.values(
          factsOfPlan({
            actions: [plan, { kind: "step", inputs: [plan], env: plan, models: [plan] }],
          }),
        ))
          expect(facts).toBeInstanceOf(Map);
      }),
    );
  });

  test("is told by the names of its steps", () => {
    const facts = factsOfPlan({
      contract: { otherwise: "exact" },
      actions: [
        {
          kind: "step",
          name: "fit",
          timeoutMs: 5000,
          env: { TZ: "UTC" },
          unsetEnv: ["LC_ALL"],
          inputs: [
            { variable: "rows", from: { kind: "file", path: "wine.csv", format: "csv" } },
            {
              variable: "tree",
              from: { kind: "step", step: "grow", output: { kind: "model", path: "tree" } },
            },
          ],
          models: [{ key: "tree", packages: ["rpart", "MASS"] }],
          metrics: [{ key: "rmse", goal: "minimize" }],
        },
      ],
    });
    expect(
      Object.fromEntries(
        Object.entries(facts).map(([part, map]) => [part, Object.fromEntries(map)]),
      ),
    ).toEqual({
      inputs: { "fit.rows": "file wine.csv", "fit.tree": "step grow tree" },
      packages: { "fit.tree.rpart": "yes", "fit.tree.MASS": "yes" },
      environment: { "fit.TZ": "UTC", "fit.without.LC_ALL": "yes" },
      plan: {
        "reproducible.otherwise": "exact",
        "fit.timeoutMs": "5000",
        "fit.models.tree.key": "tree",
        "fit.metrics.rmse.key": "rmse",
        "fit.metrics.rmse.goal": "minimize",
      },
    });
  });
});
