/** Runs as a project has them after a while, logged to any tracker, and what the commands print of them made the same everywhere. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { RequestOf } from "../../src/tracking/endpoints.ts";
import type { RunStatus } from "../../src/tracking/entities.ts";
import { splitBatch } from "../../src/tracking/batch.ts";
import type { Tracking } from "../../src/tracking/tracking.ts";
import { type Ended, type Folder, mlpipe } from "./mlpipe.ts";

/** What is logged of one run. */
export interface LoggedRun {
  readonly name: string;
  /** Seconds after the first run began. */
  readonly second: number;
  readonly status?: RunStatus;
  readonly params?: Readonly<Record<string, string>>;
  /** Values of steps 0, 1, …; one value is no history. */
  readonly metrics?: Readonly<Record<string, readonly number[]>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly parent?: string;
}

const firstStart = Date.UTC(2025, 2, 4, 9, 0, 0);

function pairs(
  record: Readonly<Record<string, string>> = {},
): readonly { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** Logs the runs, each of which takes three seconds; answers their ids by their names. */
export async function logRuns(
  tracking: Tracking,
  folder: Folder,
  experiment: string,
  runs: readonly LoggedRun[],
): Promise<ReadonlyMap<string, string>> {
  const { experiment_id } = await tracking.call("experiments/create", { name: experiment });
  const ids = new Map<string, string>();
  for (const run of runs)
    ids.set(run.name, await logRun(tracking, folder, experiment_id, run, ids));
  return ids;
}

async function logRun(
  tracking: Tracking,
  folder: Folder,
  experiment_id: string,
  {
    name,
    second,
    status = "FINISHED",
    params,
    metrics = {},
    tags = {},
    files = {},
    parent,
  }: LoggedRun,
  ids: ReadonlyMap<string, string>,
): Promise<string> {
  const start_time = firstStart + second * 1000;
  const parentTag = parent === undefined ? {} : { "mlflow.parentRunId": ids.get(parent) ?? "" };
  const created = await tracking.call("runs/create", {
    experiment_id,
    run_name: name,
    user_id: "ada",
    start_time,
    tags: pairs({ "mlflow.user": "ada", ...parentTag, ...tags }),
  });
  const { run_id } = created.run.info;
  const points = Object.entries(metrics).flatMap(([key, values]) =>
    values.map((value, step) => ({ key, value, step, timestamp: start_time + step })),
  );
  const batch: RequestOf<"runs/log-batch"> = { run_id, params: pairs(params), metrics: points };
  for (const part of splitBatch(batch)) await tracking.call("runs/log-batch", part);
  for (const [file, text] of Object.entries(files)) {
    const local = path.join(folder.path, "to-upload");
    writeFileSync(local, text);
    await tracking.upload(run_id, local, file);
  }
  if (status !== "RUNNING")
    await tracking.call("runs/update", { run_id, status, end_time: start_time + 3000 });
  return run_id;
}

const fall = (steps: number, speed: number): readonly number[] =>
  Array.from({ length: steps }, (_, step) => Math.exp((-step / steps) * speed));

const source = (cp: string): string => `mlpipe 1

run tree {
  param cp: float = ${cp} in 0..1

  metric accuracy maximize in 0..1

  \`\`\`r
  accuracy <- 0.9
  \`\`\`
}
`;

/** As \`mlpipe run\` records it, in short. */
const plan = (zone: string): string =>
  JSON.stringify({
    kind: "run",
    actions: [
      {
        kind: "step",
        name: "tree",
        env: { TZ: zone },
        inputs: [{ variable: "rows", from: { kind: "file", path: "wine.csv", format: "csv" } }],
        models: [{ key: "tree", packages: ["rpart"] }],
      },
    ],
  });

/** A sweep, a failure, two versions of one pipeline, and one that is running. */
export const wineRuns: readonly LoggedRun[] = [
  {
    name: "tree v1",
    second: 0,
    params: { cp: "0.05", data: "wine" },
    metrics: { accuracy: [0.9] },
    tags: { "mlpipe.run": "tree", "mlpipe.seed": "1", omschrijving: "baseline" },
    files: {
      "mlpipe/source/tree.mlpipe": source("0.05"),
      "mlpipe/plan.json": plan("UTC"),
      "notes.txt": "short",
    },
  },
  {
    name: "tree v2",
    second: 10,
    params: { cp: "0.01", data: "wine" },
    metrics: { accuracy: [0.945] },
    tags: { "mlpipe.run": "tree", "mlpipe.seed": "2", omschrijving: "tuned" },
    files: {
      "mlpipe/source/tree.mlpipe": source("0.01"),
      "mlpipe/plan.json": plan("Europe/Amsterdam"),
      "notes.txt": "somewhat longer",
      "plots/roc.csv": "x,y\n0,0\n1,1\n",
    },
  },
  {
    name: "grid",
    second: 20,
    tags: { "mlflow.note.content": "A sweep over the depth.\nThree trials." },
  },
  ...[2, 3, 5].map((depth, at): LoggedRun => ({
    name: `grid/0${at + 1}`,
    second: 21 + at,
    parent: "grid",
    params: { cp: "0.05", data: "wine", maxdepth: String(depth) },
    metrics: {
      accuracy: [0.9 + depth / 100],
      loss: fall(60, depth).map((loss, step) =>
        depth === 5 && step >= 20 && step < 24 ? NaN : loss,
      ),
    },
  })),
  {
    name: "broken",
    second: 40,
    status: "FAILED",
    params: { maxdepth: "seven" },
    tags: {
      "mlpipe.error": "tree.mlpipe:9:3: R0810 object 'wine' not found",
      "mlflow.source.name": "tree.mlpipe",
      "mlflow.source.git.commit": "1f2e3d4c5b6a79880011223344556677f8e9dacb",
      "mlflow.source.git.branch": "main",
      "mlflow.source.git.dirty": "true",
    },
  },
  { name: "still running", second: 50, status: "RUNNING", metrics: { loss: [1e-9] } },
];

/** Runs mlpipe where times are UTC; ids are told by names of the same length. */
export async function ask(
  words: readonly string[],
  {
    folder,
    uri,
    ids,
  }: { readonly folder: Folder; readonly uri: string; readonly ids: ReadonlyMap<string, string> },
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const all = { TZ: "UTC", LC_ALL: "C.UTF-8", MLFLOW_TRACKING_URI: uri, ...env };
  const ended = await mlpipe(words, { cwd: folder.path, env: all });
  const tidy = (text: string): string =>
    [...ids].reduce((rest, [name, id]) => rest.replaceAll(id, idOf(name)), text);
  return { ...ended, stdout: tidy(ended.stdout), stderr: tidy(ended.stderr) };
}

/** What stands for the id of a run. */
export function idOf(name: string): string {
  return name.replaceAll(/\W/g, "-").padEnd(32, "-");
}
