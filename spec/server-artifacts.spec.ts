/** Artifacts through the server: streamed, whole or not there, and never outside the folder that holds them. */
import { readFile, readdir } from "node:fs/promises";
import { request, type ClientRequest } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startRun } from "./support/store.ts";
import { ask, startServer, type TestServer } from "./support/server.ts";

const proxies = ["api/2.0/mlflow-artifacts", "ajax-api/2.0/mlflow-artifacts"];
const proxy = proxies[0];

function put(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return ask(url, {
    method: "PUT",
    body: String(body),
    headers: { "content-type": "text/html", ...headers },
  });
}

function stored({ folder }: TestServer): Promise<string[]> {
  return readdir(join(folder, "mlartifacts"), { recursive: true }).catch(() => []);
}

describe("the proxy of mlflow-artifacts: addresses", () => {
  test.each(proxies)("a file is put, listed, fetched and removed below %s", async (prefix) => {
    const server = await startServer();
    const at = `${server.url}/${prefix}/artifacts`;
    expect(await put(`${at}/0/a%20b/é%25.html`, "<b>one</b>")).toMatchObject({
      status: 200,
      json: {},
    });
    expect(await put(`${at}/0/a%20b/é%25.html`, "<b>two</b>")).toMatchObject({ status: 200 });
    expect(await readFile(join(server.folder, "mlartifacts/0/a b/é%.html"), "utf8")).toBe(
      "<b>two</b>",
    );
    expect((await ask(`${at}?path=0/a%20b`)).json).toEqual({
      files: [{ path: "é%.html", is_dir: false, file_size: 10 }],
    });
    expect((await ask(at)).json).toEqual({ files: [{ path: "0", is_dir: true }] });
    expect(await ask(`${at}/0/a%20b/é%25.html`)).toMatchObject({ status: 200, text: "<b>two</b>" });
    expect(await ask(`${at}/0/a%20b/é%25.html`, { method: "DELETE" })).toMatchObject({
      status: 200,
      json: {},
    });
    expect(await ask(`${at}/0/a%20b/é%25.html`)).toMatchObject({
      status: 404,
      json: { error_code: "RESOURCE_DOES_NOT_EXIST" },
    });
    expect(await ask(`${at}/0/a%20b/é%25.html`, { method: "DELETE" })).toMatchObject({
      status: 200,
    });
    expect((await ask(`${at}?path=0/a%20b`)).json).toEqual({});
  });

  test("an empty file and one of several megabytes arrive as they were sent", async () => {
    const { url } = await startServer();
    const large = "0123456789abcdef".repeat(1 << 18);
    for (const body of ["", large]) {
      await put(`${url}/${proxy}/artifacts/x`, body);
      const { text, headers } = await ask(`${url}/${proxy}/artifacts/x`);
      expect(text === body).toBe(true);
      expect(headers.get("content-length")).toBe(String(body.length));
    }
  });

  test("a folder is removed with all it holds, and the root by nobody", async () => {
    const server = await startServer();
    const at = `${server.url}/${proxy}/artifacts`;
    await put(`${at}/a/b/c`, "x");
    await put(`${at}/d`, "x");
    expect(await ask(`${at}/`, { method: "DELETE" })).toMatchObject({ status: 400 });
    expect(await ask(`${at}/a`, { method: "DELETE" })).toMatchObject({ status: 200 });
    expect(await stored(server)).toEqual(["d"]);
  });

  test("a folder is no file, and a file no folder", async () => {
    const { url } = await startServer();
    const at = `${url}/${proxy}/artifacts`;
    await put(`${at}/a/b`, "x");
    for (const answered of [
      await ask(`${at}/a`),
      await put(`${at}/a`, "x"),
      await put(`${at}/a/b/c`, "x"),
    ])
      expect(answered).toMatchObject({
        status: 400,
        json: { error_code: "INVALID_PARAMETER_VALUE" },
      });
    expect((await ask(`${at}/a/b/c`)).status).toBe(404);
  });

  test("uploads in parts are refused as MLflow refuses them for files of its own machine", async () => {
    const { url } = await startServer();
    for (const step of ["create", "complete", "abort"])
      expect(
        await ask(`${url}/${proxy}/mpu/${step}/a/b`, { body: { path: "a/b", num_parts: 2 } }),
      ).toMatchObject({ status: 501, json: { error_code: "NOT_IMPLEMENTED" } });
  });

  test("a server that shall not serve artifacts has no proxy", async () => {
    const { url } = await startServer({ serveArtifacts: false });
    expect((await put(`${url}/${proxy}/artifacts/x`, "x")).status).toBe(404);
  });
});

