/** What the server refuses: the ways in which MLflow's servers were attacked, by the numbers under which they are known. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { createServer as createHttp } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { createServer, openServer, serverRoutes } from "../src/tracking/server/open-server.ts";
import { ask, startServer, type TestServer } from "./support/server.ts";
import { failureOf, startRun } from "./support/store.ts";

const token = "c0ffee-c0ffee-c0ffee";
const withToken = { authorization: `Bearer ${token}` };
const refused = { error_code: "PERMISSION_DENIED" };
const proxy = "api/2.0/mlflow-artifacts/artifacts";
const createExperiment = "api/2.0/mlflow/experiments/create";

interface Raw {
  readonly status: number;
  readonly text: string;
}

/** A request exactly as it is written: no client tidies the path or the Host. */
async function raw(
  { url }: { readonly url: string },
  path: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Raw> {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Connection: "close",
    ...(body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`);
  let text = "";
  socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  await once(socket, "close");
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}

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
    expect(let_in).toEqual(["GET /health 200", "GET /version 200"]);
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

  test("is our own when it came from here", async () => {
    const server = await startServer();
    const headers = { origin: server.url };
    expect(
      await ask(`${server.url}/${createExperiment}`, { body: { name: "x" }, headers }),
    ).toMatchObject({ status: 200 });
  });
});

/** Ways to write a path that leads out, as they are sent. */
const escapes = [
  "../secret",
  "a/../../secret",
  "%2e%2e/secret",
  "%2e%2e%2fsecret",
  "..%2fsecret",
  "%252e%252e%252fsecret",
  "%25252e%25252e%25252fsecret",
  "..%5csecret",
  "..\\secret",
  "%5c%5chost%5cshare",
  "/etc/passwd",
  "%2fetc%2fpasswd",
  "C:/secret",
  "C:%5csecret",
  "file:///etc/passwd",
  "a%00b",
  "a%23/../../secret",
  "a%3f/../../secret",
  ".",
  "./a",
  "a//b",
  ".artifact.uploading.0",
];

describe("an artifact's path", () => {
  async function withSecret(): Promise<TestServer & { readonly runId: string }> {
    const server = await startServer();
    await mkdir(join(server.folder, "mlartifacts"));
    await writeFile(join(server.folder, "secret"), "secret");
    return { ...server, runId: await startRun(server.tracking, "0") };
  }

  test.each(escapes)(
    "%s leads nowhere, by no verb and no route (CVE-2023-6015, CVE-2023-6018, CVE-2023-6753, CVE-2023-6831, CVE-2023-6909, CVE-2023-6975, CVE-2023-6976, CVE-2023-6977, CVE-2024-1560, CVE-2026-2033)",
    async (path) => {
      const server = await withSecret();
      const body = "changed";
      for (const [method, address] of [
        ["GET", `/${proxy}/${path}`],
        ["PUT", `/${proxy}/${path}`],
        ["DELETE", `/${proxy}/${path}`],
        ["GET", `/${proxy}?path=${path}`],
        ["GET", `/get-artifact?run_id=${server.runId}&path=${path}`],
        ["POST", `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${server.runId}&path=${path}`],
        ["GET", `/api/2.0/mlflow/artifacts/list?run_id=${server.runId}&path=${path}`],
      ] as const) {
        const answered = await raw(server, address, {
          method,
          ...(method === "PUT" || method === "POST" ? { body } : {}),
        });
        expect([method, address, answered.status]).toEqual([
          method,
          address,
          expect.toSatisfy((status) => status === 400 || status === 404),
        ]);
        expect(answered.text).not.toMatch(/root:|^secret$/m);
        expect(answered.text).not.toContain(server.folder);
      }
      expect(await readFile(join(server.folder, "secret"), "utf8")).toBe("secret");
      expect((await readdir(server.folder)).toSorted()).toEqual(
        expect.arrayContaining(["mlartifacts", "secret"]),
      );
      expect(await readdir(join(server.folder, "mlartifacts"))).toEqual([]);
    },
  );

  test("however it is made up of dots, slashes and codes, changes nothing outside (CVE-2024-1593, CVE-2024-1594)", async () => {
    const server = await withSecret();
    const piece = fc.constantFrom(
      "..",
      ".",
      "/",
      "\\",
      "%2e",
      "%2f",
      "%5c",
      "%25",
      "2e",
      ";",
      "#",
      "?",
      "%00",
      "a",
      "secret",
      "%c0%ae",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 10 }),
        fc.constantFrom("GET", "PUT", "DELETE"),
        async (pieces, method) => {
          const answered = await raw(server, `/${proxy}/${pieces.join("")}`, {
            method,
            ...(method === "PUT" ? { body: "changed" } : {}),
          });
          expect(answered.text).not.toMatch(/^secret$/m);
          expect(answered.status).not.toBe(500);
          expect(await readFile(join(server.folder, "secret"), "utf8")).toBe("secret");
          expect(existsSync(join(server.folder, "mlartifacts"))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
    expect(
      (await readdir(server.folder)).filter((name) => !name.startsWith("mlflow.db")).toSorted(),
    ).toEqual(["mlartifacts", "secret"]);
  });

  test("does not follow a link out, to read or to write (CVE-2026-2033)", async () => {
    const server = await withSecret();
    const root = join(server.folder, "mlartifacts");
    await mkdir(join(server.folder, "outside"));
    await writeFile(join(server.folder, "outside", "b"), "outside");
    await symlink(join(server.folder, "outside"), join(root, "a"));
    await symlink(join(server.folder, "secret"), join(root, "b"));
    for (const path of ["a/b", "b"]) {
      expect(await ask(`${server.url}/${proxy}/${path}`)).toMatchObject({
        status: 403,
        json: refused,
      });
    }
    expect(await ask(`${server.url}/${proxy}/a/b`, { method: "PUT", body: "x" })).toMatchObject({
      status: 403,
    });
    expect(await ask(`${server.url}/${proxy}/a/new/c`, { method: "PUT", body: "x" })).toMatchObject(
      { status: 403 },
    );
    expect(await ask(`${server.url}/${proxy}/a/b`, { method: "DELETE" })).toMatchObject({
      status: 403,
    });
    expect(await ask(`${server.url}/${proxy}?path=a`)).toMatchObject({ status: 403 });
    expect((await ask(`${server.url}/${proxy}`)).json).toEqual({});
    expect(await readFile(join(server.folder, "secret"), "utf8")).toBe("secret");
    expect(await readdir(join(server.folder, "outside"))).toEqual(["b"]);
  });
});

describe("a location that a client names", () => {
  test.each([
    "http:///#/../../../../etc/",
    "http://host/a?/../../../../etc",
    "file:///a;/../../etc",
    "mlflow-artifacts:/#/../../etc",
    "/tmp/a#b",
    "runs:/x/y",
  ])(
    "%s is refused for an experiment (CVE-2024-1483, CVE-2024-1594, CVE-2024-2928, CVE-2024-3848)",
    async (artifact_location) => {
      const { url } = await startServer();
      const made = await ask(`${url}/${createExperiment}`, {
        body: { name: "x", artifact_location },
      });
      expect(made).toMatchObject({ status: 400, json: { error_code: "INVALID_PARAMETER_VALUE" } });
    },
  );

  test.each([
    "/etc",
    "file:///etc",
    "file:/etc",
    "../../../../../../../../etc",
    "%2fetc",
    "mlflow-artifacts:/../../../../etc",
    "dbfs:/../../etc",
    "s3://bucket/../../etc",
    "mlflow-artifacts://evil.com/etc",
    "local:/etc",
  ])(
    "%s gives the server no file outside the folders it keeps (CVE-2024-3573, CVE-2024-8859, CVE-2026-2614)",
    async (artifact_location) => {
      const server = await startServer();
      const made = await ask(`${server.url}/${createExperiment}`, {
        body: { name: "x", artifact_location },
      });
      if (made.status !== 200) return expect(made.status).toBe(400);
      const { experiment_id } = made.json as { experiment_id: string };
      const runId = await startRun(server.tracking, experiment_id);
      // The run's own folder lies two levels below the location.
      for (const answered of [
        await ask(`${server.url}/get-artifact?run_id=${runId}&path=passwd`),
        await ask(`${server.url}/api/2.0/mlflow/artifacts/list?run_id=${runId}`),
        await ask(`${server.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=x`, {
          body: "x",
        }),
      ]) {
        expect([400, 403, 404]).toContain(answered.status);
        expect(answered.text).not.toContain(server.folder);
      }
      expect(existsSync(join("/etc", runId))).toBe(false);
    },
  );

  test("makes the server ask nobody (CVE-2025-52967, CVE-2026-2393, CVE-2026-64849)", async () => {
    const asked: string[] = [];
    const other = createHttp((request, response) => {
      asked.push(request.url ?? "");
      response.end();
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const server = await startServer();
    const artifact_location = `http://127.0.0.1:${port}/x`;
    const made = await ask(`${server.url}/${createExperiment}`, {
      body: { name: "x", artifact_location },
    });
    const { experiment_id } = made.json as { experiment_id: string };
    const runId = await startRun(server.tracking, experiment_id);
    for (const path of [
      `get-artifact?run_id=${runId}&path=a`,
      `api/2.0/mlflow/artifacts/list?run_id=${runId}`,
      `ajax-api/2.0/mlflow/gateway-proxy?gateway_path=http://127.0.0.1:${port}/`,
      `api/2.0/mlflow/webhooks`,
    ])
      expect((await ask(`${server.url}/${path}`)).status).not.toBe(200);
    expect(asked).toEqual([]);
  });
});

