/** What an ejected run needs of mlpipe: the calls of MLflow over REST, csv, and a model that is a function and its state. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Calls MLflow where MLFLOW_TRACKING_URI names a server; elsewhere says what it would log. */
async function track(endpoint, body) {
  const server = process.env.MLFLOW_TRACKING_URI ?? "";
  if (!server.startsWith("http")) {
    console.log(endpoint, JSON.stringify(body));
    return undefined;
  }
  const response = await fetch(`${server.replace(/\/$/, "")}/api/2.0/mlflow/${endpoint}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${endpoint}: ${await response.text()}`);
  return response.json();
}

/** The run that MLflow has started, or a new one. */
export async function startRun(experiment, name) {
  const pairs = (values) =>
    Object.entries(values ?? {}).map(([key, value]) => ({ key, value: String(value) }));
  let id = process.env.MLFLOW_RUN_ID;
  const adopted = id !== undefined;
  if (!adopted) {
    const known = await track("experiments/search", {
      max_results: 1,
      filter: `name = '${experiment}'`,
    });
    const found =
      known?.experiments?.[0] ?? (await track("experiments/create", { name: experiment }));
    const made = await track("runs/create", {
      experiment_id: found?.experiment_id,
      run_name: name,
      start_time: Date.now(),
    });
    id = made?.run.info.run_id;
  }
  const seen = {};
  return {
    seen,
    log: ({ params, tags }) =>
      track("runs/log-batch", {
        run_id: id,
        params: adopted ? [] : pairs(params),
        tags: pairs(tags),
      }),
    metric: (key, value, step = 0) => {
      seen[key] = value;
      return track("runs/log-metric", { run_id: id, key, value, step, timestamp: Date.now() });
    },
    expect: (text, holds) => {
      if (!holds) throw new Error(`expected ${text}`);
    },
    end: (status) => track("runs/update", { run_id: id, status, end_time: Date.now() }),
  };
}

export const crate = (predictor, state) => ({
  predict: (rows) => predictor(state, rows),
  source: String(predictor),
  state,
});
const csvCell = (value) =>
  /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
export const toCsv = (rows) =>
  [Object.keys(rows[0] ?? {}), ...rows.map(Object.values)]
    .map((cells) => `${cells.map(csvCell).join(",")}\n`)
    .join("");
export const fromCsv = (text) => {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)];
  const lines = [[]];
  for (const [, quoted, bare, end] of cells) {
    lines.at(-1).push(quoted?.replaceAll('""', '"') ?? bare);
    if (end !== ",") lines.push([]);
  }
  const [names, ...rows] = lines.filter((line) => line.length === lines[0].length);
  const typed = (value) => (value !== "" && !Number.isNaN(Number(value)) ? Number(value) : value);
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, typed(row[i])])));
};
export const write = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
