/** Our tracking server beside MLflow's, each on SQLite, in one run on one machine. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mlflowFolder } from "../spec/support/mlflow.ts";
import type { Figure } from "./figure.ts";
import { median } from "./measure.ts";
import { ask, load, quantile } from "./server-load.ts";
import { fillStore } from "./server-store.ts";
import {
  type Peer,
  startMlflowServer,
  startNoopServer,
  startOurServer,
  storeBytes,
} from "./server-peers.ts";

const api = "/api/2.0/mlflow";
/** How long each load lasts. */
const milliseconds = Number(process.env["BENCH_SERVER_MS"] ?? 4000);

interface Pair {
  readonly ours: Peer;
  readonly theirs: Peer;
}

/** Everything that is claimed of the server; needs MLflow. */
export async function* measureServer(): AsyncGenerator<Figure> {
  if (mlflowFolder === undefined) {
    console.log("no MLflow here: the server's figures are not measured");
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), "mlpipe-bench-server-"));
  try {
    yield* measureStart(folder);
    yield* measureWrites(folder);
    yield* measureReads(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withPair<T>(
  ours: string,
  theirs: string,
  work: (pair: Pair) => Promise<T>,
): Promise<T> {
  const our = await startOurServer(ours);
  try {
    const their = await startMlflowServer(theirs);
    try {
      return await work({ ours: our, theirs: their });
    } finally {
      await their.stop();
    }
  } finally {
    await our.stop();
  }
}

function made(folder: string, name: string): string {
  const made = path.join(folder, name);
  mkdirSync(made, { recursive: true });
  return made;
}

async function* measureStart(folder: string): AsyncGenerator<Figure> {
  const ours = made(folder, "start-ours");
  const theirs = made(folder, "start-theirs");
  const starts: { ours: number; theirs: number }[] = [];
  let idle = { ours: 0, theirs: 0 };
  for (let round = 0; round < 4; round++) {
    await withPair(ours, theirs, async (pair) => {
      // The first round makes the stores.
      if (round > 0) starts.push({ ours: pair.ours.startMs, theirs: pair.theirs.startMs });
      idle = { ours: pair.ours.memory(), theirs: pair.theirs.memory() };
    });
  }
  const [a, b] = [median(starts.map((s) => s.ours)), median(starts.map((s) => s.theirs))];
  yield times("start to the first answer", b, a, "ms", ">= 20x faster");
  yield share("resident memory, idle", idle.ours, idle.theirs);
}

async function* measureWrites(folder: string): AsyncGenerator<Figure> {
  const [ours, theirs] = [made(folder, "write-ours"), made(folder, "write-theirs")];
  const figures = await withPair(ours, theirs, async (pair) => {
    const found: Figure[] = [];
    for (const connections of [1, 16]) {
      const [a, b] = [
        await logMetrics(pair.ours, connections),
        await logMetrics(pair.theirs, connections),
      ];
      const aim = connections === 16 ? ">= 10x" : "";
      found.push(rate(`log-metric, ${connections} connections`, a.perSecond, b.perSecond, aim));
    }
    const before = { ours: storeBytes(ours), theirs: storeBytes(theirs) };
    const [a, b] = [await logBatches(pair.ours), await logBatches(pair.theirs)];
    found.push(rate("metrics/s by log-batch of 100, 4 connections", a.rate, b.rate, ">= 20x"));
    found.push(share("resident memory, loaded", pair.ours.memory(), pair.theirs.memory()));
    const bytes = [
      (storeBytes(ours) - before.ours) / a.points,
      (storeBytes(theirs) - before.theirs) / b.points,
    ];
    found.push({
      what: "bytes on disk for each metric point",
      figure: bytes.map((each) => each.toFixed(0)).join(" / "),
      aim: "",
    });
    return found;
  });
  yield* figures;
  yield* measureLimits(folder);
}

async function startRun(peer: Peer): Promise<string> {
  const { run } = await ask<{ run: { info: { run_id: string } } }>(peer.url, {
    method: "POST",
    path: `${api}/runs/create`,
    body: { experiment_id: "0", start_time: 1 },
  });
  return run.info.run_id;
}

async function logMetrics(
  peer: Peer,
  connections: number,
): Promise<{ readonly perSecond: number }> {
  const run_id = await startRun(peer);
  return load(peer.url, connections, milliseconds, (step) => ({
    method: "POST",
    path: `${api}/runs/log-metric`,
    body: {
      run_id,
      key: `m${step % 8}`,
      value: step / 3,
      timestamp: 1_700_000_000_000 + step,
      step,
    },
  }));
}

async function logBatches(peer: Peer): Promise<{ readonly rate: number; readonly points: number }> {
  const runs = await Promise.all(Array.from({ length: 4 }, () => startRun(peer)));
  let sent = 0;
  const { perSecond } = await load(peer.url, 4, milliseconds, (index) => {
    sent++;
    const metrics = Array.from({ length: 100 }, (_, at) => {
      const step = index * 100 + at;
      return { key: `m${at % 8}`, value: step / 3, timestamp: 1_700_000_000_000 + step, step };
    });
    return {
      method: "POST",
      path: `${api}/runs/log-batch`,
      body: { run_id: runs[index % 4], metrics },
    };
  });
  return { rate: perSecond * 100, points: sent * 100 };
}

/** What no server on this machine could pass: no database at all, and SQLite without a server. */
async function* measureLimits(folder: string): AsyncGenerator<Figure> {
  const noop = await startNoopServer(folder);
  const { perSecond } = await load(noop.url, 16, milliseconds, () => ({
    method: "POST",
    path: "/",
    body: {
      run_id: "0".repeat(32),
      key: "m0",
      value: 1 / 3,
      timestamp: 1_700_000_000_000,
      step: 1,
    },
  }));
  await noop.stop();
  yield {
    what: "limit: a handler without a database, 16 connections",
    figure: `${perSecond.toFixed(0)}/s`,
    aim: "",
  };
  const each = rawInserts(path.join(made(folder, "raw"), "raw.db"));
  yield {
    what: "limit: SQLite alone, one durable insert at a time",
    figure: `${each.toFixed(0)}/s`,
    aim: "",
  };
}

function rawInserts(file: string): number {
  const database = new DatabaseSync(file);
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE m (k TEXT, v REAL, t INT, r TEXT, s INT, n INT, PRIMARY KEY (k, t, s, r, v, n))",
  );
  const insert = database.prepare("INSERT INTO m VALUES ('m0', ?, ?, ?, ?, 0)");
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < milliseconds / 4) {
    insert.run(count / 3, 1_700_000_000_000 + count, "0".repeat(32), count);
    count++;
  }
  const rate = (count * 1000) / (performance.now() - began);
  database.close();
  return rate;
}

