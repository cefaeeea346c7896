/** Which file a tracking URI names, and files that are no store, or none that can be used. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openStore } from "../src/tracking/store/open-store.ts";
import { frozenTables } from "../src/tracking/store/frozen-schema.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { failureOf, openIn, startRun, storeWithRun, temporaryFolder } from "./support/store.ts";
import { unprivileged } from "./support/unprivileged.ts";

async function digest(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

function change(file: string, ...texts: readonly string[]): void {
  const database = new DatabaseSync(file);
  for (const text of texts) database.exec(text);
  database.close();
}

/** Opening is refused so, and the file stays as it was, to the byte. */
async function refused(folder: string): Promise<string> {
  const file = join(folder, "mlflow.db");
  const before = await digest(file);
  const failure = await failureOf(openIn(folder));
  expect(failure.code).toBe("STORE_UNUSABLE");
  expect(failure.fix).not.toBe("");
  expect(await digest(file)).toBe(before);
  return failure.message.replaceAll(folder, "DIR");
}

describe("a tracking URI", () => {
  test.each([
    [undefined, "mlflow.db"],
    ["", "mlflow.db"],
    ["sqlite:///here.db", "here.db"],
    ["sqlite:///deep/down/here.db", "deep/down/here.db"],
    ["sqlite+pysqlite:///here.db", "here.db"],
    ["sqlite:///here.db?timeout=5", "here.db"],
    ["sqlite:///%41.db", "%41.db"],
    ["sqlite:////ROOT/there.db", "there.db"],
  ])("%s names the file %s", async (uri, file) => {
    const folder = await temporaryFolder();
    const tracking = await openIn(folder, uri?.replace("/ROOT", folder));
    await startRun(tracking, "0");
    expect((await stat(join(folder, file))).isFile()).toBe(true);
    expect(tracking.uri).toBe(
      uri === undefined || uri === "" ? "sqlite:///mlflow.db" : uri.replace("/ROOT", folder),
    );
  });

  test.each([
    ["mlruns", "mlruns is a folder store, which MLflow itself no longer opens (since 3.13)"],
    ["./mlruns", "./mlruns is a folder store, which MLflow itself no longer opens (since 3.13)"],
    [
      "file:///data/mlruns",
      "file:///data/mlruns is a folder store, which MLflow itself no longer opens (since 3.13)",
    ],
    ["postgresql://u:p@h/db", "mlpipe does not write to a postgresql database itself"],
    ["mysql+pymysql://u:p@h/db", "mlpipe does not write to a mysql database itself"],
    ["sqlite://here.db", "sqlite://here.db names no file"],
    ["sqlite://", "sqlite:// names no file"],
    ["sqlite:///:memory:", "sqlite:///:memory: is no plain file, so nothing would be kept"],
    ["ftp://x", "ftp: is no kind of tracking URI that mlpipe knows"],
  ])("%s is refused, with what to write instead", async (uri, message) => {
    const folder = await temporaryFolder();
    const failure = await failureOf(openIn(folder, uri));
    expect([failure.code, failure.message]).toEqual(["INVALID_PARAMETER_VALUE", message]);
    expect(failure.fix).toMatch(/sqlite:\/\/\/|http address/);
  });
});