describe("an upload", () => {
  /** Sends half of what it announces, and waits until the server has begun to write. */
  async function begin(server: TestServer, path: string) {
    const sending = request(`${server.url}/${path}`, {
      method: path.startsWith("ajax") ? "POST" : "PUT",
      headers: { "content-length": "2000000" },
    });
    sending.on("error", () => {});
    sending.write("x".repeat(1_000_000));
    await expect
      .poll(async () =>
        (await stored(server)).some((name) => name.includes(".artifact.uploading.")),
      )
      .toBe(true);
    return sending;
  }

  async function breakOff(sending: ClientRequest): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    sending.on("close", resolve).destroy();
    await promise;
  }

  test("that breaks off leaves nothing behind, and what was there before", async () => {
    const server = await startServer();
    await put(`${server.url}/${proxy}/artifacts/model/a`, "before");
    const sending = await begin(server, `${proxy}/artifacts/model/a`);
    await breakOff(sending);
    await expect.poll(() => stored(server)).toEqual(["model", "model/a"]);
    expect((await ask(`${server.url}/${proxy}/artifacts/model/a`)).text).toBe("before");
  });

  test("that is under way is in no list", async () => {
    const server = await startServer();
    const sending = await begin(server, `${proxy}/artifacts/model/a`);
    expect((await ask(`${server.url}/${proxy}/artifacts?path=model`)).json).toEqual({});
    await breakOff(sending);
  });

  test.each([true, false])(
    "larger than the limit is refused (size announced: %s)",
    async (announced) => {
      const server = await startServer({ uploadLimit: 10 });
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("01234567890"));
          controller.close();
        },
      });
      const answer = await fetch(`${server.url}/${proxy}/artifacts/a`, {
        method: "PUT",
        body: announced ? "01234567890" : body,
        duplex: "half",
      } as RequestInit);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error_code: "INVALID_PARAMETER_VALUE" });
      expect(await stored(server)).toEqual([]);
    },
  );
});

describe("artifacts of a run", () => {
  test("a file goes up by upload-artifact, whatever its size, and comes down by get-artifact", async () => {
    const server = await startServer();
    const runId = await startRun(server.tracking, "0");
    const text = "0123456789".repeat(1_100_000);
    const up = `${server.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=plots/a.txt`;
    expect(
      await ask(up, { body: text, headers: { "content-type": "application/octet-stream" } }),
    ).toMatchObject({
      status: 200,
      json: {},
    });
    for (const name of ["run_id", "run_uuid"]) {
      const down = await ask(`${server.url}/get-artifact?${name}=${runId}&path=plots/a.txt`);
      expect(down.status).toBe(200);
      expect(down.text === text).toBe(true);
    }
    expect(
      (await ask(`${server.url}/api/2.0/mlflow/artifacts/list?run_id=${runId}&path=plots`)).json,
    ).toEqual({
      root_uri: `mlflow-artifacts:/0/${runId}/artifacts`,
      files: [{ path: "plots/a.txt", is_dir: false, file_size: text.length }],
    });
  });

  test("a run that is not there, and a name that is missing, are said", async () => {
    const { url, tracking } = await startServer();
    const runId = await startRun(tracking, "0");
    expect(await ask(`${url}/get-artifact?run_id=${"0".repeat(32)}&path=a`)).toMatchObject({
      status: 404,
    });
    expect(await ask(`${url}/get-artifact?run_id=${runId}`)).toMatchObject({
      status: 400,
      json: { message: "path is missing" },
    });
    expect(await ask(`${url}/get-artifact?path=a`)).toMatchObject({
      status: 400,
      json: { message: "run_id is missing" },
    });
  });
});