describe("what comes back", () => {
  const script = "<script>alert(1)</script>";

  test("says nothing that was sent, as a type or as a text that a browser would show (CVE-2023-6568, CVE-2024-27132, CVE-2024-27133)", async () => {
    const server = await startServer();
    for (const answered of [
      await ask(`${server.url}/${createExperiment}`, {
        body: script,
        headers: { "content-type": `text/html${script}` },
      }).catch(() => undefined),
      await ask(`${server.url}/${script}`),
      await ask(`${server.url}/%zz${script}`),
      await ask(`${server.url}/${createExperiment}`, { body: `{"name": ${script}}` }),
      await ask(`${server.url}/get-artifact?run_id=${script}&path=${script}`),
    ]) {
      if (answered === undefined) continue;
      expect(answered.headers.get("content-type")).toMatch(/^application\/json/);
      expect(answered.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answered.headers.get("x-frame-options")).toBe("SAMEORIGIN");
      expect(answered.status).toBeGreaterThanOrEqual(400);
    }
  });

  test("an artifact is saved, never shown, whatever it is (CVE-2026-33865)", async () => {
    const server = await startServer();
    const runId = await startRun(server.tracking, "0");
    const name = `a"\r\nX: y'é.html`;
    const up = `${server.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=${encodeURIComponent(name)}`;
    expect(await ask(up, { body: script, headers: { "content-type": "text/html" } })).toMatchObject(
      { status: 200 },
    );
    const down = await ask(
      `${server.url}/get-artifact?run_id=${runId}&path=${encodeURIComponent(name)}`,
    );
    expect(down.text).toBe(script);
    expect(Object.fromEntries(down.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": "attachment; filename*=UTF-8''a%22%0D%0AX%3A%20y%27%C3%A9.html",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    });
  });

  test("of a fault inside, the client learns that there is one, and the operator which", async () => {
    const logged: unknown[] = [];
    const server = await startServer({ log: (cause) => void logged.push(cause) });
    await writeFile(join(server.folder, "mlartifacts"), "a file where a folder should be");
    await server.tracking.close();
    const { status, text } = await ask(
      `${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`,
    );
    expect(status).toBe(500);
    expect(JSON.parse(text)).toEqual({
      error_code: "INTERNAL_ERROR",
      message: "internal error; the server's log says more",
    });
    expect(String(logged[0])).toMatch(/database is not open/);
  });
});

describe("what is too much", () => {
  test.each([
    ["an experiment's name", { name: "x".repeat(501) }],
    ["a location", { name: "x", artifact_location: `/${"x".repeat(5000)}` }],
    ["a tag", { name: "x", tags: [{ key: "k", value: "x".repeat(100_000) }] }],
  ])("%s that is too long is refused (CVE-2024-6838)", async (_, body) => {
    const { url } = await startServer();
    expect(await ask(`${url}/${createExperiment}`, { body })).toMatchObject({
      status: 400,
      json: { error_code: "INVALID_PARAMETER_VALUE" },
    });
  });

  test("a batch of more than a million bytes is refused, and of one less it is read (CVE-2024-6838)", async () => {
    const server = await startServer();
    const runId = await startRun(server.tracking, "0");
    const padded = (length: number): string => {
      const start = `{"run_id":"${runId}","padding":"`;
      return `${start}${"x".repeat(length - start.length - 2)}"}`;
    };
    const at = `${server.url}/api/2.0/mlflow/runs/log-batch`;
    expect(await ask(at, { body: padded(1_000_000) })).toMatchObject({ status: 200 });
    expect(await ask(at, { body: padded(1_000_001) })).toMatchObject({
      status: 400,
      json: { error_code: "INVALID_PARAMETER_VALUE" },
    });
  });

  test("JSON nested a hundred thousand deep is refused and takes nobody down", async () => {
    const { url } = await startServer();
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(
      (await ask(`${url}/${createExperiment}`, { body: `{"name":"x","tags":${deep}}` })).status,
    ).toBe(400);
    expect((await ask(`${url}/health`)).status).toBe(200);
  });

  test("a name of JavaScript's own objects is a name like any other", async () => {
    const { url } = await startServer();
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(
        await ask(`${url}/${createExperiment}`, {
          body: `{"name":"${name}","__proto__":{"artifact_location":"/etc"}}`,
        }),
      ).toMatchObject({ status: 200 });
      expect(
        (
          await ask(
            `${url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=${name}&__proto__=x`,
          )
        ).json,
      ).toMatchObject({ experiment: { name } });
    }
    expect(await ask(`${url}/api/2.0/mlflow/toString`)).toMatchObject({ status: 404 });
  });

  test.each([
    "/graphql",
    "/ajax-api/2.0/mlflow/gateway-proxy",
    "/api/3.0/mlflow/webhooks",
    "/ajax-api/3.0/jobs",
  ])(
    "%s, through which MLflow was attacked, is not there (CVE-2025-0453, CVE-2025-52967, CVE-2026-2393, CVE-2026-0545)",
    async (path) => {
      const { url } = await startServer();
      expect((await ask(url + path)).status).toBe(404);
      expect((await ask(url + path, { body: {} })).status).toBe(404);
    },
  );
});

describe("whoever keeps the server waiting", () => {
  const times = { headers: 300, body: 300, stillness: 300, betweenRequests: 300 };

  async function endOf(server: TestServer, text: string, drip = ""): Promise<string> {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    let heard = "";
    socket.setEncoding("utf8").on("data", (piece: string) => (heard += piece));
    socket.on("error", () => {});
    socket.write(text);
    const dripping = drip === "" ? undefined : setInterval(() => socket.write(drip), 50);
    await once(socket, "close");
    clearInterval(dripping);
    return heard;
  }

  test.each([
    ["sends nothing", "", ""],
    ["sends half a header", "GET / HTTP/1.1\r\nHost: x", ""],
    ["sends headers without end", "GET / HTTP/1.1\r\nHost: x\r\n", "A: b\r\n"],
    [
      "sends half a body",
      "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
      "",
    ],
    [
      "sends a body without end",
      "POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{",
      " ",
    ],
    ["asks nothing more", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", ""],
    [
      "stops in the middle of an upload",
      "PUT /api/2.0/mlflow-artifacts/artifacts/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nxx",
      "",
    ],
  ])("and %s, is hung up on", async (_, text, drip) => {
    const server = await startServer({ times });
    await endOf(server, text, drip);
    expect((await ask(`${server.url}/health`)).status).toBe(200);
  });

  test("is not waited for when the server ends, but an answer under way is", async () => {
    const { tracking } = await startServer();
    const slow = {
      ...tracking,
      call: async (...words: Parameters<typeof tracking.call>) => (
        await delay(100),
        tracking.call(...words)
      ),
    };
    const server = await openServer({ tracking: slow as typeof tracking, port: 0 });
    const idle = connect(server.port, "127.0.0.1");
    await once(idle, "connect");
    const answer = ask(`${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`);
    await delay(50);
    await server.close();
    expect((await answer).status).toBe(200);
    idle.destroy();
  });
});

test("connections that somebody else has accepted are served once the server is ready", async () => {
  const { tracking } = await startServer();
  const { createServer: createNet } = await import("node:net");
  const server = createServer({ tracking });
  const listener = createNet(async (socket) => {
    await server.ready();
    server.http.emit("connection", socket);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  expect(await ask(`http://127.0.0.1:${port}/health`)).toMatchObject({ status: 200, text: "OK" });
  listener.close();
  await server.close();
});