describe("a file that is no store", () => {
  test("of another kind is refused", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "mlflow.db"), "a,b\n1,2\n".repeat(500));
    expect(await refused(folder)).toBe(
      "DIR/mlflow.db is no SQLite database (file is not a database)",
    );
  });

  test("but a database of something else is refused", async () => {
    const folder = await temporaryFolder();
    change(join(folder, "mlflow.db"), "CREATE TABLE holiday (day TEXT)");
    expect(await refused(folder)).toBe(
      "DIR/mlflow.db is no MLflow store that mlpipe can write: it has no table experiments",
    );
  });

  test("but a folder is refused", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "mlflow.db"));
    expect(await failureOf(openIn(folder))).toMatchObject({
      code: "STORE_UNUSABLE",
      message: `${join(folder, "mlflow.db")} is a folder`,
    });
  });

  test("in a folder that cannot be made is refused", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "plain"), "");
    expect(await failureOf(openIn(folder, "sqlite:///plain/mlflow.db"))).toMatchObject({
      code: "STORE_UNUSABLE",
      message: `the folder of ${join(folder, "plain/mlflow.db")} cannot be made`,
    });
  });

  test("but empty becomes one", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "mlflow.db"), "");
    expect(await startRun(await openIn(folder), "0")).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("a store of another MLflow", () => {
  test.each([
    [
      "lacks a column",
      "ALTER TABLE metrics DROP COLUMN step",
      "its table metrics has no column step",
    ],
    ["lacks a table", "DROP TABLE latest_metrics", "it has no table latest_metrics"],
    [
      "wants a column that mlpipe does not know",
      "CREATE TABLE other (a); DROP TABLE params; CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT, colour TEXT NOT NULL)",
      "its table params wants a colour, which mlpipe does not know",
    ],
  ])("that %s is refused", async (_, text, message) => {
    const folder = await temporaryFolder();
    const tables = frozenTables.replace(
      'CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan),',
      "",
    );
    change(join(folder, "mlflow.db"), tables, text);
    expect(await refused(folder)).toBe(
      `DIR/mlflow.db is no MLflow store that mlpipe can write: ${message}`,
    );
  });

  test("of an unknown revision, with more tables and columns that fill themselves, is used", async () => {
    const { tracking, folder, experimentId } = await storeWithRun();
    await tracking.close();
    change(
      join(folder, "mlflow.db"),
      "UPDATE alembic_version SET version_num = 'fromthefuture'",
      "CREATE TABLE skills (name TEXT)",
      ...[
        "experiments",
        "runs",
        "params",
        "tags",
        "metrics",
        "latest_metrics",
        "experiment_tags",
      ].map(
        (table) =>
          `ALTER TABLE ${table} ADD COLUMN workspace VARCHAR(63) NOT NULL DEFAULT 'default'`,
      ),
    );
    const reopened = await openIn(folder);
    await writeSomething(reopened, experimentId);
    await reopened.call("experiments/create", { name: "new", tags: [{ key: "a", value: "b" }] });
  });

  test("that changes under an open store is met again, and refused only when it stays unusable", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "mlflow.db");
    const tracking = await openStore(file, { uri: "sqlite:///mlflow.db", folder, patience: 300 });
    const runId = await startRun(tracking, "0");
    change(
      file,
      "ALTER TABLE tags ADD COLUMN colour TEXT",
      "ALTER TABLE params RENAME TO elsewhere",
    );
    const waiting = failureOf(tracking.call("runs/get", { run_id: runId }));
    expect(await waiting).toMatchObject({
      code: "STORE_UNUSABLE",
      message: `${file} is no MLflow store that mlpipe can write: it has no table params`,
    });
    const patient = tracking.call("runs/get", { run_id: runId });
    change(file, "ALTER TABLE elsewhere RENAME TO params");
    expect((await patient).run.info.run_id).toBe(runId);
    await tracking.close();
  });
});

async function writeSomething(tracking: Tracking, experimentId: string): Promise<void> {
  const runId = await startRun(tracking, experimentId);
  await tracking.call("runs/log-batch", {
    run_id: runId,
    params: [{ key: "p", value: "1" }],
    tags: [{ key: "t", value: "1" }],
    metrics: [{ key: "m", value: 1, timestamp: 1, step: 1 }],
  });
  const { data } = (await tracking.call("runs/get", { run_id: runId })).run;
  expect([data.params?.length, data.metrics?.length]).toEqual([1, 1]);
}

