/** Databases of MLflow as a source: of any age, read as they are. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { scratch } from "./support/source.ts";
import { failureOf } from "./support/store.ts";
import { nothing, stockOf, transfer } from "./support/transfer.ts";

/** What mlpipe 0.1 wrote with the tables of MLflow 2.14, and a data set that MLflow 2.14 added. */
const oldStore = join(import.meta.dirname, "stores/5b0e9adcef9c.sql");

async function makeOld(folder: string): Promise<string> {
  const file = join(folder, "old.db");
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec(await readFile(oldStore, "utf8"));
  database.close();
  return file;
}

describe("a database of MLflow 2.14", () => {
  test("is imported whole, and keeps every byte", async () => {
    const folder = await scratch();
    const from = await makeOld(folder);
    const bytes = await readFile(from);
    const to = `sqlite:///${join(folder, "mlflow.db")}`;
    const { counts, told } = await transfer({ from, to, folder });
    expect([counts.run.new > 0, told]).toEqual([true, []]);
    expect(await stockOf(to, folder)).toEqual(await stockOf(from, folder));
    expect(JSON.stringify(await stockOf(to, folder))).toContain("mlflow.data.context = ");
    expect(await readFile(from)).toEqual(bytes);
  });
});

describe("a database whose folder was moved with its artifacts", () => {
  test("finds them beside itself, and reads nothing that lies elsewhere", async () => {
    const folder = await scratch();
    const tracking = await openTracking(undefined, { folder });
    const run_id = await startIn(tracking, "here");
    const other = await startIn(tracking, "elsewhere");
    const content = join(folder, "content");
    await writeFile(content, "text");
    await tracking.upload(run_id, content, "a.txt");
    await tracking.close();
    const outside = await scratch();
    await writeFile(join(outside, "secret.txt"), "s");
    const database = new DatabaseSync(join(folder, "mlflow.db"));
    const move = database.prepare("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?");
    move.run(`/gone/long/ago/mlruns/0/${run_id}/artifacts`, run_id);
    move.run(outside, other);
    database.close();
    const there = await scratch();
    const from = join(folder, "mlflow.db");
    const to = `sqlite:///${join(there, "mlflow.db")}`;
    const { told, bytes } = await transfer({ from, to, folder: there });
    expect(told).toEqual([
      `run ${other}: its artifacts are in ${outside}, beside the store, and are read from there only with --artifacts-from`,
    ]);
    expect(bytes).toBe(4);
    expect((await stockOf(to, there))["run here"]).toMatchObject({
      artifacts: { "a.txt": "text" },
    });
  });
});

async function startIn(
  tracking: Awaited<ReturnType<typeof openTracking>>,
  run_name: string,
): Promise<string> {
  const { run } = await tracking.call("runs/create", {
    experiment_id: "0",
    run_name,
    start_time: 1,
  });
  return run.info.run_id;
}

describe("what is no place of runs", () => {
  test.each<[string, (folder: string) => Promise<string>, string]>([
    ["nothing", async (folder) => join(folder, "none.db"), "is not there"],
    [
      "a file of text",
      async (folder) => {
        await writeFile(join(folder, "a.db"), "some text that is no database");
        return join(folder, "a.db");
      },
      "is no SQLite database",
    ],
    [
      "a database of something else",
      async (folder) => {
        const database = new DatabaseSync(join(folder, "a.db"));
        database.exec("CREATE TABLE birds (name TEXT)");
        database.close();
        return join(folder, "a.db");
      },
      "is no MLflow store",
    ],
    [
      "a folder of something else",
      async (folder) => folder,
      "is no folder in which MLflow keeps runs",
    ],
  ])("is refused: %s", async (_, make, message) => {
    const folder = await scratch();
    const from = await make(folder);
    const to = `sqlite:///${join(folder, "mlflow.db")}`;
    const failure = await failureOf(transfer({ from, to, folder }));
    expect(failure.message).toContain(message);
    expect(failure.fix).not.toBe("");
  });
});

test("an empty store has nothing to push", async () => {
  const folder = await scratch();
  await (await openTracking(undefined, { folder })).close();
  const from = join(folder, "mlflow.db");
  const to = `sqlite:///${join(folder, "other.db")}`;
  expect((await transfer({ from, to, folder })).counts.run).toEqual(nothing);
});
