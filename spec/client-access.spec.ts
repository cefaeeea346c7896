import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openClient } from "../src/tracking/client.ts";
import { makeCertificate } from "./support/certificate.ts";
import { connectWithin, failureOf, shortWait } from "./support/client.ts";
import { startFake, type Behaviour, type FakeServer } from "./support/fake-server.ts";

const unwell = (status: number, more: object = {}): Behaviour => ({
  kind: "answer",
  status,
  ...more,
});

let server: FakeServer;
let folder: string;

beforeEach(async () => {
  server = await startFake();
  folder = await mkdtemp(join(tmpdir(), "mlpipe-client-"));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const connect = (uri = server.uri, env: Record<string, string> = {}, random = 0.5) =>
  connectWithin(uri, { ...shortWait, ...env }, random);

describe("sign-in", () => {
  const secrets = ["hunter2", "tok3n", Buffer.from("ann:hunter2").toString("base64")];
  const basic = `Basic ${secrets[2]}`;
  const env = { MLFLOW_TRACKING_USERNAME: "ann", MLFLOW_TRACKING_PASSWORD: "hunter2" };

  it("goes with every request: basic from the address or the environment, or a token", async () => {
    const inAddress = server.uri.replace("//", "//ann:hunter2@");
    const get = async (uri: string, more: Record<string, string>): Promise<void> => {
      const { tracking } = await connect(uri, more);
      await tracking.call("runs/log-batch", { run_id: "r" });
    };
    await get(inAddress, {});
    await get(server.uri, env);
    await get(server.uri, { MLFLOW_TRACKING_TOKEN: "tok3n" });
    await get(server.uri, {});
    const sent = server.requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual([basic, basic, "Bearer tok3n", undefined]);
  });

  it.each([
    [401, "You are not authenticated", "UNAUTHENTICATED"],
    [403, "Permission denied", "PERMISSION_DENIED"],
  ])("that is refused with %i says so", async (status, body, code) => {
    server.script("/", unwell(status, { headers: { "content-type": "text/plain" }, body }));
    const { tracking } = await connect();
    const error = await failureOf(tracking.call("runs/get", { run_id: "r" }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(body);
    expect(error.fix).not.toBe("");
  });

  it("shows in no failure and in no address, even if the server repeats it", async () => {
    const echo = `you sent ${secrets.join(" and ")}`;
    const echoes: readonly Behaviour[] = [
      unwell(401, { body: echo }),
      unwell(400, { body: JSON.stringify({ error_code: "INTERNAL_ERROR", message: echo }) }),
      unwell(200, { body: echo }),
      unwell(200, { body: `<title>${echo}</title>` }),
      { kind: "reset" },
      { kind: "half" },
      { kind: "hang" },
    ];
    const signIns = [env, { MLFLOW_TRACKING_TOKEN: "tok3n" }];
    for (const signIn of signIns) {
      const hidden = signIn === env ? [secrets[0], secrets[2]] : [secrets[1]];
      const more = { ...signIn, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
      const { tracking } = await connect(server.uri, more);
      for (const behaviour of echoes) {
        server.script("/", behaviour);
        const error = await failureOf(tracking.call("runs/get", { run_id: "r" }));
        const shown = inspect(error, { depth: Infinity, showHidden: true });
        for (const secret of hidden) expect(shown).not.toContain(secret);
      }
      expect(inspect(tracking.uri)).not.toContain("hunter2");
    }
  });

  it("stays with the tracking server when artifacts lie on another", async () => {
    const other = await startFake();
    onTestFinished(() => other.close());
    const info = { run_id: "r", experiment_id: "1", status: "RUNNING" };
    const artifact_uri = `mlflow-artifacts://${other.uri.slice("http://".length)}/1/r`;
    server.answers.set("runs/get", JSON.stringify({ run: { info: { ...info, artifact_uri } } }));
    const { tracking } = await connect(server.uri, env);
    const file = join(folder, "a.txt");
    await writeFile(file, "a");
    await tracking.upload("r", file, "a.txt");
    expect(other.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/api/2.0/mlflow-artifacts/artifacts/1/r/a.txt", undefined],
    ]);
  });
});

describe("a proxy on the way", () => {
  const proxied = async (uri: string, more: Record<string, string>): Promise<unknown> =>
    (
      await connect(uri, { HTTP_PROXY: server.uri.replace("//", "//ann:hunter2@"), ...more })
    ).tracking.call("runs/log-batch", { run_id: "r" });

  it("is asked for servers elsewhere, but not for those that no_proxy names, nor for this machine", async () => {
    await proxied("http://mlflow.invalid:5000/team", {});
    const asked = server.requests.map(({ headers, path }) => [headers.host, path]);
    expect(asked).toEqual([
      ["mlflow.invalid:5000", expect.stringContaining("/team/api/2.0/mlflow/runs/log-batch")],
    ]);
    const other = await startFake();
    onTestFinished(() => other.close());
    await proxied(other.uri, {});
    expect(other.requests).toHaveLength(1);
    const failure = await failureOf(
      proxied("http://mlflow.invalid", { no_proxy: "mlflow.invalid" }),
    );
    expect(failure.message).toContain("mlflow.invalid:80");
    expect(server.requests).toHaveLength(1);
  });
});

describe("an encrypted connection", () => {
  it("is made when the certificate is known or need not be, and refused with a reason when not", async ({
    skip,
  }) => {
    const certificate = join(folder, "certificate.pem");
    const made = await makeCertificate(join(folder, "key.pem"), certificate);
    if (!made) return skip("no openssl to make a certificate with");
    const key = await readFile(join(folder, "key.pem"));
    const secure = await startFake({ key, cert: await readFile(certificate) });
    onTestFinished(() => secure.close());
    const get = async (uri: string, env: Record<string, string>): Promise<unknown> =>
      (await connect(uri, env)).tracking.call("runs/log-batch", { run_id: "r" });
    await get(secure.uri, { MLFLOW_TRACKING_SERVER_CERT_PATH: certificate });
    await get(secure.uri, { MLFLOW_TRACKING_INSECURE_TLS: "true" });
    const distrust = await failureOf(get(secure.uri, {}));
    expect(distrust.message).toMatch(/^The certificate of 127\.0\.0\.1:\d+ is not trusted \(/);
    const mistaken = await failureOf(get(server.uri.replace("http:", "https:"), {}));
    expect(mistaken.code).toBe("NOT_MLFLOW");
    expect(mistaken.message).toContain("does not speak TLS");
  });

  it("names the certificate's file that cannot be read", async () => {
    const env = { MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "none.pem") };
    const error = await failureOf(openClient(server.uri, env));
    expect(error.message).toBe(
      `The file that MLFLOW_TRACKING_SERVER_CERT_PATH names cannot be read: ${join(folder, "none.pem")}`,
    );
  });
});
