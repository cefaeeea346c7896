/** Brings files that mlpipe made with the tables of MLflow 2.14 to those it makes today. */
import type { Database } from "./database.ts";
import {
  datasetsTable,
  frozenRevision,
  loggedModelTables,
  ownIndexes,
  tagsTable,
} from "./frozen-schema.ts";

const firstRevision = "5b0e9adcef9c";

/** False for a file that MLflow 2.14 itself made, which that MLflow could no longer open afterwards: its tables are indented by tabs. */
export function isOfFirstRevision(database: Database): boolean {
  const sameMark = "SELECT 1 FROM alembic_version WHERE version_num = ?";
  const ownText =
    "SELECT 1 FROM sqlite_master WHERE name = 'experiments' AND instr(sql, char(9)) = 0";
  return (
    database.hasColumn("alembic_version", "version_num") &&
    database.first(sameMark, firstRevision) !== undefined &&
    database.first(ownText) !== undefined
  );
}

/** The steps of MLflow's migrations in between, as far as they concern SQLite; inside a write. */
export function upgradeTables(database: Database): void {
  database.execute(`
ALTER TABLE tags RENAME TO mlpipe_old_tags;
DROP INDEX index_tags_run_uuid;
${tagsTable}
INSERT INTO tags ("key", value, run_uuid) SELECT "key", value, run_uuid FROM mlpipe_old_tags;
DROP TABLE mlpipe_old_tags;
ALTER TABLE datasets RENAME TO mlpipe_old_datasets;
DROP INDEX index_datasets_experiment_id_dataset_source_type;
DROP INDEX index_datasets_dataset_uuid;
${datasetsTable}
INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source, dataset_schema, dataset_profile)
  SELECT dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source, dataset_schema, dataset_profile
  FROM mlpipe_old_datasets;
DROP TABLE mlpipe_old_datasets;
${loggedModelTables}
ALTER TABLE inputs ADD COLUMN step BIGINT DEFAULT '0' NOT NULL;
${ownIndexes}`);
  database.run("UPDATE alembic_version SET version_num = ?", frozenRevision);
}