describe("a store in trouble", () => {
  test("whose file is damaged says so", async () => {
    const { tracking, folder } = await storeWithRun();
    await tracking.close();
    const file = join(folder, "mlflow.db");
    const bytes = await readFile(file);
    await writeFile(
      file,
      Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xa5)]),
    );
    expect(await refused(folder)).toBe(
      "DIR/mlflow.db is damaged (database disk image is malformed)",
    );
  });

  test("that another program holds locked is waited for, then refused; when it is free again the call goes through", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "mlflow.db");
    const tracking = await openStore(file, { uri: "sqlite:///mlflow.db", folder, patience: 300 });
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    expect(await failureOf(startRun(tracking, "0"))).toMatchObject({
      code: "TEMPORARILY_UNAVAILABLE",
      message: `${file} is locked by another program (database is locked)`,
    });
    const waiting = startRun(tracking, "0");
    other.exec("COMMIT");
    expect(await waiting).toMatch(/^[0-9a-f]{32}$/);
    expect((await tracking.call("runs/search", { experiment_ids: ["0"] })).runs).toHaveLength(1);
    other.close();
    await tracking.close();
  });

  test("that may only be read is read, and refuses to be written", async () => {
    const { tracking, folder, runId } = await storeWithRun();
    await tracking.close();
    change(join(folder, "mlflow.db"), "PRAGMA journal_mode = DELETE");
    await chmod(join(folder, "mlflow.db"), 0o444);
    await chmod(folder, 0o555);
    const before = await digest(join(folder, "mlflow.db"));
    expect(await runAside(readerAndWriter, [folder, runId], { mayNotWrite: true })).toEqual([
      "read",
      `STORE_UNUSABLE ${join(folder, "mlflow.db")} is read-only (attempt to write a readonly database)`,
    ]);
    await chmod(folder, 0o755);
    expect(await digest(join(folder, "mlflow.db"))).toBe(before);
  });

  test("in a folder that may not be written is not made", async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o555);
    expect(await runAside(readerAndWriter, [folder, "x"], { mayNotWrite: true })).toEqual([
      `STORE_UNUSABLE ${join(folder, "mlflow.db")} cannot be opened or made (unable to open database file)`,
    ]);
    await chmod(folder, 0o755);
  });

  test("whose disk is full refuses all writes that were to be committed together, and keeps what was stored before", async () => {
    const { tracking, folder } = await storeWithRun();
    await tracking.close();
    const [runId = "", ...printed] = await runAside(fillingWriter, [folder], {
      fileKilobytes: 1200,
    });
    const [refusals, stored] = [printed.filter((line) => !/^\d+$/.test(line)), printed.length];
    expect(refusals.length).toBeGreaterThan(1);
    expect(refusals.length % 8).toBe(0);
    for (const refusal of refusals)
      expect(refusal).toMatch(
        /^TEMPORARILY_UNAVAILABLE .* (cannot be read or written|does not fit on its disk) \(/,
      );
    const acknowledged = printed.slice(0, stored - refusals.length).map(Number);
    expect(acknowledged.length).toBeGreaterThan(0);
    const again = await openIn(folder);
    for (let batch = 0; batch < stored; batch += 1) {
      const history = { run_id: runId, metric_key: `m${batch}` };
      const { metrics = [] } = await again.call("metrics/get-history", history);
      expect([batch, metrics.length]).toEqual([batch, acknowledged.includes(batch) ? 100 : 0]);
    }
    await startRun(again, "0");
  });

  test("prints no warning of its own, on whichever Node it runs", async () => {
    const folder = await temporaryFolder();
    expect(await runAside("console.log('opened');", [folder], {})).toEqual(["opened"]);
  });
});

const readerAndWriter = `
await tracking.call("runs/get", { run_id: process.argv[2] });
console.log("read");
await tracking.call("runs/set-tag", { run_id: process.argv[2], key: "a", value: "b" });
console.log("written");`;

const fillingWriter = `
const { run } = await tracking.call("runs/create", { experiment_id: "0", start_time: 1 });
console.log(run.info.run_id);
for (let batch = 0, refused = false; !refused; batch += 8) {
  const eight = Array.from({ length: 8 }, (_, at) => batch + at);
  await Promise.all(eight.map(async (own) => {
    const metrics = Array.from({ length: 100 }, (_, at) => ({ key: "m" + own, value: at, timestamp: at, step: at }));
    try {
      await tracking.call("runs/log-batch", { run_id: run.info.run_id, metrics });
      console.log(own);
    } catch (failure) {
      refused = true;
      console.log(failure.code, failure.message);
    }
  }));
}`;

interface Aside {
  /** Permissions bind the superuser too. */
  readonly mayNotWrite?: boolean;
  /** No file may grow beyond this: what a full disk feels like, without one. */
  readonly fileKilobytes?: number;
}

/** Runs \`body\` with \`tracking\` open in another process; the lines it printed on either stream, the last one the failure. */
async function runAside(
  body: string,
  words: readonly string[],
  { mayNotWrite = false, fileKilobytes }: Aside,
): Promise<readonly string[]> {
  const open = join(import.meta.dirname, "../src/tracking/open.ts");
  const code = `
import { openTracking } from ${JSON.stringify(open)};
try {
  const tracking = await openTracking(undefined, { folder: process.argv[1] });
  ${body}
} catch (failure) {
  console.log(failure.code, failure.message);
}`;
  const node = [process.execPath, "--input-type=module", "--eval", code, ...words];
  const limited =
    fileKilobytes === undefined
      ? node
      : ["bash", "-c", `ulimit -f ${fileKilobytes}; exec "$@"`, "bash", ...node];
  const [program = "", ...rest] = mayNotWrite ? unprivileged(limited) : limited;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (piece: Buffer) => (printed += piece.toString()));
  await once(child, "close");
  return printed.trim().split("\n");
}
