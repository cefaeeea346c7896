/** Requests of a size at a limit: items of a batch, bytes of a body, ids of a search. */
import fc from "fast-check";
import { printBody, type Json, type Step } from "./step.ts";

const api = "/api/2.0/mlflow";

function times(count: number, make: (at: number) => Json): readonly Json[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

function post(call: string, body: Json): Step {
  return { verb: "POST", path: `${api}/${call}`, body };
}

function ofPages(call: string, body: Json): Step {
  return { verb: "POST", path: `/ajax-api/2.0/mlflow/${call}`, body };
}

const metric = (at: number): Json => ({ key: "loss", value: at, timestamp: 1, step: at });
const pair = (at: number): Json => ({ key: `k${at}`, value: "v" });

function batch(metrics: number, params: number, tags: number): Step {
  return post("runs/log-batch", {
    run_id: "{{run 0}}",
    metrics: times(metrics, metric),
    params: times(params, pair),
    tags: times(tags, pair),
  });
}

/** A batch whose body has exactly so many bytes. */
export function batchOfBytes(bytes: number): Step {
  const empty = { run_id: "{{a*32}}", tags: [], pad: "" };
  const base = printBody({ ...empty, run_id: "a".repeat(32) }).length;
  return post("runs/log-batch", { ...empty, pad: `{{a*${bytes - base}}}` });
}

const sizes: readonly Step[] = [
  batch(1000, 0, 0),
  batch(1001, 0, 0),
  batch(800, 100, 100),
  batch(801, 100, 100),
  batch(0, 100, 0),
  batch(0, 101, 0),
  batch(0, 0, 100),
  batch(0, 0, 101),
  batchOfBytes(1_000_000),
  batchOfBytes(1_000_001),
  ...[20, 21].map((count) =>
    ofPages("experiments/search-datasets", { experiment_ids: times(count, () => "0") }),
  ),
  ...[1000, 1001].map((count) =>
    post("runs/log-inputs", {
      run_id: "{{run 0}}",
      datasets: times(count, (at) => ({
        dataset: { name: `d${at}`, digest: "d", source_type: "local", source: "s" },
      })),
    }),
  ),
];

const pages: readonly (readonly [string, readonly number[]])[] = [
  ["experiments/search", [0, 1, 50_000, 50_001]],
  ["runs/search", [0, 1, 50_000, 50_001]],
  ["logged-models/search", [0, 50, 51, 100]],
  ["registered-models/search", [0, 100, 1000, 1001]],
  ["model-versions/search", [0, 10_000, 200_000, 200_001]],
  ["metrics/get-history", [0, -1, 25_000, 25_001]],
  ["metrics/get-history-bulk-interval", [0, 1, 2500, 2501]],
];
const searchedByGet = /registered|versions|history/;

function paged(call: string, size: number): Step {
  const more = {
    run_id: "{{run 0}}",
    run_ids: "{{run 0}}",
    metric_key: "loss",
    experiment_ids: "0",
  };
  if (searchedByGet.test(call))
    return {
      verb: "GET",
      path: `${api}/${call}`,
      query: [...Object.entries(more), ["max_results", String(size)]],
    };
  return post(call, { experiment_ids: ["0"], max_results: size });
}

function manyRuns(count: number): Step {
  const ids = times(count, (at) => `{{run ${at}}}`) as readonly string[];
  return {
    verb: "GET",
    path: `${api}/metrics/get-history-bulk-interval`,
    query: [
      ...ids.map((id) => ["run_ids", id] as const),
      ["metric_key", "loss"],
      ["max_results", "10"],
    ],
  };
}

const borderSteps: readonly Step[] = [
  ...sizes,
  ...pages.flatMap(([call, all]) => all.map((size) => paged(call, size))),
  manyRuns(100),
  manyRuns(101),
];

export const borderStep: fc.Arbitrary<Step> = fc.constantFrom(...borderSteps);
