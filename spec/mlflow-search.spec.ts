/** The same searches to mlpipe's server and to MLflow's, over one and the same store. */
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Tracking } from "../src/tracking/tracking.ts";
import { mlflowFolder, startMlflow } from "./support/mlflow.ts";
import { experimentFilters, experimentOrders, runFilters, runOrders } from "./support/searches.ts";
import { ask, startServer } from "./support/server.ts";
import { openIn, startRun, temporaryFolder } from "./support/store.ts";

/** Where the two mean to differ, and why. */
const meant: readonly { readonly searches: readonly string[]; readonly why: string }[] = [
  {
    searches: ["metrics.loss > +2", "metrics.loss = 1.e-7"],
    why: "MLflow refuses some ways to write a number; R writes 1e+05, so mlpipe takes them all",
  },
  {
    searches: ["params.from = 'x'", "metrics.2 > 0"],
    why: "MLflow refuses words of SQL and numbers as keys; to mlpipe they are keys like others",
  },
  {
    searches: ["metrics. loss < 1", "params. = 'x'"],
    why: "MLflow looks for a key that cannot be; mlpipe says where the search goes wrong",
  },
  {
    searches: ["run_id IN ('x' 'y')"],
    why: "MLflow joins the two to one text, as Python does; mlpipe asks for the comma",
  },
  {
    searches: ["run_id IN (x)"],
    why: "MLflow fails with 500, after which clients try again; mlpipe answers 400",
  },
  {
    searches: [
      "order metrics.loss, metrics.loss DESC",
      "order attribute.start_time, attributes.created",
      "order Created, start_time",
    ],
    why: "MLflow fails with 500 where a field is named twice; mlpipe answers 400",
  },
  { searches: ["order   metrics.loss  "], why: "mlpipe passes over spaces around an order" },
];
const meantSearches = new Set(meant.flatMap(({ searches }) => searches));

interface Question {
  readonly name: string;
  readonly path: "runs/search" | "experiments/search";
  readonly body: object;
}

function questions(): readonly Question[] {
  const runs = { experiment_ids: ["0"] };
  const experiments = { max_results: 100 };
  const toRuns = (name: string, body: object): Question => ({ name, path: "runs/search", body });
  const toExperiments = (name: string, body: object): Question => ({
    name: `experiments ${name}`,
    path: "experiments/search",
    body,
  });
  const pages = [0, -1, 1, 3, 50_000, 50_001].map((max_results) => ({ max_results }));
  const tokens = ["", "x", '{"offset":2}', '{"offset":200}', "{}"].map((text) => ({
    page_token: text === "x" ? text : Buffer.from(text).toString("base64"),
  }));
  const scopes = [["0", "1"], [], ["1", "1"], ["99"], ["abc"], ["1 "], ["-1"]];
  return [
    ...runFilters.map((filter) =>
      toRuns(filter, { ...runs, filter, order_by: ["params.`a b.c`", "metrics.`a/b`"] }),
    ),
    ...runOrders.map((order_by) => toRuns(`order ${order_by.join(", ")}`, { ...runs, order_by })),
    ...experimentFilters.map((filter) => toExperiments(filter, { ...experiments, filter })),
    ...experimentOrders.map((order_by) =>
      toExperiments(`order ${order_by.join(", ")}`, { ...experiments, order_by }),
    ),
    ...[...pages, ...tokens].flatMap((page) => [
      toRuns(JSON.stringify(page), { ...runs, ...page }),
      toExperiments(JSON.stringify(page), { ...experiments, ...page }),
    ]),
    ...scopes.map((experiment_ids) => toRuns(`in ${experiment_ids.join()}`, { experiment_ids })),
    ...["ACTIVE_ONLY", "DELETED_ONLY", "ALL"].flatMap((view) => [
      toRuns(view, { ...runs, run_view_type: view }),
      toExperiments(view, { ...experiments, view_type: view }),
    ]),
  ];
}

async function fill(tracking: Tracking): Promise<void> {
  const { experiment_id } = await tracking.call("experiments/create", {
    name: "Iris",
    tags: [
      { key: "team", value: "red" },
      { key: "a b", value: "1" },
    ],
  });
  await tracking.call("experiments/create", {
    name: "iris 2",
    tags: [{ key: "team", value: "Blue" }],
  });
  await tracking.call("experiments/create", { name: "it's 100%" });
  const gone = await tracking.call("experiments/create", { name: "gone" });
  await tracking.call("experiments/delete", gone);
  const losses = [0.5, -1, Number.NaN, 3e10, undefined, 0.5, 0, 1e-7];
  for (const [at, loss] of losses.entries())
    await addRun(tracking, at === 7 ? experiment_id : "0", at, loss);
}

