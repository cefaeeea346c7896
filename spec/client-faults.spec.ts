import { chmod, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requestTag } from "../src/tracking/client-once.ts";
import { connectWithin, failureOf, shortWait } from "./support/client.ts";
import { startFake, type Behaviour, type FakeServer } from "./support/fake-server.ts";
import { freePort } from "./support/mlflow.ts";
import { asNobody } from "./support/unprivileged.ts";

const newRun = { experiment_id: "1", start_time: 5 } as const;
const unwell = (status: number, more: object = {}): Behaviour => ({
  kind: "answer",
  status,
  ...more,
});
const webPage: Behaviour = {
  kind: "answer",
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<!doctype html><title>Sign in\n please</title><body>",
};

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

describe("a server that is not there", () => {
  it("is named with its port, and with what to do, after two more attempts", async () => {
    const port = await freePort();
    const { tracking, waits } = await connect(`http://127.0.0.1:${port}/prefix`);
    const error = await failureOf(tracking.call("runs/get", { run_id: "r" }));
    expect(error.code).toBe("UNREACHABLE");
    expect(error.message).toBe(`Nobody answers at 127.0.0.1:${port}: the connection is refused`);
    expect(error.fix).toBe(
      `Start a server there with \`mlflow server --port ${port}\`, or unset MLFLOW_TRACKING_URI to log into a file here.`,
    );
    expect(waits).toEqual([375, 750]);
  });

  it("is waited for longer once it has answered", async () => {
    const { tracking, waits } = await connect();
    await tracking.call("runs/set-tag", { run_id: "r", key: "a", value: "b" });
    server.script("/", ...Array.from({ length: 9 }, (): Behaviour => ({ kind: "reset" })));
    const error = await failureOf(tracking.call("runs/log-batch", { run_id: "r" }));
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ ended the connection without an answer$/);
    expect(waits).toEqual([375, 750, 1500, 3000, 6000]);
  });

  it("is a name that nobody knows", async () => {
    const { tracking } = await connect("http://nowhere.invalid");
    const error = await failureOf(tracking.call("runs/get", { run_id: "r" }));
    expect(error).toMatchObject({
      code: "UNREACHABLE",
      message: "No machine is known as nowhere.invalid:80",
    });
  });

  it("hangs: the failure says how long the wait was and how to wait longer", async () => {
    server.script("/", { kind: "hang" });
    const { tracking } = await connect(server.uri, { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" });
    const error = await failureOf(tracking.call("runs/get", { run_id: "r" }));
    expect(error.code).toBe("UNREACHABLE");
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ gave no answer within 0\.3 s$/);
    expect(error.fix).toContain("MLFLOW_HTTP_REQUEST_TIMEOUT");
  });

  it("is given up within the whole time of a call, however many retries there may be", async () => {
    server.script("/", ...Array.from({ length: 999 }, () => unwell(503)));
    const env = { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1000", MLPIPE_TRACKING_TIMEOUT: "20" };
    const { tracking, waits } = await connect(server.uri, env);
    await failureOf(tracking.call("runs/get", { run_id: "r" }));
    const slept = waits.reduce((sum, wait) => sum + wait, 0);
    expect(slept).toBeGreaterThan(10_000);
    expect(slept).toBeLessThan(20_000);
  });
});

describe("a server that is unwell for a moment", () => {
  it.each([408, 429, 500, 502, 503, 504])("is asked again after %i", async (status) => {
    server.script("/runs/log-batch", unwell(status), { kind: "reset" }, { kind: "half" });
    const { tracking, waits } = await connect();
    await tracking.call("runs/log-batch", { run_id: "r", tags: [{ key: "a", value: "b" }] });
    expect(server.requests).toHaveLength(4);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
    expect(waits).toHaveLength(3);
  });

  it.each([
    ["2", 2000],
    ["0", 375],
  ])("is left alone as long as it asks for with Retry-After: %s", async (seconds, wait) => {
    server.script("/", unwell(429, { headers: { "retry-after": seconds } }));
    const { tracking, waits } = await connect();
    await tracking.call("runs/log-batch", { run_id: "r" });
    expect(waits).toEqual([wait]);
  });

  it("is not waited for when it asks for more time than there is", async () => {
    server.script("/", unwell(429, { headers: { "retry-after": "3600" } }));
    const { tracking, waits } = await connect();
    const error = await failureOf(tracking.call("runs/log-batch", { run_id: "r" }));
    expect(error.code).toBe("REQUEST_LIMIT_EXCEEDED");
    expect(waits).toEqual([]);
  });

  it("is asked at times that differ from client to client", async () => {
    const waitsOf = async (random: number): Promise<readonly number[]> => {
      server.script("/", unwell(500), unwell(500));
      const { tracking, waits } = await connect(server.uri, {}, random);
      await tracking.call("runs/log-batch", { run_id: "r" });
      return waits;
    };
    expect(await waitsOf(0)).toEqual([250, 500]);
    expect(await waitsOf(0.999)).toEqual([499.75, 999.5]);
  });

  it("is believed at once when it says that the request is wrong", async () => {
    const body = '{"error_code":"INVALID_PARAMETER_VALUE","message":"Bad\\n  key"}';
    server.script("/", unwell(400, { body }));
    const { tracking, waits } = await connect();
    const error = await failureOf(tracking.call("runs/get", { run_id: "r" }));
    expect(error).toMatchObject({ code: "INVALID_PARAMETER_VALUE", message: "Bad key" });
    expect(waits).toEqual([]);
  });
});

describe("a run whose creation went unanswered", () => {
  it.each<readonly [string, Behaviour]>([
    ["the server hangs after making it", { kind: "hang", perform: true }],
    ["the connection ends after it is made", { kind: "reset", perform: true }],
    ["half of the answer comes", { kind: "half" }],
    ["500 comes though it is made", unwell(500, { perform: true })],
    ["a gateway gives up though it is made", unwell(504, { perform: true })],
    ["the connection ends before it is made", { kind: "reset" }],
    ["500 comes and it is not made", unwell(500)],
    ["it is refused for a moment", unwell(429)],
  ])("is made once and found when %s", async (_, behaviour) => {
    server.script("/runs/create", behaviour);
    const { tracking } = await connect();
    const { run } = await tracking.call("runs/create", newRun);
    expect(server.runs).toEqual([[{ key: requestTag, value: "request-1" }]]);
    expect(run.info.run_id).toBe("run1");
  });

  it("is made once though looking for it fails at first", async () => {
    server.script("/runs/create", { kind: "reset", perform: true });
    server.script("/runs/search", unwell(500), { kind: "hang" });
    const { tracking } = await connect();
    const { run } = await tracking.call("runs/create", newRun);
    expect(run.info.run_id).toBe("run1");
    expect(server.runs).toHaveLength(1);
  });

  it("is not asked for twice while the server may still make it", async () => {
    server.script("/runs/create", { kind: "hang" });
    const { tracking } = await connect();
    const error = await failureOf(tracking.call("runs/create", newRun));
    expect(error.code).toBe("UNREACHABLE");
    expect(server.requests.filter(({ path }) => path.endsWith("create"))).toHaveLength(1);
    expect(server.requests.filter(({ path }) => path.endsWith("search")).length).toBeGreaterThan(1);
  });

  it("keeps the tags of its caller, and each call has an id of its own", async () => {
    const { tracking } = await connect();
    const tags = [{ key: "a", value: "b" }];
    await tracking.call("runs/create", { ...newRun, tags });
    await tracking.call("runs/create", newRun);
    expect(server.runs).toEqual([
      [...tags, { key: requestTag, value: "request-1" }],
      [{ key: requestTag, value: "request-2" }],
    ]);
  });
});

describe("other calls whose repetition would show", () => {
  it("take an experiment that a lost call has made", async () => {
    const experiment = '{"experiment":{"experiment_id":"7","name":"e","lifecycle_stage":"active"}}';
    server.answers.set("experiments/get-by-name", experiment);
    server.script("/experiments/create", { kind: "reset" });
    const { tracking } = await connect();
    expect(await tracking.call("experiments/create", { name: "e" })).toEqual({
      experiment_id: "7",
    });
    expect(server.requests).toHaveLength(2);
  });

  it("create an experiment that a lost call has not made", async () => {
    server.answers.set("experiments/create", '{"experiment_id":"8"}');
    const missing = '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"none"}';
    server.script("/experiments/get-by-name", unwell(404, { body: missing }));
    server.script("/experiments/create", unwell(503));
    const { tracking } = await connect();
    expect(await tracking.call("experiments/create", { name: "e" })).toEqual({
      experiment_id: "8",
    });
  });

  it.each([
    ["is there", "m", 1],
    ["is not there", "other", 2],
  ])("log a model once: it %s", async (_, path, creations) => {
    const model = { run_id: "r", artifact_path: "m", utc_time_created: "now", flavors: {} };
    const history = JSON.stringify([{ ...model, artifact_path: path, added: 1 }]);
    const tags = [{ key: "mlflow.log-model.history", value: history }];
    const info = { run_id: "r", experiment_id: "1", status: "RUNNING" };
    server.answers.set("runs/get", JSON.stringify({ run: { info, data: { tags } } }));
    server.script("/runs/log-model", unwell(500));
    const { tracking } = await connect();
    await tracking.call("runs/log-model", { run_id: "r", model_json: JSON.stringify(model) });
    expect(server.requests.filter(({ path: to }) => to.endsWith("log-model"))).toHaveLength(
      creations,
    );
  });
});

describe("something that is no MLflow", () => {
  it.each<readonly [string, Behaviour, string]>([
    ["a web page", webPage, "answers, but not as MLflow does: a web page: Sign in please"],
    [
      "a text",
      unwell(200, { body: "ok" }),
      "answers, but not as MLflow does: the answer is no JSON",
    ],
    [
      "other JSON",
      unwell(200, { body: '{"a":1}' }),
      "answers, but not as MLflow does: run is missing",
    ],
    [
      "a path that is not there",
      unwell(404, { body: "<title>404 Not Found</title>" }),
      "answers 404, and not as MLflow does: 404 Not Found",
    ],
    [
      "a verb that it does not know, as a file server",
      unwell(501, { body: "<title>Error response</title><p>Unsupported method ('POST')" }),
      "answers 501, and not as MLflow does: Error response",
    ],
    ["a protocol that it does not know", unwell(505), "answers 505, and not as MLflow does"],
    [
      "a login",
      unwell(302, { headers: { location: "https://u:pw@login.corp/in?token=tok" } }),
      "sends every request on to https://login.corp/in, as a login page or a moved server does",
    ],
  ])("is told by %s", async (_, behaviour, message) => {
    server.script("/", behaviour);
    const { tracking, waits } = await connect();
    const error = await failureOf(tracking.call("runs/get", { run_id: "r" }));
    expect(error).toMatchObject({ code: "NOT_MLFLOW", message: `${server.uri} ${message}` });
    expect(waits).toEqual([]);
  });

  it("is told by half an answer that stays half", async () => {
    server.script("/", ...Array.from({ length: 9 }, (): Behaviour => ({ kind: "half" })));
    const { tracking } = await connect();
    const error = await failureOf(tracking.call("runs/log-batch", { run_id: "r" }));
    expect(error.code).toBe("NOT_MLFLOW");
    expect(error.message).toBe(`The answer of ${server.uri} breaks off in the middle`);
  });
});

describe("artifacts from a server that misbehaves", () => {
  const proxyPath = "/mlflow-artifacts/artifacts/1/r/artifacts";

  function runAt(root: string): string {
    const info = { run_id: "r", experiment_id: "1", status: "RUNNING", artifact_uri: root };
    return JSON.stringify({ run: { info } });
  }

  function offer(root: string, files: readonly object[]): void {
    server.answers.set("runs/get", runAt(root));
    server.answers.set("artifacts/list", JSON.stringify({ root_uri: root, files }));
  }
  const root = "mlflow-artifacts:/1/r/artifacts";

  it.each(["../evil", "/etc/passwd", "a/b", "..", "", "a\\..\\b", "./a"])(
    "are not written where %j would lead",
    async (path) => {
      offer(root, [{ path, is_dir: false, file_size: 2 }]);
      const { tracking } = await connect();
      const error = await failureOf(tracking.download("r", "", join(folder, "sub", "target")));
      expect(error.code).toBe("NOT_MLFLOW");
      expect(await readdir(join(folder, "sub"))).toEqual([]);
    },
  );

  it("end though every folder holds another", async () => {
    offer(root, []);
    server.answers.set("artifacts/list", (path) => {
      const parent = new URLSearchParams(path.split("?")[1]).get("path");
      const files = [{ path: parent === null ? "a" : `${parent}/a`, is_dir: true }];
      return JSON.stringify({ root_uri: root, files });
    });
    const { tracking } = await connect();
    const error = await failureOf(tracking.download("r", "", join(folder, "target")));
    expect(error.code).toBe("NOT_MLFLOW");
    expect(await readdir(folder)).toEqual([]);
  });

  it("appear whole or not at all", async () => {
    offer(root, [{ path: "a.txt", is_dir: false, file_size: 10 }]);
    server.answers.set(proxyPath, "0123456789");
    server.script(proxyPath, { kind: "half" }, unwell(200, { body: "short" }));
    const { tracking } = await connect();
    await tracking.download("r", "a.txt", join(folder, "a.txt"));
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("0123456789");
    server.script(proxyPath, ...Array.from({ length: 9 }, (): Behaviour => ({ kind: "half" })));
    const error = await failureOf(tracking.download("r", "a.txt", join(folder, "b.txt")));
    expect(error.message).toContain("breaks off in the middle");
    expect(await readdir(folder)).toEqual(["a.txt"]);
  });

  it("are sent again whole after a failure", async () => {
    offer(root, []);
    server.script(proxyPath, unwell(500), { kind: "reset" });
    const { tracking } = await connect();
    const file = join(folder, "a.txt");
    await writeFile(file, "content");
    await tracking.upload("r", file, "a.txt");
    const puts = server.requests.filter(({ method }) => method === "PUT");
    expect(puts.map(({ body }) => body)).toEqual(["content", "content", "content"]);
  });

  it("that cannot be opened are told, though nobody has begun to read them yet", async () => {
    offer(root, []);
    server.script("runs/get", unwell(200, { headers: { connection: "close" }, body: runAt(root) }));
    await chmod(folder, 0o755);
    const file = join(folder, "a.txt");
    await writeFile(file, "content", { mode: 0 });
    const { tracking, waits } = await connect();
    const error = await failureOf(asNobody(() => tracking.upload("r", file, "a.txt")));
    expect(error.message).toBe(`${file} cannot be read to its end (EACCES)`);
    expect(waits).toEqual([]);
  });

  it.each([
    [
      "nobody answers",
      undefined,
      /^Nobody answers at 127\.0\.0\.1:\d+: the connection is refused$/,
    ],
    ["a gateway answers", unwell(502), /^http:\/\/127\.0\.0\.1:\d+ answers 502$/],
  ])(
    "that lie on another host, where %s, are no sign that the server is lost, and are not kept open",
    async (_, behaviour, message) => {
      const other = await startFake();
      if (behaviour === undefined) await other.close();
      else other.script("/", ...Array.from({ length: 20 }, () => behaviour));
      offer(`${other.uri}/1/r/artifacts`, [{ path: "a.txt", is_dir: false }]);
      const file = join(folder, "a.txt");
      await writeFile(file, "content");
      const { tracking, waits } = await connect();
      for (const work of [
        () => tracking.upload("r", file, "a.txt"),
        () => tracking.download("r", "a.txt", join(folder, "target")),
      ]) {
        const error = await failureOf(work());
        expect(error.code).toBe("ARTIFACT_STORE_FAILED");
        expect(error.message).toMatch(message);
      }
      expect(waits).toHaveLength(10);
      if (behaviour !== undefined) await other.close();
      expect(await openFiles()).not.toContain(file);
    },
  );

  async function openFiles(): Promise<readonly string[]> {
    const open = await readdir("/proc/self/fd");
    return Promise.all(open.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => "")));
  }

  it("are not taken for sent when a web page answers", async () => {
    offer(root, []);
    server.script(proxyPath, webPage);
    const { tracking } = await connect();
    await writeFile(join(folder, "a.txt"), "");
    const error = await failureOf(tracking.upload("r", join(folder, "a.txt"), "a.txt"));
    expect(error.code).toBe("NOT_MLFLOW");
  });

  it("that lie in a cloud store are out of reach, and how to reach them is said", async () => {
    offer("s3://key:secret@bucket/x", []);
    const { tracking } = await connect();
    const error = await failureOf(tracking.download("r", "a", join(folder, "a")));
    expect(error.code).toBe("ARTIFACTS_OUT_OF_REACH");
    expect(error.message).toContain("lie at s3://bucket/x,");
    expect(error.fix).toContain("--serve-artifacts");
  });

  it("say at once that the server does not hand them on", async () => {
    offer(root, []);
    const body =
      "Endpoint: /x disabled due to the mlflow server running with `--no-serve-artifacts`.";
    server.script(proxyPath, unwell(503, { body }));
    const { tracking, waits } = await connect();
    await writeFile(join(folder, "a.txt"), "a");
    const error = await failureOf(tracking.upload("r", join(folder, "a.txt"), "a.txt"));
    expect(error.message).toContain("--no-serve-artifacts");
    expect(waits).toEqual([]);
  });
});
