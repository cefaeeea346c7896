/** The command `mlpipe server`: where it listens, what it keeps where, and how it ends. */
import { once } from "node:events";
import { chmodSync, existsSync } from "node:fs";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { mlpipe, temporaryFolder, type Folder } from "./support/mlpipe.ts";
import { serverOfTest, type ServerProcess } from "./support/server-process.ts";
import { ask } from "./support/server.ts";

function folderForTest(): Folder {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder;
}

function start(
  folder: Folder,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  return serverOfTest(folder.path, env, words);
}

async function locationOfNew({ uri }: ServerProcess): Promise<string> {
  const made = await ask(`${uri}/api/2.0/mlflow/experiments/create`, { body: { name: "new" } });
  const { experiment_id } = made.json as { experiment_id: string };
  const found = await ask(`${uri}/api/2.0/mlflow/experiments/get?experiment_id=${experiment_id}`);
  return (found.json as { experiment: { artifact_location: string } }).experiment.artifact_location;
}

describe("what it keeps where", () => {
  test("runs in mlflow.db, artifacts in mlartifacts, of the folder that it starts in", async () => {
    const folder = folderForTest();
    const server = await start(folder);
    expect(await locationOfNew(server)).toBe("mlflow-artifacts:/1");
    await ask(`${server.uri}/api/2.0/mlflow-artifacts/artifacts/1/a`, { method: "PUT", body: "a" });
    expect(existsSync(`${folder.path}/mlflow.db`)).toBe(true);
    expect(existsSync(`${folder.path}/mlartifacts/1/a`)).toBe(true);
  });

  test("or where the flags say, or MLflow's variables", async () => {
    const folder = folderForTest();
    const flags = ["--backend-store-uri", "sqlite:///a/b.db", "--artifacts-destination", "files"];
    const variables = {
      MLFLOW_BACKEND_STORE_URI: "sqlite:///a/c.db",
      MLFLOW_ARTIFACTS_DESTINATION: "others",
    };
    for (const [server, database, files] of [
      [await start(folder, flags, variables), "b", "files"],
      [await start(folder, [], variables), "c", "others"],
    ] as const) {
      await ask(`${server.uri}/api/2.0/mlflow-artifacts/artifacts/x`, { method: "PUT", body: "a" });
      expect(existsSync(`${folder.path}/a/${database}.db`)).toBe(true);
      expect(existsSync(`${folder.path}/${files}/x`)).toBe(true);
    }
    expect(existsSync(`${folder.path}/mlflow.db`)).toBe(false);
  });

  test("artifacts where clients reach them without it, if it shall not serve them", async () => {
    const folder = folderForTest();
    const server = await start(folder, ["--no-serve-artifacts"]);
    expect(await locationOfNew(server)).toBe(`${folder.path}/mlruns/1`);
    expect((await ask(`${server.uri}/api/2.0/mlflow-artifacts/artifacts`)).status).toBe(404);
  });

  test("artifacts of new experiments below the root that is named", async () => {
    const server = await start(folderForTest(), ["--default-artifact-root", "s3://bucket/root/"]);
    expect(await locationOfNew(server)).toBe("s3://bucket/root/1");
  });

  test.each([
    [["--backend-store-uri", "http://127.0.0.1:1"], "--backend-store-uri names another server"],
    [
      ["--backend-store-uri", "postgresql://x/y"],
      "mlpipe does not write to a postgresql database itself",
    ],
    [["--artifacts-destination", "s3://x"], "keeps artifacts in a folder of this machine"],
    [["--default-artifact-root", "file://host/x"], "file://host/x is no file of this machine"],
    [["--port", "70000"], "expected a whole number from 0 to 65535"],
    [["--port", "x"], "expected a whole number from 0 to 65535"],
    [["--artifact-size-limit", "1X"], "expected a number of bytes"],
  ])("%j is refused before anything is made", async (words, message) => {
    const folder = folderForTest();
    const { code, stdout, stderr } = await mlpipe(["server", ...words], { cwd: folder.path });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(existsSync(`${folder.path}/mlflow.db`)).toBe(false);
  });
});

