import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openDatabricks } from "../src/tracking/databricks/open-databricks.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { makeCertificate } from "./support/certificate.ts";
import { failureOf } from "./support/client.ts";
import { account, startDatabricks, type FakeDatabricks } from "./support/fake-databricks.ts";
import type { Reply } from "./support/listen.ts";
import { recordWaits } from "./support/surroundings.ts";

const clouds = [
  "AWS_PRESIGNED_URL",
  "GCP_SIGNED_URL",
  "AZURE_SAS_URI",
  "AZURE_ADLS_GEN2_SAS_URI",
] as const;
const mebibyte = 1024 * 1024;
/** Small enough for a test: the smallest parts that S3 takes. */
const smallParts = {
  MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: String(5 * mebibyte),
  MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: String(6 * mebibyte),
};
const byToken = { DATABRICKS_TOKEN: account.token };
const byClient = {
  DATABRICKS_CLIENT_ID: account.clientId,
  DATABRICKS_CLIENT_SECRET: account.clientSecret,
};

let folder: string;
let fake: FakeDatabricks;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlpipe-databricks-"));
  fake = await startDatabricks(folder);
});
afterEach(async () => {
  await fake.close();
  await rm(folder, { recursive: true, force: true });
  expect(fake.cloud.violations).toEqual([]);
});

interface Connected {
  readonly tracking: Tracking;
  readonly waits: readonly number[];
}

/** Sleeps no real time. */
async function connect(env: Readonly<Record<string, string>> = byToken): Promise<Connected> {
  const { surroundings, waits } = recordWaits();
  const all = { HOME: folder, DATABRICKS_HOST: fake.origin, ...env };
  const place = { uri: "databricks", profile: undefined };
  const tracking = await openDatabricks(place, all, surroundings);
  onTestFinished(() => tracking.close());
  return { tracking, waits };
}

async function startRun(tracking: Tracking, name = "/Shared/iris"): Promise<string> {
  const { experiment_id } = await tracking.call("experiments/create", { name });
  const { run } = await tracking.call("runs/create", { experiment_id, start_time: 1 });
  return run.info.run_id;
}

const seen = (what: readonly { readonly path: string }[]): readonly string[] =>
  what.map(({ path }) => path.slice(path.lastIndexOf("/mlflow/") + "/mlflow/".length));

