/** Whom the server refuses: the ways in which MLflow's servers were attacked, by the numbers under which they are known. */
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { openServer, serverRoutes } from "../src/tracking/server/open-server.ts";
import { ask, raw, startServer } from "./support/server.ts";
import { failureOf } from "./support/store.ts";

const token = "c0ffee-c0ffee-c0ffee";
const withToken = { authorization: `Bearer ${token}` };
const proxy = "api/2.0/mlflow-artifacts/artifacts";
const createExperiment = "api/2.0/mlflow/experiments/create";

describe("without a token", () => {
  test("every route of the table is refused, and so is every address beside it, but health and version (CVE-2026-0545, CVE-2026-2651, CVE-2026-33866, CVE-2026-13484, CVE-2024-4263)", async () => {
    const server = await startServer({ tokens: [token] });
    const routes = serverRoutes({ tracking: server.tracking });
    expect(routes.length).toBeGreaterThan(200);
    const let_in: string[] = [];
    for (const { verb, path } of routes) {
      const address = path.replace(/:\w+/g, "x").replace("*", "x");
      const { status } = await raw(server, address, { method: verb });
      if (status !== 401) let_in.push(`${verb} ${path} ${status}`);
    }
    expect(let_in).toEqual(["GET /health 200", "HEAD /health 200", "GET /version 200"]);
    for (const path of [
      "/x",
      "/api/2.0/mlflow/x",
      "/graphql",
      "/metrics",
      "/health/x",
      "/static-files/x",
    ])
      expect(await raw(server, path)).toMatchObject({ status: 401 });
    expect(await raw(server, "/health", { method: "POST" })).toMatchObject({ status: 401 });
  });

  test.each(["PROPFIND", "SEARCH", "TRACE", "MKCOL", "QUERY", "HEAD"])(
    "the verb %s is refused like every other, and nothing of the request comes back",
    async (method) => {
      const server = await startServer({ tokens: [token] });
      const answered = await raw(server, "/api/2.0/<b>", { method });
      expect([400, 401]).toContain(answered.status);
      expect(answered.text).not.toContain("<b>");
    },
  );

  test.each([
    "/health/../api/2.0/mlflow/experiments/get?experiment_id=0",
    "//api/2.0/mlflow/experiments/get?experiment_id=0",
    "/%61pi/2.0/mlflow/experiments/get?experiment_id=0",
    "/API/2.0/mlflow/experiments/get?experiment_id=0",
    "/api/2.0/mlflow/experiments/get/?experiment_id=0",
    "/api/2.0/mlflow/experiments%2fget?experiment_id=0",
    "/api/2.0/mlflow/experiments/get;health?experiment_id=0",
    "http://127.0.0.1/api/2.0/mlflow/experiments/get?experiment_id=0",
  ])("no other way of writing the address %s gets past the guard (CVE-2023-6014)", async (path) => {
    const server = await startServer({ tokens: [token] });
    expect([400, 401]).toContain((await raw(server, path)).status);
  });

  test.each([
    "",
    "Bearer",
    "Bearer ",
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.toUpperCase()}`,
    token,
    `Token ${token}`,
    "Basic ",
    "Basic !",
    `Basic ${Buffer.from(`${token}:`).toString("base64")}`,
    `Basic ${Buffer.from("admin:password1234").toString("base64")}`,
    `Basic ${Buffer.from("admin:").toString("base64")}`,
  ])(
    "the header %j opens nothing, default credentials least (CVE-2026-2635)",
    async (authorization) => {
      const { url } = await startServer({ tokens: [token, "another-token-entirely"] });
      const answered = await ask(`${url}/api/2.0/mlflow/experiments/get?experiment_id=0`, {
        headers: { authorization },
      });
      expect(answered).toMatchObject({ status: 401, json: { error_code: "UNAUTHENTICATED" } });
      expect(answered.headers.get("www-authenticate")).toBe('Bearer, Basic realm="mlpipe"');
    },
  );

  test("each of several tokens opens, as Bearer or as the password of anybody", async () => {
    const { url } = await startServer({ tokens: [token, "another:token-entirely"] });
    for (const authorization of [
      `Bearer ${token}`,
      "bearer another:token-entirely",
      `Basic ${Buffer.from(`me:${token}`).toString("base64")}`,
      `Basic ${Buffer.from("me:another:token-entirely").toString("base64")}`,
    ])
      expect(
        await ask(`${url}/api/2.0/mlflow/experiments/get?experiment_id=0`, {
          headers: { authorization },
        }),
      ).toMatchObject({ status: 200 });
  });

  test.each(["0.0.0.0", "::", "192.0.2.1", "example.org"])(
    "nobody listens at %s, which other machines reach (CVE-2026-2635)",
    async (host) => {
      const { tracking } = await startServer();
      expect(await failureOf(openServer({ tracking, host, port: 0 }))).toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
        fix: expect.stringContaining("--token-file"),
      });
    },
  );
});

describe("a page whose name is made to point here (CVE-2025-14279)", () => {
  test.each([
    "evil.com",
    "evil.com:5000",
    "localhost.evil.com",
    "127.0.0.1.evil.com",
    "10.evil.com",
    "192.168.1.1",
    "10.0.0.1",
    "user@127.0.0.1",
    "127.0.0.1:x",
    "",
    "[::1",
    "2130706433",
    "0x7f.1",
    "localhost/",
    "127.0.0.1 evil.com",
  ])("is refused under the Host %j", async (host) => {
    const server = await startServer();
    const { status, text } = await raw(server, "/api/2.0/mlflow/experiments/get?experiment_id=0", {
      headers: { Host: host },
    });
    expect([400, 403]).toContain(status);
    expect(text).not.toContain("Default");
    expect(text).not.toContain("evil");
  });

  test("is refused without a Host, as HTTP 1.0 allows", async () => {
    const server = await startServer();
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write("GET /api/2.0/mlflow/experiments/get?experiment_id=0 HTTP/1.0\r\n\r\n");
    const [answer] = (await once(socket.setEncoding("utf8"), "data")) as [string];
    expect(answer).toContain("403 Forbidden");
    socket.destroy();
  });

  test.each(["localhost", "LOCALHOST:80", "127.0.0.1:1", "127.1.2.3", "[::1]:5000"])(
    "does not keep %s out",
    async (host) => {
      const server = await startServer();
      expect(await raw(server, "/", { headers: { Host: host } })).toMatchObject({ status: 200 });
    },
  );

  test("may ask whether somebody is there, and who", async () => {
    const server = await startServer();
    for (const path of ["/health", "/version"])
      expect(await raw(server, path, { headers: { Host: "probe.cluster" } })).toMatchObject({
        status: 200,
      });
  });

  test("patterns of the operator let in what they name and nothing that looks alike", async () => {
    const allowedHosts = [
      "mlflow.example.org",
      "*.team.example",
      "10.*",
      "app-*.net:8080",
      "[fd00::1]",
    ];
    const server = await startServer({ allowedHosts });
    const status = async (host: string): Promise<number> =>
      (await raw(server, "/", { headers: { Host: host } })).status;
    for (const host of [
      "mlflow.example.org",
      "MLflow.example.org:443",
      "a.team.example",
      "10.1.2.3:5000",
      "app-1.net:8080",
      "[fd00::1]:80",
    ])
      expect([host, await status(host)]).toEqual([host, 200]);
    for (const host of [
      "example.org",
      "xmlflow.example.org",
      "mlflow-example.org",
      "team.example",
      "10.evil.com",
      "110.1.2.3",
      "app-1.net",
      "app-1.net:80",
      "a.team.example.evil.com",
      "[fd00::2]",
    ])
      expect([host, await status(host)]).toEqual([host, 403]);
  });

  test("where the server listens at every address, each address is a Host, and no name is", async () => {
    const server = await startServer({ host: "0.0.0.0", tokens: [token] });
    const status = async (host: string): Promise<number> =>
      (await raw(server, "/", { headers: { Host: host, Authorization: `Bearer ${token}` } }))
        .status;
    expect([
      await status("192.0.2.7:5000"),
      await status("[2001:db8::1]"),
      await status("evil.com"),
    ]).toEqual([200, 200, 403]);
  });
});

describe("a page of another origin", () => {
  const origins = [
    "https://evil.com",
    "null",
    "http://127.0.0.1.evil.com",
    "http://localhost:3000",
    "file://",
    "",
    "http://127.0.0.1",
  ];

  test.each(origins)(
    "writes nothing: Origin %j (CVE-2025-1473, CVE-2023-43472)",
    async (origin) => {
      const server = await startServer();
      for (const [method, path] of [
        ["POST", `/${createExperiment}`],
        ["PUT", `/${proxy}/x`],
        ["DELETE", `/${proxy}/x`],
        ["PATCH", "/api/2.0/mlflow/registered-models/update"],
        ["POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=x&path=y"],
      ] as const) {
        const headers = { Origin: origin, "Content-Type": "application/json" };
        const answered = await raw(server, path, { method, headers, body: '{"name":"x"}' });
        expect(answered.status).toBe(403);
        expect(answered.text).not.toMatch(/access-control/i);
        if (origin !== "") expect(answered.text).not.toContain(origin);
      }
      expect(
        (await server.tracking.call("experiments/search", { max_results: 10 })).experiments,
      ).toHaveLength(1);
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "text/plain; application/json",
    undefined,
  ])("gets nothing in by a form, whose type is %s (CVE-2023-43472)", async (type) => {
    const server = await startServer();
    const headers: Record<string, string> = type === undefined ? {} : { "Content-Type": type };
    const answered = await raw(server, `/${createExperiment}`, {
      method: "POST",
      headers,
      body: '{"name":"x"}',
    });
    expect(answered.status).toBe(400);
    expect(answered.text).toContain("INVALID_PARAMETER_VALUE");
    expect(answered.text).not.toContain("multipart");
    expect(
      (await server.tracking.call("experiments/search", { max_results: 10 })).experiments,
    ).toHaveLength(1);
  });

  test("asks in vain whether it may, unless the operator has named it", async () => {
    const { url } = await startServer({
      allowedOrigins: ["https://ui.example.org"],
      tokens: [token],
    });
    const preflight = (origin: string) =>
      ask(`${url}/${createExperiment}`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const evil = await preflight("https://evil.com");
    expect(evil.status).toBe(403);
    expect(evil.headers.get("access-control-allow-origin")).toBeNull();
    const good = await preflight("https://ui.example.org");
    expect(good.status).toBe(204);
    expect(good.headers.get("access-control-allow-origin")).toBe("https://ui.example.org");
    const written = await ask(`${url}/${createExperiment}`, {
      body: { name: "x" },
      headers: { origin: "https://ui.example.org", ...withToken },
    });
    expect(written.status).toBe(200);
    expect(written.headers.get("access-control-allow-origin")).toBe("https://ui.example.org");
  });

  test("that hides its name is refused even where all names are allowed", async () => {
    const { url } = await startServer({ allowedOrigins: ["*"] });
    const status = async (origin: string): Promise<number> =>
      (await ask(`${url}/${createExperiment}`, { body: { name: origin }, headers: { origin } }))
        .status;
    expect([await status("https://any.example"), await status("null")]).toEqual([200, 403]);
  });

  test("is our own when it came from here", async () => {
    const server = await startServer();
    const headers = { origin: server.url };
    expect(
      await ask(`${server.url}/${createExperiment}`, { body: { name: "x" }, headers }),
    ).toMatchObject({ status: 200 });
  });
});
