/** Files of earlier revisions: those that mlpipe made are brought up to date, those that MLflow made are left as they are. */
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { failureOf, openIn, readBack, startRun, temporaryFolder } from "./support/store.ts";
import { asNobody } from "./support/unprivileged.ts";

/** What mlpipe 0.1 wrote, and a data set that MLflow 2.14 added. */
const firstStore = join(import.meta.dirname, "stores/5b0e9adcef9c.sql");

async function folderWithFirstStore(indent = "  "): Promise<string> {
  const folder = await temporaryFolder();
  const database = new DatabaseSync(join(folder, "mlflow.db"), {
    enableForeignKeyConstraints: false,
  });
  database.exec((await readFile(firstStore, "utf8")).replaceAll("\n  ", `\n${indent}`));
  database.close();
  return folder;
}

function query(folder: string, text: string): readonly unknown[] {
  const database = new DatabaseSync(join(folder, "mlflow.db"), { readOnly: true });
  try {
    return database
      .prepare(text)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

/** Tables and indexes by name, without what only the layout of their text tells apart. */
function schemaOf(folder: string): readonly unknown[] {
  return query(folder, "SELECT name, tbl_name, sql FROM sqlite_master ORDER BY name").map((row) =>
    JSON.stringify(row).replaceAll(/\\n|\s+/g, " "),
  );
}

const revision = "SELECT version_num FROM alembic_version";

describe("a store that mlpipe made with the tables of MLflow 2.14", () => {
  test("has those of a new one after it was opened, and keeps all it had", async () => {
    const folder = await folderWithFirstStore();
    const before = ["runs", "params", "tags", "metrics", "latest_metrics", "input_tags"].map(
      (table) => query(folder, `SELECT * FROM ${table}`),
    );
    const datasets = query(folder, "SELECT * FROM datasets");
    const tracking = await openIn(folder);
    const { data } = await readBack(tracking, "5df4a9da477b8f7e0af193c01196360e");
    expect(data.params).toEqual([
      { key: "cp", value: "0.05" },
      { key: "pad", value: `it's; "x"` },
    ]);
    await tracking.close();
    const after = ["runs", "params", "tags", "metrics", "latest_metrics", "input_tags"].map(
      (table) => query(folder, `SELECT * FROM ${table}`),
    );
    expect(after).toEqual(before);
    expect(query(folder, "SELECT * FROM datasets")).toEqual(datasets);
    expect(query(folder, "SELECT source_id, step FROM inputs")).toEqual([
      { source_id: "0d5c8f5e3a6b4a0f9a3c6d2e1b4f7a90", step: 0 },
    ]);
    expect(query(folder, "PRAGMA foreign_key_check")).toEqual([]);
    expect(query(folder, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);

    const other = await temporaryFolder();
    await (await openIn(other)).close();
    expect(schemaOf(folder)).toEqual(schemaOf(other));
    expect(query(folder, revision)).toEqual(query(other, revision));
  });

  test("that may only be read is read as it is", async () => {
    const folder = await folderWithFirstStore();
    await chmod(join(folder, "mlflow.db"), 0o444);
    await chmod(folder, 0o555);
    await asNobody(async () => {
      const tracking = await openIn(folder);
      const { experiments } = await tracking.call("experiments/search", {});
      expect(experiments?.map(({ name }) => name)).toEqual(["iris", "Default"]);
      await tracking.close();
    });
    await chmod(folder, 0o755);
    expect(query(folder, revision)).toEqual([{ version_num: "5b0e9adcef9c" }]);
  });
});

describe("a store that MLflow 2.14 made", () => {
  test("stays one that it opens", async () => {
    const folder = await folderWithFirstStore("\t");
    const before = schemaOf(folder);
    const tracking = await openIn(folder);
    expect(await startRun(tracking, "0")).toMatch(/^[0-9a-f]{32}$/);
    expect(schemaOf(folder)).toEqual(before);
  });

  test("serves for what it has, and says what brings it up to date", async () => {
    const tracking = await openIn(await folderWithFirstStore("\t"));
    const run_id = "5df4a9da477b8f7e0af193c01196360e";
    const { inputs, outputs } = await readBack(tracking, run_id);
    expect(inputs?.dataset_inputs).toHaveLength(1);
    expect(outputs).toEqual({});
    await tracking.call("registered-models/create", { name: "tree" });
    const wants = [
      tracking.call("logged-models/create", { experiment_id: "0" }),
      tracking.call("logged-models/search", { experiment_ids: ["0"] }),
      tracking.call("runs/outputs", { run_id, models: [] }),
    ];
    for (const failure of await Promise.all(wants.map(failureOf))) {
      expect(failure.code).toBe("NOT_IMPLEMENTED");
      expect(failure.message).toContain("is of an older MLflow: it has no");
      expect(failure.fix).toContain("mlflow db upgrade sqlite:///");
    }
  });
});
