import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Tracking } from "../src/tracking/tracking.ts";
import { makeCertificate } from "./support/certificate.ts";
import { failureOf } from "./support/client.ts";
import {
  byClient,
  byToken,
  connectTo,
  seen,
  startRun,
  workspaceForEach,
} from "./support/databricks.ts";
import { account, startDatabricks, type FakeDatabricks } from "./support/fake-databricks.ts";
import type { Reply } from "./support/listen.ts";

let folder: string;
let fake: FakeDatabricks;

const workspace = workspaceForEach();
beforeEach(() => {
  ({ folder, fake } = workspace());
});

const connect = (env?: Readonly<Record<string, string>>) => connectTo(fake, folder, env);

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
  it("is not talked to, unless it is said that any will do", async ({ skip }) => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    if (!(await makeCertificate(key, cert))) return skip("no openssl to make a certificate with");
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
    const { tracking, waits, surroundings } = await connect(byClient);
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
