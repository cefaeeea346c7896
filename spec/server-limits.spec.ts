/** What is too much for the server, and how long it waits. */
import { once } from "node:events";
import { mkdir, readdir, readlink, writeFile } from "node:fs/promises";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createServer, openServer } from "../src/tracking/server/open-server.ts";
import { ask, startServer, trackerThat, type TestServer } from "./support/server.ts";
import { startRun } from "./support/store.ts";

const createExperiment = "api/2.0/mlflow/experiments/create";

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
    // Not `once`, which rejects where the server resets what it hangs up on.
    await new Promise((resolve) => socket.once("close", resolve));
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
  ])("and %s, is hung up on", { timeout: 10_000 }, async (_, text, drip) => {
    const server = await startServer({ times });
    await endOf(server, text, drip);
    expect((await ask(`${server.url}/health`)).status).toBe(200);
  });

  test("is not who waits for the server", async () => {
    const tracking = trackerThat(async () => (await delay(1000), {}));
    const server = await startServer({ times, tracking });
    expect(
      await ask(`${server.url}/api/2.0/mlflow/runs/delete`, { body: { run_id: "x" } }),
    ).toMatchObject({ status: 200 });
  });

  test.skipIf(process.platform !== "linux")(
    "by going away in the middle of an answer leaves no file open",
    async () => {
      const server = await startServer();
      const file = join(server.folder, "mlartifacts", "large");
      await mkdir(join(server.folder, "mlartifacts"));
      await writeFile(file, Buffer.alloc(64 << 20));
      const openFiles = async (): Promise<number> => {
        const names = await readdir("/proc/self/fd");
        const targets = await Promise.all(
          names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
        );
        return targets.filter((target) => target === file).length;
      };
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
      socket.write(
        "GET /api/2.0/mlflow-artifacts/artifacts/large HTTP/1.1\r\nHost: localhost\r\n\r\n",
      );
      await once(socket, "data");
      expect(await openFiles()).toBe(1);
      socket.destroy();
      await expect.poll(openFiles).toBe(0);
    },
  );

  test("is not waited for when the server ends, but an answer under way is", async () => {
    const { tracking } = await startServer();
    const arrived = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const slow = {
      ...tracking,
      call: async (...words: Parameters<typeof tracking.call>) => {
        arrived.resolve();
        await go.promise;
        return tracking.call(...words);
      },
    };
    const server = await openServer({ tracking: slow as typeof tracking, port: 0 });
    const idle = connect(server.port, "127.0.0.1");
    await once(idle, "connect");
    const answer = ask(`${server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`);
    await arrived.promise;
    const closed = server.close();
    go.resolve();
    await closed;
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