const searches: Readonly<Record<string, unknown>> = {
  "search by metric": {
    experiment_ids: ["0"],
    filter: "metrics.m1 > 0.5",
    order_by: ["metrics.m1 DESC"],
    max_results: 100,
  },
  "search by tag": { experiment_ids: ["0"], filter: "tags.team = 'b'", max_results: 100 },
};

async function* measureReads(folder: string): AsyncGenerator<Figure> {
  const ours = made(folder, "read-ours");
  const theirs = made(folder, "read-theirs");
  const large = made(folder, "read-large");
  const long = await fillStore(ours, 10_000);
  cpSync(ours, theirs, { recursive: true });
  await fillStore(large, 100_000);
  const small = new Map<string, number>();
  const figures = await withPair(ours, theirs, async (pair) => {
    const found: Figure[] = [];
    for (const [what, body] of Object.entries(searches)) {
      const [a, b] = [await search(pair.ours, body, 100), await search(pair.theirs, body, 20)];
      small.set(what, a);
      found.push(times(`${what}, 10,000 runs, p95`, b, a, "ms", ">= 10x faster"));
    }
    const [a, b] = [await history(pair.ours, long), await history(pair.theirs, long)];
    found.push(times("history of 50,000 points", b, a, "ms", ">= 1x faster"));
    return found;
  });
  yield* figures;
  const peer = await startOurServer(large);
  try {
    for (const [what, body] of Object.entries(searches)) {
      const [a, b] = [await search(peer, body, 100), small.get(what) ?? Number.NaN];
      const figure = `${(a / b).toFixed(1)}x (${a.toFixed(1)} / ${b.toFixed(1)} ms)`;
      yield { what: `${what}, 100,000 / 10,000 runs, p95`, figure, aim: "<= 5x" };
    }
  } finally {
    await peer.stop();
  }
}

async function search(peer: Peer, body: unknown, count: number): Promise<number> {
  const took: number[] = [];
  for (let index = 0; index < count; index++) {
    const began = performance.now();
    const answer = await ask<{ runs?: unknown[] }>(peer.url, {
      method: "POST",
      path: `${api}/runs/search`,
      body,
    });
    if (answer.runs?.length !== 100) throw new Error("the search did not find 100 runs");
    took.push(performance.now() - began);
  }
  return quantile(took.slice(1), 0.95);
}

async function history(peer: Peer, run: string): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < 6; round++) {
    const began = performance.now();
    const { metrics } = await ask<{ metrics: unknown[] }>(peer.url, {
      method: "GET",
      path: `${api}/metrics/get-history?run_id=${run}&metric_key=long`,
    });
    if (metrics.length !== 50_000) throw new Error(`${metrics.length} points came`);
    took.push(performance.now() - began);
  }
  return median(took.slice(1));
}

function rate(what: string, ours: number, theirs: number, aim: string): Figure {
  return {
    what,
    figure: `${(ours / theirs).toFixed(1)}x (${ours.toFixed(0)} / ${theirs.toFixed(0)} per s)`,
    aim,
  };
}

/** How many times faster: `slow` is MLflow's time. */
function times(what: string, slow: number, fast: number, unit: string, aim: string): Figure {
  return {
    what,
    figure: `${(slow / fast).toFixed(1)}x (${fast.toFixed(1)} / ${slow.toFixed(1)} ${unit})`,
    aim,
  };
}

function share(what: string, ours: number, theirs: number): Figure {
  return {
    what,
    figure: `1/${(theirs / ours).toFixed(1)} (${ours.toFixed(0)} / ${theirs.toFixed(0)} MB)`,
    aim: "<= 1/8",
  };
}
