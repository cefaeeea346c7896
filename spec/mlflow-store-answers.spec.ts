/** The same question to the embedded store and to the real MLflow on the same file. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { askPython, mlflowFolder } from "./support/mlflow.ts";
import { openIn, startRun, temporaryFolder } from "./support/store.ts";

const uri = "sqlite:///mlflow.db";
/** MLflow takes seconds to start, more on a busy machine. */
const slow = { timeout: 240_000 };

const filters = [
  "",
  "metrics.loss < 1",
  "metrics.loss != 0.5",
  "metrics.loss >= -1 and metrics.loss<=0.5",
  "metrics.`loss` > 1e3",
  'metric."loss" = .5',
  "metrics.loss > -2",
  "metrics.loss = 0",
  "metrics.loss = '0.5'",
  "metrics.loss LIKE 'x'",
  "metrics.loss",
  "loss < 1",
  "metrics.loss < 1 OR metrics.loss > 2",
  "params.model = 'tree'",
  'params.model = "tree"',
  "params.model != 'tree'",
  "params.model LIKE 'tr%'",
  "params.model LIKE 'TR%'",
  "params.model ILIKE 'TR%'",
  "param.model LIKE 'Forest__'",
  "params.`a b.c` = '2'",
  "parameters.model = tree",
  "params.model = 5",
  "params.model > 'a'",
  "params.model IN ('tree')",
  "params.model IS NULL",
  "params.model IS NOT NULL",
  "tags.mlflow.parentRunId = 'p1'",
  "tags.`mlflow.parentRunId` LIKE 'p_'",
  "tags.mlflow.parentRunId is null",
  "tag.mlflow.runName = 'run 1'",
  "attributes.run_name = 'run 1'",
  "run_name LIKE 'run %'",
  "attributes.`Run name` ILIKE 'RUN 2'",
  "run_name != 'run 1'",
  "`Run Name` = 'run 1'",
  "status = 'FINISHED'",
  "attributes.status != 'FINISHED'",
  "attr.user_id ILIKE 'B%'",
  "run.user_id = 'ada'",
  "start_time > 100",
  "attributes.start_time >= 101 AND end_time < 500",
  "created = 100",
  "attributes.end_time != 1",
  "start_time = '100'",
  "start_time LIKE '1%'",
  "attributes.run_id IN ('x', 'y')",
  "run_id NOT IN ('x')",
  "run_id IN ()",
  "run_id IN ('x',)",
  "status IN ('FINISHED')",
  "attributes.nonsense = 'x'",
  "nonsense.key = 'x'",
  "params.model == 'tree'",
  "params.model = 'tree",
  "(params.model = 'tree')",
  "NOT params.model = 'tree'",
  "params.model = 'tree'; params.model = 'tree'",
  "metrics.loss IS NULL",
  "params.model ='tree'and metrics.loss=0.5",
  "metrics.loss < 1.",
  "metrics.loss < 5e9",
  "metrics.loss < 5E-1",
  "1 < metrics.loss",
  "params.model = 'it''s'",
];
const orders = [
  [],
  ["metrics.loss"],
  ["metrics.loss DESC", "params.model ASC"],
  ["params.`a b.c` desc"],
  ["tags.mlflow.parentRunId DESC"],
  ["start_time ASC", "run_name"],
  ["attributes.end_time DESC"],
  ["status", "created desc"],
  ["loss"],
  ["metrics.loss sideways"],
  ["metrics.loss", "metrics.loss DESC"],
  ["user_id DESC"],
];

describe.skipIf(mlflowFolder === undefined)(
  "the same question to mlpipe and to MLflow",
  slow,
  () => {
    test("both accept the same keys", async () => {
      const folder = await temporaryFolder();
      const tracking = await openIn(folder);
      const runId = await startRun(tracking, "0");
      // Letters that Unicode got since Python 3.11 are Node's alone; a line end at the end slips through MLflow's check.
      const youngerPythons = fc
        .string({ unit: "binary", maxLength: 3 })
        .filter((text) => /^[ -\u2fff]*$/.test(text));
      const part = fc.oneof(
        fc.constantFrom(
          "a",
          "/",
          ".",
          "..",
          " ",
          ":",
          "-",
          "_",
          "é",
          "²",
          "ß",
          "中",
          "\u0301",
          "٣",
          "#",
          "%",
          "\\",
          "a".repeat(250),
        ),
        youngerPythons,
      );
      const keys = fc.sample(
        fc.array(part, { maxLength: 5 }).map((parts) => parts.join("")),
        { numRuns: 1500, seed: 7 },
      );
      const theirs = await askPython<boolean[]>(
        `
from mlflow.utils.validation import _validate_param
def accepts(key):
    try:
        _validate_param(key, "")
        return True
    except mlflow.MlflowException:
        return False
answer([accepts(key) for key in given])`,
        { trackingUri: uri, folder, given: keys },
      );
      const ours = await Promise.all(
        keys.map((key) =>
          tracking.call("runs/set-tag", { run_id: runId, key, value: "x" }).then(
            () => true,
            () => false,
          ),
        ),
      );
      const different = keys.filter((_, at) => ours[at] !== theirs[at]);
      expect(different).toEqual([]);
      expect(ours.filter(Boolean).length).toBeGreaterThan(100);
    });

    test("both find the same runs in the same order, or both refuse the search", async () => {
      const folder = await temporaryFolder();
      const tracking = await openIn(folder);
      for (const [at, loss] of [0.5, -1, Number.NaN, 3e10, undefined, 0.5].entries()) {
        const runId = await startRun(tracking, "0", {
          run_name: `run ${at % 4}`,
          start_time: 100 + (at % 3),
          user_id: at % 2 === 0 ? "ada" : "Bob",
        });
        await tracking.call("runs/log-batch", {
          run_id: runId,
          params:
            at === 1
              ? []
              : [
                  { key: "model", value: at % 2 === 0 ? "tree" : "Forest_1" },
                  { key: "a b.c", value: String(at) },
                ],
          metrics: loss === undefined ? [] : [{ key: "loss", value: loss, timestamp: at, step: 0 }],
          tags:
            at < 3
              ? [
                  { key: "mlflow.parentRunId", value: `p${at}` },
                  { key: "it's", value: "x" },
                ].slice(0, 1)
              : [],
        });
        if (at % 2 === 1)
          await tracking.call("runs/update", {
            run_id: runId,
            status: "FINISHED",
            end_time: 500 - at,
          });
      }
      const searches = [
        ...filters.map((filter) => ({ filter, order: [] as string[] })),
        ...orders.map((order) => ({ filter: "", order })),
      ];
      const theirs = await askPython<unknown[]>(
        `
def search(filter, order):
    try:
        return [r.info.run_id for r in client.search_runs(["0"], filter, order_by=order)]
    except Exception:
        return "refused"
answer([search(s["filter"], s["order"]) for s in given])`,
        { trackingUri: uri, folder, given: searches },
      );
      const ours = await Promise.all(
        searches.map(({ filter, order }) =>
          tracking.call("runs/search", { experiment_ids: ["0"], filter, order_by: order }).then(
            ({ runs = [] }) => runs.map(({ info }) => info.run_id),
            () => "refused",
          ),
        ),
      );
      const different = searches
        .map((search, at) => ({ ...search, ours: ours[at], theirs: theirs[at] }))
        .filter((s) => JSON.stringify(s.ours) !== JSON.stringify(s.theirs));
      expect(different).toEqual([]);
    });
  },
);