async function addRun(
  tracking: Tracking,
  experimentId: string,
  at: number,
  loss: number | undefined,
): Promise<void> {
  const run_id = await startRun(tracking, experimentId, {
    run_name: `run ${at % 4}`,
    start_time: 100 + (at % 3),
    user_id: at % 2 === 0 ? "ada" : "Bob",
  });
  const pair = (key: string, value: string): { key: string; value: string } => ({ key, value });
  const point = (key: string, value: number): object => ({ key, value, timestamp: at, step: 0 });
  const keys = ["loss", "val.loss"].map((key) => point(key, loss ?? 0));
  await tracking.call("runs/log-batch", {
    run_id,
    params: [
      pair("model", at % 2 === 0 ? "tree" : "Forest_1"),
      pair("a b.c", String(at)),
      pair("lr-rate", "0.1"),
      pair("order", "it's"),
      pair("x", 'say "hi"'),
      pair("empty", ""),
      pair("pct", "50%"),
    ].slice(at === 1 ? 7 : 0),
    metrics: (loss === undefined
      ? []
      : [...keys, point("a/b", at), point("1st", at), point("m m", at)]) as [],
    tags: at < 3 ? [pair("mlflow.parentRunId", `p${at}`), pair("Ünï", "É")] : [],
  });
  if (at % 2 === 1)
    await tracking.call("runs/update", { run_id, status: "FINISHED", end_time: 500 - at });
  const used = [
    [`data${at % 2}`, at === 0 ? "train" : "Test"],
    ...(at === 0 ? [["data9", "eval"]] : []),
  ];
  for (const [name = "", context = ""] of at < 4 ? used : [])
    await tracking.call("runs/log-inputs", {
      run_id,
      datasets: [
        {
          tags: at < 2 ? [{ key: "mlflow.data.context", value: context }] : [],
          dataset: { name, digest: `d${at}`, source_type: "local", source: "x" },
        },
      ],
    });
}

interface Found {
  readonly status: number;
  readonly code: unknown;
  readonly ids: readonly unknown[];
  readonly more: boolean;
}

async function search(url: string, { path, body }: Question): Promise<Found> {
  const { status, json } = await ask(`${url}/api/2.0/mlflow/${path}`, { body });
  const answer = (json ?? {}) as {
    error_code?: string;
    runs?: { info: { run_id: string } }[];
    experiments?: { experiment_id: string }[];
    next_page_token?: string;
  };
  return {
    status,
    code: answer.error_code,
    ids: [
      ...(answer.runs ?? []).map(({ info }) => info.run_id),
      ...(answer.experiments ?? []).map((experiment) => experiment.experiment_id),
    ],
    more: answer.next_page_token !== undefined,
  };
}

describe.skipIf(mlflowFolder === undefined)("a search", { timeout: 240_000 }, () => {
  test("finds the same in the same order in both, or is refused by both with one status and code, but where they mean to differ", async () => {
    const folder = await temporaryFolder();
    const tracking = await openIn(folder);
    await fill(tracking);
    await tracking.close();
    await mkdir(join(folder, "theirs"));
    await copyFile(join(folder, "mlflow.db"), join(folder, "theirs/mlflow.db"));
    const theirs = await startMlflow(join(folder, "theirs"), [
      "--backend-store-uri",
      "sqlite:///mlflow.db",
    ]);
    onTestFinished(theirs.stop);
    const ours = await startServer({ tracking: await openIn(folder) });
    const answers: { name: string; theirs: Found; ours: Found }[] = [];
    for (const question of questions()) {
      const [a, b] = [await search(theirs.uri, question), await search(ours.url, question)];
      answers.push({ name: question.name, theirs: a, ours: b });
    }
    const different = answers.filter((each) => !isDeepStrictEqual(each.theirs, each.ours));
    expect(different.filter(({ name }) => !meantSearches.has(name))).toEqual([]);
    expect(new Set(different.map(({ name }) => name))).toEqual(meantSearches);
    expect(answers.length).toBeGreaterThan(400);
    const statuses = answers.map((answer) => answer.ours.status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(200);
    expect(statuses.filter((status) => status === 400).length).toBeGreaterThan(150);
  });
});
