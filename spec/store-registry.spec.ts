/** The model registry of the embedded store: names, versions, stages, aliases, and where a version's files may lie. */
import { describe, expect, it } from "vitest";
import type { Tracking } from "../src/tracking/tracking.ts";
import { failureOf, storeWithRun } from "./support/store.ts";

async function openRegistry(): Promise<{
  readonly tracking: Tracking;
  readonly runId: string;
  /** The artifact root of the run. */
  readonly root: string;
}> {
  const { tracking, runId } = await storeWithRun();
  const { run } = await tracking.call("runs/get", { run_id: runId });
  await tracking.call("registered-models/create", { name: "tree" });
  return { tracking, runId, root: run.info.artifact_uri };
}

function addVersion(tracking: Tracking, source = "s3://bucket/model", run_id = "") {
  return tracking.call("model-versions/create", { name: "tree", source, run_id });
}

describe("a registered model", () => {
  it("has one name, which is never taken twice, and takes its versions along when it is renamed", async () => {
    const { tracking } = await openRegistry();
    const twice = await failureOf(tracking.call("registered-models/create", { name: "tree" }));
    expect(twice.code).toBe("RESOURCE_ALREADY_EXISTS");
    await addVersion(tracking);
    await tracking.call("registered-models/set-alias", {
      name: "tree",
      alias: "best",
      version: "1",
    });
    await tracking.call("model-versions/set-tag", {
      name: "tree",
      version: "1",
      key: "a",
      value: "b",
    });
    await tracking.call("registered-models/rename", { name: "tree", new_name: "oak" });
    const { model_version } = await tracking.call("registered-models/get-by-alias", {
      name: "oak",
      alias: "best",
    });
    expect(model_version).toMatchObject({
      name: "oak",
      version: "1",
      tags: [{ key: "a", value: "b" }],
    });
    expect((await failureOf(tracking.call("registered-models/get", { name: "tree" }))).code).toBe(
      "RESOURCE_DOES_NOT_EXIST",
    );
  });

  it.each(["a/b", "a:b", "..", " "])("is not called %s", async (name) => {
    const { tracking } = await openRegistry();
    const { code } = await failureOf(tracking.call("registered-models/create", { name }));
    expect(code).toBe("INVALID_PARAMETER_VALUE");
  });

  it("that is deleted leaves nothing behind, and its name is free again", async () => {
    const { tracking } = await openRegistry();
    await addVersion(tracking);
    await tracking.call("registered-models/set-alias", {
      name: "tree",
      alias: "best",
      version: "1",
    });
    await tracking.call("registered-models/delete", { name: "tree" });
    expect(await tracking.call("model-versions/search", {})).toEqual({});
    await tracking.call("registered-models/create", { name: "tree" });
    const { registered_model } = await tracking.call("registered-models/get", { name: "tree" });
    expect(registered_model.aliases).toBeUndefined();
    expect((await addVersion(tracking)).model_version.version).toBe("1");
  });
});

describe("a version", () => {
  it("has a number that is never given again, even when it is deleted", async () => {
    const { tracking } = await openRegistry();
    await addVersion(tracking);
    await addVersion(tracking);
    await tracking.call("model-versions/delete", { name: "tree", version: "2" });
    expect((await addVersion(tracking)).model_version.version).toBe("3");
    const gone = await failureOf(
      tracking.call("model-versions/get", { name: "tree", version: "2" }),
    );
    expect(gone.code).toBe("RESOURCE_DOES_NOT_EXIST");
    const { model_versions = [] } = await tracking.call("model-versions/search", {
      order_by: ["version_number ASC"],
    });
    expect(model_versions.map(({ version }) => version)).toEqual(["1", "3"]);
  });

  it("moves from stage to stage, and sends the others of that stage to the archive when asked", async () => {
    const { tracking } = await openRegistry();
    for (const version of ["1", "2"]) {
      await addVersion(tracking);
      await tracking.call("model-versions/transition-stage", {
        name: "tree",
        version,
        stage: "production",
        archive_existing_versions: true,
      });
    }
    const { model_versions = [] } = await tracking.call("registered-models/get-latest-versions", {
      name: "tree",
    });
    expect(model_versions.map(({ version, current_stage }) => [version, current_stage])).toEqual([
      ["1", "Archived"],
      ["2", "Production"],
    ]);
  });

  it.each(["latest", "LATEST", "v1", "a b", "x".repeat(256)])("has no alias %s", async (alias) => {
    const { tracking } = await openRegistry();
    await addVersion(tracking);
    const refused = tracking.call("registered-models/set-alias", {
      name: "tree",
      alias,
      version: "1",
    });
    expect((await failureOf(refused)).code).toBe("INVALID_PARAMETER_VALUE");
  });

  it("is found by its run, its number, its source and its tags", async () => {
    const { tracking, runId, root } = await openRegistry();
    await addVersion(tracking, `${root}/model`, runId);
    await addVersion(tracking);
    await tracking.call("model-versions/set-tag", {
      name: "tree",
      version: "2",
      key: "k",
      value: "v",
    });
    const found = async (filter: string): Promise<readonly string[]> => {
      const { model_versions = [] } = await tracking.call("model-versions/search", { filter });
      return model_versions.map(({ version }) => version);
    };
    expect(await found(`run_id = '${runId}'`)).toEqual(["1"]);
    expect(await found(`run_id IN ('${runId}', 'x')`)).toEqual(["1"]);
    expect(await found("version_number > 1")).toEqual(["2"]);
    expect(await found("source_path = 's3://bucket/model'")).toEqual(["2"]);
    expect(await found("name ILIKE 'TR%' AND tags.k = 'v'")).toEqual(["2"]);
    expect((await failureOf(found("creation_timestamp > 1"))).code).toBe("INVALID_PARAMETER_VALUE");
  });
});

describe("the source of a version", () => {
  it.each([
    ["/etc/passwd"],
    ["file:///etc"],
    ["ROOT/../../../etc"],
    ["ROOT/%2e%2e/%2e%2e/x"],
    ["ROOT/%252e%252e/x"],
    ["ROOT/model#/../../x"],
    ["ROOT-next/model"],
    ["dbfs:/x/../y"],
    ["s3://bucket/x?a=../../y"],
    ["http://169.254.169.254/latest"],
    ["https://example.org/model"],
    ["ftp://example.org/model"],
    ["mlflow-artifacts:/0/other/artifacts/model"],
    ["models:/tree"],
    ["models:/tree/9"],
  ])("is not %s", async (written) => {
    const { tracking, runId, root } = await openRegistry();
    const refused = await failureOf(addVersion(tracking, written.replace("ROOT", root), runId));
    expect(refused.code).toMatch(/^(INVALID_PARAMETER_VALUE|RESOURCE_DOES_NOT_EXIST)$/);
    expect(await tracking.call("model-versions/search", {})).toEqual({});
  });

  it("is not a folder of this machine that no run owns", async () => {
    const { tracking, root } = await openRegistry();
    expect((await failureOf(addVersion(tracking, `${root}/model`))).code).toBe(
      "INVALID_PARAMETER_VALUE",
    );
  });

  it("may be another version, whose files it shares then", async () => {
    const { tracking, runId, root } = await openRegistry();
    await addVersion(tracking, `${root}/model`, runId);
    const { model_version } = await addVersion(tracking, "models:/tree/1");
    expect(model_version.run_id).toBe(runId);
    expect(
      await tracking.call("model-versions/get-download-uri", { name: "tree", version: "2" }),
    ).toEqual({ artifact_uri: `${root}/model` });
  });
});
