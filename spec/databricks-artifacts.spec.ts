import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import type { Tracking } from "../src/tracking/tracking.ts";
import { failureOf } from "./support/client.ts";
import {
  byClient,
  byToken,
  clouds,
  connectTo,
  mebibyte,
  seen,
  smallParts,
  startRun,
  workspaceForEach,
} from "./support/databricks.ts";
import type { FakeDatabricks } from "./support/fake-databricks.ts";
import type { Reply } from "./support/listen.ts";

let folder: string;
let fake: FakeDatabricks;

const workspace = workspaceForEach();
beforeEach(() => {
  ({ folder, fake } = workspace());
});

const connect = (env?: Readonly<Record<string, string>>) => connectTo(fake, folder, env);

describe.each(clouds)("artifacts behind %s", (kind) => {
  const store = async (
    tracking: Tracking,
    content: Buffer | string,
    path = "model/ä b%.bin",
  ): Promise<string> => {
    fake.kind = () => kind;
    const run_id = await startRun(tracking);
    await writeFile(join(folder, "given"), content);
    await tracking.upload(run_id, join(folder, "given"), path);
    return run_id;
  };
  const keys = (): readonly string[] => [...fake.cloud.objects.keys()];

  it.each([
    ["empty", Buffer.alloc(0)],
    ["small", Buffer.from("a\r\nb\0c")],
  ])("that are %s come back as they went", async (_, content) => {
    const { tracking } = await connect();
    const run_id = await store(tracking, content);
    expect(keys()).toEqual([expect.stringMatching(/\/model\/ä b%\.bin$/)]);
    await tracking.download(run_id, "model", join(folder, "got"));
    expect(await readFile(join(folder, "got", "ä b%.bin"))).toEqual(content);
    expect(fake.cloud.unfinished.size).toBe(0);
  });

  it("that are big go in parts and come back whole", async () => {
    const { tracking } = await connect({ ...byToken, ...smallParts });
    const content = Buffer.alloc(11 * mebibyte, "0123456789abcde");
    const run_id = await store(tracking, content, "big.bin");
    const sizes = fake.cloud.requests.map(({ body }) => body.length).filter((size) => size > 1000);
    const parts = kind === "GCP_SIGNED_URL" ? [11] : [5, 5, 1];
    expect(sizes).toEqual(parts.map((size) => size * mebibyte));
    await tracking.download(run_id, "big.bin", join(folder, "got"));
    expect((await readFile(join(folder, "got"))).equals(content)).toBe(true);
  });

  it("are sent and fetched though every second address has expired", async () => {
    const { tracking, waits } = await connect();
    fake.cloud.expireNext = 1;
    const run_id = await store(tracking, "content", "a.txt");
    fake.cloud.expireNext = 1;
    await tracking.download(run_id, "a.txt", join(folder, "got"));
    expect(await readFile(join(folder, "got"), "utf8")).toBe("content");
    expect(waits).toEqual([]);
  });

  it("replace what is there, whatever its size", async () => {
    const { tracking } = await connect();
    const run_id = await store(tracking, "long content", "a.txt");
    await writeFile(join(folder, "given"), "short");
    await tracking.upload(run_id, join(folder, "given"), "a.txt");
    expect([...fake.cloud.objects.values()].map(String)).toEqual(["short"]);
  });

  it("are tried again when the store is unwell", async () => {
    const { tracking, waits } = await connect();
    fake.cloud.instead.push({ status: 503, headers: { "retry-after": "1" }, body: "" });
    const run_id = await store(tracking, "content", "a.txt");
    fake.cloud.instead.push({ status: 500, body: "" });
    await tracking.download(run_id, "a.txt", join(folder, "got"));
    expect(await readFile(join(folder, "got"), "utf8")).toBe("content");
    expect(waits).toEqual([1000, 375]);
  });

  it("that stay refused say so without the address, and leave nothing behind", async () => {
    const { tracking } = await connect();
    const run_id = await store(tracking, "content", "a.txt");
    fake.cloud.expireNext = 99;
    await mkdir(join(folder, "sub"));
    const up = await failureOf(tracking.upload(run_id, join(folder, "given"), "b.txt"));
    const down = await failureOf(tracking.download(run_id, "a.txt", join(folder, "sub", "got")));
    for (const failure of [up, down]) {
      expect(failure.code).toBe("PERMISSION_DENIED");
      expect(failure.message).toBe(
        `${fake.cloud.origin.slice("http://".length)}, where the workspace keeps artifacts, answers 403 (AuthenticationFailed)`,
      );
      expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toMatch(
        /SIG|sig=|SECRET/,
      );
    }
    expect(await readdir(join(folder, "sub"))).toEqual([]);
  });
});

describe("artifacts of a logged model", () => {
  const model_id = `m-${"0123456789abcdef".repeat(2)}`;
  const described = JSON.stringify({
    model: {
      info: {
        model_id,
        experiment_id: "1",
        name: "m",
        creation_timestamp_ms: 1,
        last_updated_timestamp_ms: 1,
        artifact_uri: `dbfs:/databricks/mlflow-tracking/1/logged_models/${model_id}/artifacts`,
        status: "LOGGED_MODEL_PENDING",
      },
    },
  });

  it.each(clouds)("behind %s come back as they went", async (kind) => {
    fake.kind = () => kind;
    fake.instead.push({ status: 200, body: described });
    const { tracking } = await connect({ ...byToken, ...smallParts });
    const content = Buffer.alloc(7 * mebibyte, "0123456789abcde");
    await writeFile(join(folder, "given"), content);
    await tracking.upload(model_id, join(folder, "given"), "data/big.bin");
    await tracking.download(model_id, "data", join(folder, "got"));
    expect((await readFile(join(folder, "got", "big.bin"))).equals(content)).toBe(true);
    expect([...fake.cloud.objects.keys()]).toEqual([`logged_models/${model_id}/data/big.bin`]);
  });
});

