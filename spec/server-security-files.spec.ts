/** Which files the server gives and takes, and which it never touches: attacks on MLflow's servers, by the numbers under which they are known. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { createServer as createHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { ask, raw, startServer, type TestServer } from "./support/server.ts";
import { startRun } from "./support/store.ts";

const refused = { error_code: "PERMISSION_DENIED" };
const proxy = "api/2.0/mlflow-artifacts/artifacts";
const createExperiment = "api/2.0/mlflow/experiments/create";

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
    expect(made).toMatchObject({ status: 400, json: { error_code: "INVALID_PARAMETER_VALUE" } });
    const runId = await startRun(server.tracking, "0");
    for (const path of [
      `get-artifact?run_id=${runId}&path=a`,
      `ajax-api/2.0/mlflow/gateway-proxy?gateway_path=http://127.0.0.1:${port}/`,
      `api/2.0/mlflow/webhooks`,
    ])
      expect((await ask(`${server.url}/${path}`)).status).not.toBe(200);
    expect(asked).toEqual([]);
  });
});

describe("the source of a model version", () => {
  test.each([
    "/etc",
    "file:///etc",
    "file://localhost/etc",
    "../../../../etc",
    "mlflow-artifacts:/../../etc",
    "mlflow-artifacts:/0/../../../etc",
    "ROOT/../../../../../../etc",
    "ROOT/%2e%2e/%2e%2e/etc",
    "ROOT/%252e%252e/etc",
    "ROOT/a/../../..",
    "ROOT#/../../etc",
    "ROOT?/../../etc",
    "http:///#/../../etc",
    "dbfs:/../../etc",
    "models:/../../etc",
    "runs:/../../etc",
    "ROOTx",
  ])(
    "%s gives nobody a file outside the run's artifacts, whatever tags it has (CVE-2024-1558, CVE-2025-11201, CVE-2026-2614)",
    async (written) => {
      const server = await startServer();
      const runId = await startRun(server.tracking, "0");
      const source = written.replace("ROOT", `mlflow-artifacts:/0/${runId}/artifacts`);
      const api = `${server.url}/api/2.0/mlflow`;
      await ask(`${api}/registered-models/create`, { body: { name: "m" } });
      const tags = [{ key: "mlflow.prompt.is_prompt", value: "true" }];
      for (const body of [
        { name: "m", source },
        { name: "m", source, run_id: runId },
        { name: "m", source, run_id: runId, tags },
      ]) {
        const made = await ask(`${api}/model-versions/create`, { body });
        const version = (made.json as { model_version?: { version: string } }).model_version
          ?.version;
        if (version === undefined) expect([400, 403, 404]).toContain(made.status);
        else
          expect([400, 403, 404, 501]).toContain(
            (
              await ask(
                `${server.url}/model-versions/get-artifact?name=m&version=${version}&path=passwd`,
              )
            ).status,
          );
      }
    },
  );

  test("lets its files be fetched by name and version, if it is below the run's artifacts", async () => {
    const server = await startServer();
    const runId = await startRun(server.tracking, "0");
    const api = `${server.url}/api/2.0/mlflow`;
    const root = `0/${runId}/artifacts/model`;
    await ask(`${server.url}/${proxy}/${root}/MLmodel`, { method: "PUT", body: "flavors: {}" });
    await ask(`${api}/registered-models/create`, { body: { name: "m" } });
    for (const source of [`mlflow-artifacts:/${root}`, `runs:/${runId}/model`]) {
      const made = await ask(`${api}/model-versions/create`, {
        body: { name: "m", source, run_id: runId },
      });
      const { version } = (made.json as { model_version: { version: string } }).model_version;
      const at = `${server.url}/model-versions/get-artifact?name=m&version=${version}`;
      expect(await ask(`${at}&path=MLmodel`)).toMatchObject({ status: 200, text: "flavors: {}" });
      expect((await ask(`${at}&path=../x`)).status).toBe(400);
    }
  });

  test("is that of one name, which is decoded once (CVE-2024-3099)", async () => {
    const { url } = await startServer();
    const api = `${url}/api/2.0/mlflow`;
    await ask(`${api}/registered-models/create`, { body: { name: "model" } });
    expect((await ask(`${api}/registered-models/get?name=%6dodel`)).status).toBe(200);
    for (const name of ["%256dodel", "model%2500", "model%2520", "MODEL", "model%20"])
      expect((await ask(`${api}/registered-models/get?name=${name}`)).status).not.toBe(200);
  });
});

test("the files of a logged model are below its own artifacts, and for whoever may ask (CVE-2026-33866)", async () => {
  const server = await startServer();
  const { model } = await server.tracking.call("logged-models/create", { experiment_id: "0" });
  const { model_id } = model.info;
  const root = `0/models/${model_id}/artifacts`;
  await ask(`${server.url}/${proxy}/${root}/a`, { method: "PUT", body: "text" });
  const at = `${server.url}/ajax-api/2.0/mlflow/logged-models/${model_id}/artifacts/files`;
  expect(await ask(`${at}?artifact_file_path=a`)).toMatchObject({ status: 200, text: "text" });
  expect((await ask(`${at}?artifact_file_path=../a`)).status).toBe(400);
  expect((await ask(at)).status).toBe(400);
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
    const name = `a"\rX: y'é.html`;
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
      "content-disposition": "attachment; filename*=UTF-8''a%22%0DX%3A%20y%27%C3%A9.html",
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
