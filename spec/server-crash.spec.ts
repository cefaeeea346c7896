/** The server that is killed while many log to it, that has no more room, or that finds its file locked. */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { TrackedRun } from "../src/tracking/entities.ts";
import type { ResponseOf } from "../src/tracking/endpoints.ts";
import { serverOfTest, type ServerProcess } from "./support/server-process.ts";
import { temporaryFolder } from "./support/store.ts";
import { mountTinyDisk } from "./support/tiny-disk.ts";

/** One that logs: point after point, each when the one before was acknowledged. */
interface Logger {
  readonly runId: string;
  /** The points 0 … acknowledged - 1 were acknowledged. */
  acknowledged: number;
}

interface Connections {
  readonly uri: string;
  readonly agent: Agent;
}

interface Answered {
  readonly status: number;
  readonly json: unknown;
}

/** Rejects when the server is gone before it answers. */
function ask(
  { uri, agent }: Connections,
  call: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request(
      `${uri}/api/2.0/mlflow/${call}`,
      { method: "POST", agent, headers },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, json: JSON.parse(text) as unknown }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

function connect({ uri }: ServerProcess): Connections {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  return { uri, agent };
}

async function startRun(connections: Connections, at: number): Promise<string> {
  const { json } = await ask(connections, "runs/create", { experiment_id: "0", start_time: at });
  return (json as ResponseOf<"runs/create">).run.info.run_id;
}

/** Point `step` of a run, of which everything else that the run has can be told. */
function pointOf({ runId }: Logger, step: number): Readonly<Record<string, unknown>> {
  return {
    run_id: runId,
    metrics: [{ key: "m", value: step / 7, timestamp: step, step }],
    params: step % 10 === 0 ? [{ key: `p${step}`, value: String(step) }] : [],
    tags: [{ key: "last", value: String(step) }],
  };
}

/** Logs until the server is gone; tells of each point that is acknowledged. */
async function logOn(connections: Connections, logger: Logger, told: () => void): Promise<void> {
  for (;;) {
    const answer = await ask(
      connections,
      "runs/log-batch",
      pointOf(logger, logger.acknowledged),
    ).catch(() => undefined);
    if (answer === undefined) return;
    expect(answer).toEqual({ status: 200, json: {} });
    logger.acknowledged += 1;
    told();
  }
}

/** Lets all of them log, kills the server some time after so many points were acknowledged, and resolves when it is gone. */
async function logUntilKilled(
  server: ServerProcess,
  loggers: readonly Logger[],
  points: number,
): Promise<void> {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const connections = connect(server);
  const all = loggers.map((logger) =>
    logOn(connections, logger, () => {
      count += 1;
      if (count === points) resolve();
    }),
  );
  await reached;
  await server.end("SIGKILL");
  await Promise.all(all);
  connections.agent.destroy();
}

async function findRuns(connections: Connections): Promise<ReadonlyMap<string, TrackedRun>> {
  const { json } = await ask(connections, "runs/search", { experiment_ids: ["0"] });
  const { runs = [] } = json as ResponseOf<"runs/search">;
  return new Map(runs.map((run) => [run.info.run_id, run]));
}

/** What was acknowledged is there; of what was under way, all or nothing. */
function expectWhole(run: TrackedRun | undefined, { acknowledged }: Logger): void {
  const points = Number(run?.data.metrics?.[0]?.step ?? -1) + 1;
  expect(points).toBeGreaterThanOrEqual(acknowledged);
  expect(points).toBeLessThanOrEqual(acknowledged + 1);
  const [metric] = run?.data.metrics ?? [];
  expect(metric?.value).toBe(points === 0 ? undefined : (points - 1) / 7);
  const last = run?.data.tags?.find(({ key }) => key === "last");
  expect(last?.value).toBe(points === 0 ? undefined : String(points - 1));
  expect(run?.data.params?.length ?? 0).toBe(Math.ceil(points / 10));
}

/** The store's file, opened beside the server. */
async function inFile<T>(
  folder: string,
  work: (database: DatabaseSync) => T | Promise<T>,
): Promise<T> {
  const database = new DatabaseSync(join(folder, "mlflow.db"));
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

function integrityOf(folder: string): Promise<unknown> {
  return inFile(folder, (database) => database.prepare("PRAGMA integrity_check").get());
}

const seed = 64;
const moments = fc.sample(fc.integer({ min: 1, max: 1500 }), { numRuns: 50, seed });

test(
  `a server that is killed ${moments.length} times under 64 connections loses nothing that it acknowledged (seed ${seed})`,
  { timeout: 300_000 },
  async () => {
    const folder = await temporaryFolder();
    let server = await serverOfTest(folder);
    const first = connect(server);
    const loggers: readonly Logger[] = await Promise.all(
      Array.from({ length: 64 }, async (_, at) => ({
        runId: await startRun(first, at),
        acknowledged: 0,
      })),
    );
    for (const points of moments) {
      await logUntilKilled(server, loggers, points);
      server = await serverOfTest(folder);
      const runs = await findRuns(connect(server));
      for (const logger of loggers) expectWhole(runs.get(logger.runId), logger);
      expect(await integrityOf(folder)).toEqual({ integrity_check: "ok" });
    }
    await server.end("SIGTERM");
    for (const { runId, acknowledged } of loggers) {
      const points = await inFile(folder, (database) =>
        database
          .prepare("SELECT step, value FROM metrics WHERE run_uuid = ? ORDER BY step")
          .all(runId),
      );
      expect(points.length).toBeGreaterThanOrEqual(acknowledged);
      expect(points).toEqual(points.map((_, step) => ({ step, value: step / 7 })));
    }
  },
);

/** A server on a file that has room for few points, and how to take the room away and give it back. */
interface Cramped {
  readonly server: ServerProcess;
  readonly folder: string;
  readonly takeRoom: () => void;
  readonly giveRoom: () => void;
}

/** A disk that other files fill. */
async function onFullDisk(): Promise<Cramped | undefined> {
  const folder = join(await temporaryFolder(), "disk");
  mkdirSync(folder);
  const disk = mountTinyDisk(folder, "8m");
  onTestFinished(() => disk[Symbol.dispose]());
  if (!disk.done) return undefined;
  const server = await startImpatient(folder);
  const ballast = join(folder, "ballast");
  return {
    server,
    folder,
    takeRoom: () => {
      // Tells by ENOSPC that the disk is full.
      for (const size of [1 << 16, 1 << 12])
        while (tryTo(() => appendFileSync(ballast, Buffer.alloc(size))));
    },
    giveRoom: () => rmSync(ballast),
  };
}

/** A process whose files may grow no longer: it needs no right to make one. */
async function underLimit(): Promise<Cramped> {
  const folder = await temporaryFolder();
  const server = await startImpatient(folder);
  const limit = (bytes: string): void => {
    const { status, stderr } = spawnSync(
      "prlimit",
      ["--pid", String(server.pid), `--fsize=${bytes}:unlimited`],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`prlimit failed: ${stderr}`);
  };
  const growing = join(folder, "mlflow.db-wal");
  return {
    server,
    folder,
    takeRoom: () => limit(String(statSync(growing).size)),
    giveRoom: () => limit("unlimited"),
  };
}

function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Waits a moment only for whoever locks the store. */
function startImpatient(folder: string): Promise<ServerProcess> {
  return serverOfTest(folder, { MLPIPE_TRACKING_TIMEOUT: "0.3" });
}

/** Logs points until one is refused, and resolves to the refusal. */
async function logUntilRefused(connections: Connections, logger: Logger): Promise<Answered> {
  for (;;) {
    const answer = await ask(connections, "runs/log-batch", pointOf(logger, logger.acknowledged));
    if (answer.status !== 200) return answer;
    logger.acknowledged += 1;
  }
}

async function logOne(connections: Connections, logger: Logger): Promise<Answered> {
  const answer = await ask(connections, "runs/log-batch", pointOf(logger, logger.acknowledged));
  if (answer.status === 200) logger.acknowledged += 1;
  return answer;
}

const unavailable = { status: 503, json: { error_code: "TEMPORARILY_UNAVAILABLE" } };

describe("a server that cannot write its store", () => {
  test.for([
    ["the disk is full", onFullDisk],
    ["its file may not grow", underLimit],
  ] as const)(
    "because %s answers 503, keeps what it acknowledged, and goes on when there is room",
    async ([, make], { skip }) => {
      const cramped = await make();
      if (cramped === undefined) return skip("no disk of a given size can be made here");
      const { server, folder, takeRoom, giveRoom } = cramped;
      const connections = connect(server);
      const logger = { runId: await startRun(connections, 0), acknowledged: 0 };
      await logOne(connections, logger);
      takeRoom();
      const refusal = await logUntilRefused(connections, logger);
      expect(refusal).toMatchObject(unavailable);
      await expect.poll(server.complaints).toMatch(/^mlpipe: .*mlflow\.db .*\n.*disk/);
      expectWhole((await findRuns(connections)).get(logger.runId), logger);
      giveRoom();
      expect((await logOne(connections, logger)).status).toBe(200);
      await server.end("SIGKILL");
      const again = connect(await startImpatient(folder));
      expectWhole((await findRuns(again)).get(logger.runId), logger);
      expect(await integrityOf(folder)).toEqual({ integrity_check: "ok" });
    },
  );

  test("because another program holds it answers 503 after a while, reads on, and goes on when it is let go", async () => {
    const folder = await temporaryFolder();
    const connections = connect(await startImpatient(folder));
    const logger = { runId: await startRun(connections, 0), acknowledged: 0 };
    await logOne(connections, logger);
    await inFile(folder, async (other) => {
      other.exec("BEGIN IMMEDIATE");
      expect(await logOne(connections, logger)).toMatchObject(unavailable);
      expectWhole((await findRuns(connections)).get(logger.runId), logger);
      other.exec("ROLLBACK");
    });
    expect((await logOne(connections, logger)).status).toBe(200);
    expectWhole((await findRuns(connections)).get(logger.runId), logger);
  });
});