describe("sign-in at a workspace", () => {
  it.each([
    ["a token", byToken],
    [
      "name and password",
      { DATABRICKS_USERNAME: account.username, DATABRICKS_PASSWORD: account.password },
    ],
    ["a service principal", byClient],
  ])("by %s goes with every call", async (_, env) => {
    const { tracking } = await connect(env);
    const run_id = await startRun(tracking);
    const { run } = await tracking.call("runs/get", { run_id });
    expect(run.info.artifact_uri).toMatch(/^dbfs:\/databricks\/mlflow-tracking\//);
    expect(tracking.uri).toBe("databricks");
  });

  it("names the workspace where one host serves several", async () => {
    const { tracking } = await connect({ ...byClient, DATABRICKS_WORKSPACE_ID: "4711" });
    await tracking.call("experiments/search", { max_results: 1 });
    const sent = [...fake.tokenRequests, ...fake.requests].map(
      ({ headers }) => headers["x-databricks-org-id"],
    );
    expect(sent).toEqual(["4711", "4711"]);
  });

  it("that is refused says which setting to check", async () => {
    const { tracking, waits } = await connect({ DATABRICKS_TOKEN: "dapi-hush" });
    const failure = await failureOf(tracking.call("experiments/search", { max_results: 1 }));
    expect(failure.code).toBe("PERMISSION_DENIED");
    expect(failure.message).toBe(`${fake.origin} refuses this request: Invalid access token: ***`);
    expect(failure.fix).toContain("Check DATABRICKS_TOKEN: it may have expired");
    expect(waits).toEqual([]);
  });

  it("by a service principal that nobody knows says so, without the secret", async () => {
    const { tracking } = await connect({ ...byClient, DATABRICKS_CLIENT_SECRET: "dose-hush" });
    const failure = await failureOf(tracking.call("experiments/search", { max_results: 1 }));
    expect(failure).toMatchObject({
      code: "UNAUTHENTICATED",
      message:
        "The Databricks workspace gives no token for the service principal of DATABRICKS_CLIENT_ID: invalid_client",
    });
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain("hush");
    expect(fake.requests).toEqual([]);
  });
});

describe("a workspace behind a certificate that nobody knows", () => {
  it("is not talked to, unless it is said that any will do", async () => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    if (!(await makeCertificate(key, cert))) return;
    const tls = { key: await readFile(key), cert: await readFile(cert) };
    const secure = await startDatabricks(folder, tls);
    onTestFinished(() => secure.close());
    const env = { ...byToken, DATABRICKS_HOST: secure.origin };
    const search = async (more: Record<string, string>): Promise<unknown> =>
      (await connect({ ...env, ...more })).tracking.call("experiments/search", { max_results: 1 });
    const failure = await failureOf(search({}));
    expect(failure.message).toMatch(/^The certificate of 127\.0\.0\.1:\d+ is not trusted \(/);
    expect(failure.fix).toContain("NODE_EXTRA_CA_CERTS");
    await search({ DATABRICKS_INSECURE: "true" });
    expect(secure.requests).toHaveLength(1);
  });
});

describe("a token of a service principal", () => {
  const search = async (tracking: Tracking): Promise<unknown> =>
    tracking.call("experiments/search", { max_results: 1 });

  it("is asked for once by many calls at a time, and kept", async () => {
    const { tracking } = await connect(byClient);
    await Promise.all(Array.from({ length: 8 }, () => search(tracking)));
    await search(tracking);
    expect(fake.tokenRequests).toHaveLength(1);
    expect(fake.requests).toHaveLength(9);
  });

  it("is asked for again before it expires", async () => {
    fake.tokenLife = 300;
    const { surroundings, waits } = recordWaits();
    const env = { HOME: folder, DATABRICKS_HOST: fake.origin, ...byClient };
    const tracking = await openDatabricks(
      { uri: "databricks", profile: undefined },
      env,
      surroundings,
    );
    onTestFinished(() => tracking.close());
    await search(tracking);
    await surroundings.sleep(230_000);
    await search(tracking);
    expect(fake.tokenRequests).toHaveLength(1);
    await surroundings.sleep(15_000);
    await search(tracking);
    expect(fake.tokenRequests).toHaveLength(2);
    expect(waits).toHaveLength(2);
  });

  it("that the workspace no longer takes is replaced once, and the call goes through", async () => {
    const { tracking, waits } = await connect(byClient);
    await search(tracking);
    fake.expireTokens();
    await Promise.all([search(tracking), search(tracking), search(tracking)]);
    expect(fake.tokenRequests).toHaveLength(2);
    expect(waits).toEqual([]);
  });

  it("that is refused though it is new is not asked for without end", async () => {
    const { tracking } = await connect(byClient);
    const refused: Reply = { status: 401, body: '{"error_code":"401","message":"no"}' };
    fake.instead.push(refused, refused, refused, refused);
    const failure = await failureOf(search(tracking));
    expect(failure.code).toBe("UNAUTHENTICATED");
    expect(failure.fix).toContain("Check DATABRICKS_CLIENT_SECRET");
    expect([fake.tokenRequests.length, fake.requests.length]).toEqual([2, 2]);
  });
});

describe("an experiment on Databricks", () => {
  it.each([
    ["iris", 'Name it "/Shared/iris"'],
    ["Default", 'Name it "/Shared/Default"'],
    ["/Workspace/Shared/iris", 'Name it "/Shared/iris"'],
  ])("named %j is refused before anything is sent", async (name, fix) => {
    const { tracking } = await connect();
    const failures = [
      await failureOf(tracking.call("experiments/create", { name })),
      await failureOf(tracking.call("experiments/get-by-name", { experiment_name: name })),
      await failureOf(tracking.call("experiments/update", { experiment_id: "1", new_name: name })),
    ];
    for (const failure of failures) expect(failure.fix).toContain(fix);
    expect(fake.requests).toEqual([]);
  });

  it("is found again by its path", async () => {
    const { tracking } = await connect();
    await startRun(tracking, "/Users/ann@example.com/iris");
    const { experiment } = await tracking.call("experiments/get-by-name", {
      experiment_name: "/Users/ann@example.com/iris",
    });
    expect(experiment.name).toBe("/Users/ann@example.com/iris");
  });
});

describe("a workspace that asks for patience", () => {
  const ok = { max_results: 1 } as const;

  it.each([
    [429, { "retry-after": "3" }, [3000]],
    [503, { "retry-after": "4" }, [4000]],
    [429, {}, [375]],
  ])("%i with %j is waited for", async (status, headers, expected) => {
    fake.instead.push({ status, headers: headers as Record<string, string>, body: "" });
    const { tracking, waits } = await connect();
    await tracking.call("experiments/search", ok);
    expect(waits).toEqual(expected);
  });

  it("until a date is waited for, and no longer", async () => {
    const date = new Date(Date.now() + 10_000).toUTCString();
    fake.instead.push({ status: 429, headers: { "retry-after": date }, body: "" });
    const { tracking, waits } = await connect();
    await tracking.call("experiments/search", ok);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThan(8_000);
    expect(waits[0]).toBeLessThanOrEqual(10_000);
  });

  it("longer than there is patience is left alone, and its reason is told", async () => {
    const body = '{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"Too many requests"}';
    fake.instead.push({ status: 429, headers: { "retry-after": "600" }, body });
    const { tracking, waits } = await connect();
    const failure = await failureOf(tracking.call("experiments/search", ok));
    expect(failure).toMatchObject({ code: "REQUEST_LIMIT_EXCEEDED", message: "Too many requests" });
    expect(failure.fix).toContain("MLPIPE_TRACKING_TIMEOUT");
    expect(waits).toEqual([]);
  });

  it("while it gives a token is waited for too, and the call that needs it is made once", async () => {
    const { tracking, waits } = await connect(byClient);
    fake.insteadOfToken.push(
      { status: 429, headers: { "retry-after": "2" }, body: "" },
      { status: 504, body: "" },
    );
    const { experiment_id } = await tracking.call("experiments/create", { name: "/Shared/a" });
    expect(waits).toEqual([2000, 750]);
    fake.expireTokens();
    fake.insteadOfToken.push({ status: 504, body: "" });
    await tracking.call("runs/create", { experiment_id, start_time: 1 });
    expect(seen(fake.requests)).toEqual(["experiments/create", "runs/create", "runs/create"]);
  });

  it("repeats no effect when an answer is lost", async () => {
    const { tracking } = await connect();
    const { experiment_id } = await tracking.call("experiments/create", { name: "/Shared/a" });
    fake.instead.push({ status: 500, body: "" });
    const { run } = await tracking.call("runs/create", { experiment_id, start_time: 1 });
    const { runs } = await tracking.call("runs/search", { experiment_ids: [experiment_id] });
    expect(runs?.map(({ info }) => info.run_id)).toEqual([run.info.run_id]);
    expect(seen(fake.requests)).toContain("runs/search");
  });
});

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

describe("secrets of a workspace", () => {
  it("show in no failure, whatever goes wrong and whoever repeats them", async () => {
    const signIns = [byToken, byClient];
    for (const env of signIns) {
      const { tracking } = await connect({ ...env, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" });
      await tracking.call("experiments/search", { max_results: 1 });
      const echo = [account.token, account.clientSecret, ...fake.tokens].join(" ");
      const hidden = env === byToken ? [account.token] : [account.clientSecret, ...fake.tokens];
      const replies: readonly Reply[] = [
        { status: 400, body: JSON.stringify({ error_code: "INTERNAL_ERROR", message: echo }) },
        { status: 403, body: JSON.stringify({ error_code: "403", message: echo }) },
        { status: 500, body: echo },
        { status: 200, body: `<title>${echo}</title>` },
        { status: 302, headers: { location: `https://x.example.com/?t=${fake.tokens.size}` } },
      ];
      for (const reply of replies) {
        fake.instead.push(reply);
        const failure = await failureOf(tracking.call("runs/get", { run_id: "r" }));
        const shown = inspect(failure, { depth: Infinity, showHidden: true });
        for (const secret of hidden) expect(shown).not.toContain(secret);
      }
    }
  });
});