describe("artifacts of a workspace", () => {
  const give = (run_id: string, info: object): Reply => ({
    status: 200,
    body: JSON.stringify({ credential_infos: [{ run_id, type: "AWS_PRESIGNED_URL", ...info }] }),
  });

  it("in parts whose addresses expire are sent to new ones; a part that is lost is sent again", async () => {
    const { tracking } = await connect({ ...byToken, ...smallParts });
    const run_id = await startRun(tracking);
    const content = Buffer.alloc(16 * mebibyte, "0123456789abcde");
    await writeFile(join(folder, "big"), content);
    fake.cloud.expireNext = 3;
    fake.cloud.instead.push({ status: 500, body: "" });
    await tracking.upload(run_id, join(folder, "big"), "big");
    expect([...fake.cloud.objects.values()].map(({ length }) => length)).toEqual([content.length]);
    expect(seen(fake.requests).filter((path) => path.endsWith("part-url"))).toHaveLength(2);
  });

  it("in parts that cannot be finished are given up at the store as well", async () => {
    const { tracking } = await connect({ ...byToken, ...smallParts });
    const run_id = await startRun(tracking);
    await writeFile(join(folder, "big"), Buffer.alloc(7 * mebibyte, 1));
    fake.cloud.instead.push({ status: 200, headers: { etag: '"a"' } }, { status: 400, body: "" });
    const failure = await failureOf(tracking.upload(run_id, join(folder, "big"), "big"));
    expect(failure.code).toBe("ARTIFACT_STORE_FAILED");
    expect(fake.cloud.requests.map(({ method }) => method)).toEqual(["PUT", "PUT", "DELETE"]);
  });

  it.each(["http://store.example.com/a?sig=SECRET", "ftp://127.0.0.1/a", "/a?sig=SECRET", ""])(
    "are not sent to %j",
    async (signed_uri) => {
      const { tracking } = await connect();
      const run_id = await startRun(tracking);
      await writeFile(join(folder, "a"), "a");
      await tracking.call("runs/get", { run_id });
      fake.instead.push({ status: 200, body: runAt(run_id) }, give(run_id, { signed_uri }));
      const failure = await failureOf(tracking.upload(run_id, join(folder, "a"), "a"));
      expect(failure.code).toBe("NOT_MLFLOW");
      expect(failure.message).not.toContain("SECRET");
    },
  );

  it("tell nobody who is asking, not even the workspace's own host", async () => {
    for (const env of [byToken, byClient]) {
      const { tracking } = await connect({ ...env, DATABRICKS_WORKSPACE_ID: "4711" });
      fake.instead.push(
        { status: 200, body: runAt("r") },
        give("r", { signed_uri: `${fake.origin}/store/a?sig=SECRET` }),
      );
      await writeFile(join(folder, "a"), "a");
      const failure = await failureOf(tracking.upload("r", join(folder, "a"), "a"));
      expect(failure.message).toContain("answers 404");
    }
    expect(fake.strays.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/store/a", undefined],
      ["/store/a", undefined],
    ]);
    expect(fake.strays.map(({ headers }) => headers["x-databricks-org-id"])).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("are not sent on to where the store points", async () => {
    const { tracking } = await connect();
    const run_id = await startRun(tracking);
    await writeFile(join(folder, "a"), "a");
    const location = `${fake.origin}/elsewhere?sig=SECRET`;
    fake.cloud.instead.push({ status: 307, headers: { location }, body: "" });
    const failure = await failureOf(tracking.upload(run_id, join(folder, "a"), "a"));
    expect(failure.code).toBe("ARTIFACT_STORE_FAILED");
    expect(failure.message).toContain("answers 307");
    expect(`${failure.message}${failure.fix}`).not.toContain("SECRET");
  });

  const runAt = (run_id: string, artifact_uri = ""): string => {
    const info = { run_id, experiment_id: "1", status: "RUNNING", start_time: 1 };
    const own = `dbfs:/databricks/mlflow-tracking/1/${run_id}/artifacts`;
    return JSON.stringify({ run: { info: { ...info, artifact_uri: artifact_uri || own } } });
  };

  it.each([
    "dbfs:/Volumes/main/default/v/1/artifacts",
    "dbfs:/databricks/mlflow-tracking/1/0123/artifacts",
    "s3://key:SECRET@bucket/x",
    "file:///etc",
    "/etc",
  ])("that lie at %s are out of reach", async (artifact_uri) => {
    const { tracking } = await connect();
    fake.instead.push({ status: 200, body: runAt("r", artifact_uri) });
    await writeFile(join(folder, "a"), "a");
    const failure = await failureOf(tracking.upload("r", join(folder, "a"), "a"));
    expect(failure.code).toBe("ARTIFACTS_OUT_OF_REACH");
    expect(failure.fix).toContain("without an artifact location of its own");
    expect(failure.message).not.toContain("SECRET");
  });
});
