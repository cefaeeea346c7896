/** MLflow's search language in the embedded store; that both agree is told in mlflow-store.spec.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResponseOf } from "../src/tracking/endpoints.ts";
import { readFilter, readOrder } from "../src/tracking/store/search/filter.ts";
import { runLanguage } from "../src/tracking/store/search/language.ts";
import {
  failureOf,
  openIn,
  refusal,
  startRun,
  storeWithRun,
  temporaryFolder,
} from "./support/store.ts";

describe("a filter", () => {
  const keyText = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((text) => !text.includes("`"));
  const entity = fc.constantFrom("metric", "param", "tag", "attribute");
  const text = fc.string({ maxLength: 8 }).filter((value) => !/['\\]/.test(value));
  const operator = fc.constantFrom("=", "!=", ">", ">=", "<", "<=", "LIKE", "ILIKE");
  const clause = fc.oneof(
    fc.record({
      entity,
      key: keyText,
      operator,
      value: fc.oneof(
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      ),
    }),
    fc.record({
      entity,
      key: keyText,
      operator: fc.constantFrom("IN", "NOT IN"),
      values: fc.array(text, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ entity, key: keyText, operator: fc.constantFrom("IS NULL", "IS NOT NULL") }),
  );

  function quote(value: unknown): string {
    return typeof value === "string" ? `'${value}'` : JSON.stringify(value);
  }

  function write(part: Record<string, unknown>): string {
    const { values, value } = part;
    const list = Array.isArray(values) ? `(${values.map(quote).join(" , ")})` : "";
    const right = value === undefined ? list : quote(value);
    return `${String(part["entity"])}s.\`${String(part["key"])}\`  ${String(part["operator"])} ${right}`;
  }

  test("that is written out is read as what it was", () => {
    fc.assert(
      fc.property(fc.array(clause, { minLength: 1, maxLength: 4 }), (clauses) => {
        expect(readFilter(clauses.map(write).join(" AND "), runLanguage)).toEqual(clauses);
      }),
    );
  });

  test("of any text is read or refused, never anything else", () => {
    const word = fc.constantFrom(
      "metrics.a",
      "params.`b`",
      "AND",
      "=",
      "<",
      "LIKE",
      "IN",
      "(",
      ")",
      ",",
      "'x'",
      '"y"',
      "1e3",
      "IS NULL",
      "`",
      "'",
      ";",
      " ",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (filter) => {
          try {
            readFilter(filter, runLanguage);
          } catch (cause) {
            expect(cause).toMatchObject({ code: "INVALID_PARAMETER_VALUE" });
          }
        },
      ),
    );
  });

  test.each([
    ["AND", "at its end: a name like metrics.loss expected"],
    [
      "params.model = 'tree' OR params.b = 'y'",
      "at \"params.b = 'y'\": a comparison like = or < expected",
    ],
    ["params.a = x", 'at "x": a number, or a text in quotes, expected'],
    ["params.a IN 'x'", "at \"'x'\": ( and texts in quotes expected"],
    ["params.a IN ('x' 'y')", "at \"'y')\": , or ) expected"],
  ])("%s is refused, with the place where it goes wrong", async (filter, message) => {
    const { tracking } = await storeWithRun();
    expect(await refusal(tracking, "runs/search", { experiment_ids: ["0"], filter })).toBe(
      `INVALID_PARAMETER_VALUE: the search ${JSON.stringify(filter)} is not understood ${message}`,
    );
  });

  test.each([
    ["metrics.loss = '1'", 'metrics.loss is compared with the text "1"'],
    ["params.cp = 0.1", "params.cp is compared with 0.1, but is kept as text"],
    ["params.cp > 'a'", "params.cp cannot be compared with >"],
    ["metrics.loss IN ('a')", "metrics.loss cannot be compared with IN"],
    ["attributes.colour = 'red'", 'there is no attribute "colour" to search by'],
    ["data.name = 'x'", "the search \"data.name = 'x'\" asks for data"],
    ["dataset.colour = 'x'", 'data sets have no "colour" to search by'],
    ["attributes.run_name IS NULL", "attributes.run_name cannot be compared with IS NULL"],
  ])("%s is refused, and says why", async (filter, message) => {
    const { tracking } = await storeWithRun();
    expect(await refusal(tracking, "runs/search", { experiment_ids: ["0"], filter })).toBe(
      `INVALID_PARAMETER_VALUE: ${message}`,
    );
  });
});

test("order_by reads a name and a direction, ascending if it has none", () => {
  expect(readOrder(["metrics.`a b` DESC", "start_time", 'tags."x.y" asc'], runLanguage)).toEqual([
    { entity: "metric", key: "a b", descending: true },
    { entity: "attribute", key: "start_time", descending: false },
    { entity: "tag", key: "x.y", descending: false },
  ]);
});

test("a search for runs stays within its experiments and its view", async () => {
  const { tracking, experimentId, runId } = await storeWithRun();
  const other = await startRun(tracking, "0");
  const ids = async (experiment_ids: readonly string[]): Promise<readonly string[]> =>
    ((await tracking.call("runs/search", { experiment_ids })).runs ?? []).map(
      ({ info }) => info.run_id,
    );
  expect(await ids([experimentId])).toEqual([runId]);
  expect(await ids(["0", experimentId])).toEqual([runId, other].toSorted());
  expect(await ids([])).toEqual([]);
  expect(
    await tracking.call("runs/search", { experiment_ids: ["0"], run_view_type: "DELETED_ONLY" }),
  ).toEqual({});
});

test("pages of a search follow each other without gap or repetition, whatever their size", async () => {
  const tracking = await openIn(await temporaryFolder());
  const runs = await Promise.all(
    Array.from({ length: 23 }, (_, at) => startRun(tracking, "0", { start_time: at % 5 })),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (max_results) => {
      const found: string[] = [];
      let page_token: string | undefined = "";
      while (page_token !== undefined) {
        const page: ResponseOf<"runs/search"> = await tracking.call("runs/search", {
          experiment_ids: ["0"],
          max_results,
          page_token,
        });
        expect(page.runs?.length).toBeGreaterThan(0);
        found.push(...(page.runs ?? []).map(({ info }) => info.run_id));
        page_token = page.next_page_token;
      }
      expect(found.toSorted()).toEqual(runs.toSorted());
    }),
    { numRuns: 15 },
  );
});

test.each([0, -1, 1.5, 50_001])("a page of %d runs is refused", async (max_results) => {
  const { tracking } = await storeWithRun();
  expect(
    await failureOf(tracking.call("runs/search", { experiment_ids: ["0"], max_results })),
  ).toMatchObject({
    code: "INVALID_PARAMETER_VALUE",
    fix: "use a whole number from 1 to 50000",
  });
});

test("a value of a search is never taken for SQL", async () => {
  const { tracking } = await storeWithRun();
  for (const filter of [
    "params.`x') OR 1=1 --` = 'y'",
    "params.x = '\") OR 1=1 --'",
    'run_id IN ("a\'] OR 1")',
  ]) {
    expect(await tracking.call("runs/search", { experiment_ids: ["0"], filter })).toEqual({});
  }
});