describe("who may come", () => {
  const token = "0123456789abcdef";

  test("whoever holds a token of the file, where there is one", async () => {
    const folder = folderForTest();
    const file = folder.write("tokens", `\n${token}\n  another-good-token \n`);
    chmodSync(file, 0o600);
    const { uri } = await start(folder, ["--token-file", "tokens"]);
    const at = `${uri}/api/2.0/mlflow/experiments/get?experiment_id=0`;
    expect((await ask(at)).status).toBe(401);
    for (const one of [token, "another-good-token"])
      expect((await ask(at, { headers: { authorization: `Bearer ${one}` } })).status).toBe(200);
  });

  test.each([
    ["", 0o600, "holds no token"],
    ["short\n", 0o600, "shorter than 16 characters (CVE-2025-11200)"],
    ["two words are no token\n", 0o600, "has a space in it"],
    [`${token}\n`, 0o644, "others may read"],
    [`${token}\n`, 0o640, "others may read"],
  ])("a token file that is %j with mode %i is refused", async (text, mode, message) => {
    const folder = folderForTest();
    chmodSync(folder.write("tokens", text), mode);
    const { code, stderr } = await mlpipe(["server", "--token-file", "tokens"], {
      cwd: folder.path,
    });
    expect(code).toBe(2);
    expect(stderr).toContain(message.replace(/ \(.*/, ""));
    expect(stderr).not.toContain(token);
  });

  test("nobody from another machine, without a token", async () => {
    const { code, stdout, stderr } = await mlpipe(["server", "--host", "0.0.0.0", "--port", "0"], {
      cwd: folderForTest().path,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      "mlpipe: 0.0.0.0 can be reached from other machines, and everybody there could read and change all runs\n" +
        "  write a token into a file that only you can read, and name it: --token-file FILE; or listen at 127.0.0.1\n",
    );
  });

  test("whoever asks for a name that the flags or MLflow's variables allow", async () => {
    const folder = folderForTest();
    const status = async ({ uri }: ServerProcess): Promise<number> => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const asked = request(uri, { headers: { host: "mlflow.example.org" } }, (answer) =>
        resolve(answer.resume().statusCode ?? 0),
      );
      asked.end();
      return promise;
    };
    expect(await status(await start(folder))).toBe(403);
    expect(
      await status(await start(folder, ["--allowed-hosts", "a.org, mlflow.example.org"])),
    ).toBe(200);
    expect(
      await status(await start(folder, [], { MLFLOW_SERVER_ALLOWED_HOSTS: "*.example.org" })),
    ).toBe(200);
  });
});

describe("how it begins and ends", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "%s ends it with 0, and nothing it stored is lost",
    async (signal) => {
      const folder = folderForTest();
      const server = await start(folder);
      await locationOfNew(server);
      expect(await server.end(signal)).toBe(0);
      expect(existsSync(`${folder.path}/mlflow.db-wal`)).toBe(false);
      const again = await start(folder);
      expect(
        await ask(`${again.uri}/api/2.0/mlflow/experiments/get-by-name?experiment_name=new`),
      ).toMatchObject({ status: 200 });
    },
  );

  test("an upload that is under way is taken to its end before it ends", async () => {
    const server = await start(folderForTest());
    const { promise, resolve } = Promise.withResolvers<number>();
    const sending = request(
      `${server.uri}/api/2.0/mlflow-artifacts/artifacts/x`,
      { method: "PUT", headers: { "content-length": "4" } },
      (answer) => resolve(answer.resume().statusCode ?? 0),
    );
    sending.write("ab");
    // The server answers another request, so it has seen this one.
    await ask(`${server.uri}/health`);
    const ended = server.end("SIGTERM");
    await expect
      .poll(() =>
        ask(`${server.uri}/health`).then(
          () => "listening",
          () => "closed",
        ),
      )
      .toBe("closed");
    sending.end("cd");
    expect(await promise).toBe(200);
    expect(await ended).toBe(0);
  });

  test("a port that is taken is said", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const port = String((other.address() as AddressInfo).port);
    const { code, stdout, stderr } = await mlpipe(["server", "--port", port], {
      cwd: folderForTest().path,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      `mlpipe: port ${port} of 127.0.0.1 is taken by another program\n  name another port: --port 5001, or --port 0 for a free one\n`,
    );
  });

  test("an address that is not of this machine is said", async () => {
    const folder = folderForTest();
    chmodSync(folder.write("tokens", "0123456789abcdef"), 0o600);
    const { code, stderr } = await mlpipe(
      ["server", "--host", "192.0.2.1", "--port", "0", "--token-file", "tokens"],
      { cwd: folder.path },
    );
    expect(code).toBe(2);
    expect(stderr).toContain("nobody can listen at 192.0.2.1: EADDRNOTAVAIL");
  });

  test("a file larger than the flag allows is refused", async () => {
    const { uri } = await start(folderForTest(), ["--artifact-size-limit", "1K"]);
    const at = `${uri}/api/2.0/mlflow-artifacts/artifacts/x`;
    expect((await ask(at, { method: "PUT", body: "x".repeat(1024) })).status).toBe(200);
    expect((await ask(at, { method: "PUT", body: "x".repeat(1025) })).status).toBe(400);
  });
});
