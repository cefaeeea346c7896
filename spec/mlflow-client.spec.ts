import { createHash, randomBytes } from "node:crypto";
import {
  mkdtemp,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openClient } from "../src/tracking/client.ts";
import type { MetricPoint } from "../src/tracking/entities.ts";
import type { Tracking } from "../src/tracking/tracking.ts";
import { mlflowFolder, startMlflow, type MlflowServer } from "./support/mlflow.ts";

let folder: string;
let server: MlflowServer;
let tracking: Tracking;

/** Each test has an experiment of its own. */
let experiments = 0;
const newName = (): string => `experiment ${++experiments} é`;

async function startRun(more: object = {}): Promise<string> {
  const { experiment_id } = await tracking.call("experiments/create", { name: newName(), ...more });
  const { run } = await tracking.call("runs/create", { experiment_id, start_time: 1 });
  return run.info.run_id;
}

const pointAt = (step: number, value: number, key = "m"): MetricPoint => ({
  key,
  value,
  timestamp: 1000 + step,
  step,
});

describe.skipIf(mlflowFolder === undefined)("the client and a real MLflow server", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlpipe-client-"));
    server = await startMlflow(folder);
    tracking = await openClient(`${server.uri}/`, {});
  });
  afterAll(async () => {
    await tracking.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe("experiments", () => {
    it("are created, read by id and by name, and tagged", async () => {
      const name = newName();
      const tags = [{ key: "team", value: "ä" }];
      const { experiment_id } = await tracking.call("experiments/create", { name, tags });
      await tracking.call("experiments/set-experiment-tag", {
        experiment_id,
        key: "k",
        value: "v",
      });
      const { experiment } = await tracking.call("experiments/get", { experiment_id });
      const byName = await tracking.call("experiments/get-by-name", { experiment_name: name });
      expect(experiment).toMatchObject({ experiment_id, name, lifecycle_stage: "active" });
      expect(experiment.tags).toEqual(expect.arrayContaining([...tags, { key: "k", value: "v" }]));
      expect(byName.experiment).toEqual(experiment);
    });

    it("are found page by page", async () => {
      const names = [newName(), newName(), newName()];
      for (const name of names) await tracking.call("experiments/create", { name });
      const found: string[] = [];
      let page_token: string | undefined;
      do {
        const page = await tracking.call("experiments/search", {
          max_results: 2,
          order_by: ["name"],
          ...(page_token !== undefined && { page_token }),
        });
        found.push(...(page.experiments ?? []).map(({ name }) => name));
        page_token = page.next_page_token;
      } while (page_token !== undefined);
      expect(found).toEqual(expect.arrayContaining(names));
    });

    it("that are missing or there already fail with MLflow's own codes", async () => {
      const name = newName();
      const missing = tracking.call("experiments/get-by-name", { experiment_name: name });
      await expect(missing).rejects.toMatchObject({ code: "RESOURCE_DOES_NOT_EXIST" });
      await tracking.call("experiments/create", { name });
      const again = tracking.call("experiments/create", { name });
      await expect(again).rejects.toMatchObject({ code: "RESOURCE_ALREADY_EXISTS" });
    });
  });

  describe("runs", () => {
    it("are created, tagged, ended and found", async () => {
      const { experiment_id } = await tracking.call("experiments/create", { name: newName() });
      const { run } = await tracking.call("runs/create", {
        experiment_id,
        run_name: "first ü",
        user_id: "ann",
        start_time: 1_700_000_000_123,
        tags: [{ key: "a", value: "b" }],
      });
      const { run_id } = run.info;
      await tracking.call("runs/set-tag", { run_id, key: "c", value: "d\n€" });
      const { run_info } = await tracking.call("runs/update", {
        run_id,
        status: "FINISHED",
        end_time: 7,
      });
      const { runs } = await tracking.call("runs/search", {
        experiment_ids: [experiment_id],
        filter: "tags.a = 'b'",
      });
      expect(run.info).toMatchObject({ status: "RUNNING", start_time: 1_700_000_000_123 });
      expect(run_info).toMatchObject({
        run_id,
        status: "FINISHED",
        end_time: 7,
        run_name: "first ü",
      });
      expect(runs?.map(({ info }) => info)).toEqual([run_info]);
      expect(runs?.[0]?.data.tags).toContainEqual({ key: "c", value: "d\n€" });
    });

    it("take metrics with every bit, and NaN", async () => {
      const run_id = await startRun();
      const values = [0.1, 1e-320, -1.5e300, 2 ** -1074, 1 / 3, Number.NaN];
      const metrics = values.map((value, step) => pointAt(step, value));
      await tracking.call("runs/log-batch", { run_id, metrics });
      const history = await tracking.call("metrics/get-history", { run_id, metric_key: "m" });
      expect(history.metrics).toStrictEqual(metrics);
    });

    it("give the history of a metric page by page", async () => {
      const run_id = await startRun();
      const metrics = [1, 2, 3].map((step) => pointAt(step, step));
      await tracking.call("runs/log-batch", { run_id, metrics });
      const first = await tracking.call("metrics/get-history", {
        run_id,
        metric_key: "m",
        max_results: 2,
      });
      const second = await tracking.call("metrics/get-history", {
        run_id,
        metric_key: "m",
        max_results: 2,
        page_token: first.next_page_token ?? "",
      });
      expect([...(first.metrics ?? []), ...(second.metrics ?? [])]).toEqual(metrics);
      expect(second.next_page_token).toBeUndefined();
    });

    it("take a batch that is bigger than MLflow takes at once", async () => {
      const run_id = await startRun();
      const params = Array.from({ length: 250 }, (_, index) => ({ key: `p${index}`, value: "v" }));
      const tags = Array.from({ length: 150 }, (_, index) => ({
        key: `t${index}`,
        value: "é".repeat(7000),
      }));
      const metrics = Array.from({ length: 2100 }, (_, step) => pointAt(step, step / 7));
      await tracking.call("runs/log-batch", { run_id, params, tags, metrics });
      const { run } = await tracking.call("runs/get", { run_id });
      const history = await tracking.call("metrics/get-history", { run_id, metric_key: "m" });
      expect(run.data.params).toHaveLength(250);
      expect(run.data.tags).toEqual(expect.arrayContaining(tags));
      expect(history.metrics).toEqual(metrics);
    });

    it("keep one point of a batch that was sent twice", async () => {
      const run_id = await startRun();
      const batch = { run_id, metrics: [pointAt(1, 0.5)], params: [{ key: "p", value: "" }] };
      await tracking.call("runs/log-batch", batch);
      await tracking.call("runs/log-batch", batch);
      const history = await tracking.call("metrics/get-history", { run_id, metric_key: "m" });
      expect(history.metrics).toEqual(batch.metrics);
    });

    it("say which param was changed", async () => {
      const run_id = await startRun();
      const log = (value: string): Promise<unknown> =>
        tracking.call("runs/log-batch", { run_id, params: [{ key: "p", value }] });
      await log("1");
      await expect(log("2")).rejects.toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
        message: expect.stringMatching(/^Changing param values is not allowed.*'p'/) as string,
      });
    });

    it("take a model", async () => {
      const run_id = await startRun();
      const model = {
        run_id,
        artifact_path: "m",
        utc_time_created: "2026-01-01",
        flavors: { crate: {} },
      };
      await tracking.call("runs/log-model", { run_id, model_json: JSON.stringify(model) });
      const { run } = await tracking.call("runs/get", { run_id });
      const history = run.data.tags?.find(({ key }) => key === "mlflow.log-model.history");
      expect(JSON.parse(history?.value ?? "")).toMatchObject([model]);
    });
  });

  describe("calls whose answer is lost on the way", () => {
    it("make one run, one experiment, one model", async () => {
      const uri = await startLossyProxy(server.uri);
      const client = await openClient(uri, {});
      onTestFinished(() => client.close());
      const { experiment_id } = await client.call("experiments/create", { name: newName() });
      const { run } = await client.call("runs/create", { experiment_id, start_time: 1 });
      const { run_id } = run.info;
      const model = { run_id, artifact_path: "m", utc_time_created: "2026-01-01", flavors: {} };
      await client.call("runs/log-model", { run_id, model_json: JSON.stringify(model) });
      const { runs } = await tracking.call("runs/search", { experiment_ids: [experiment_id] });
      expect(runs?.map(({ info }) => info.run_id)).toEqual([run_id]);
      const history = runs?.[0]?.data.tags?.find(({ key }) => key === "mlflow.log-model.history");
      expect(JSON.parse(history?.value ?? "")).toHaveLength(1);
    });
  });

  describe("artifacts", () => {
    const names = [
      "a.txt",
      "with space/ä ö ü.txt",
      "with space/100%.txt",
      "with space/deep/empty",
      "日本/q+&='~.csv",
    ];

    async function uploadAll(run_id: string): Promise<void> {
      for (const name of names) {
        const file = join(folder, "upload.tmp");
        await writeFile(file, name.endsWith("empty") ? "" : `content of ${name}`);
        await tracking.upload(run_id, file, name);
      }
    }
    const contentOf = (name: string): string =>
      name.endsWith("empty") ? "" : `content of ${name}`;

    async function readTree(root: string): Promise<Record<string, string>> {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const pairs = files.map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(root.length + 1), await readFile(path, "utf8")] as const;
      });
      return Object.fromEntries(await Promise.all(pairs));
    }

    it.each([
      ["the server's proxy", () => ({}), "mlflow-artifacts:/"],
      [
        "a folder of this machine",
        () => ({ artifact_location: `file://${folder}/here` }),
        "file:///",
      ],
    ])("go up to %s and come down, alone and by the folder", async (_, location, scheme) => {
      const run_id = await startRun(location());
      const { run } = await tracking.call("runs/get", { run_id });
      expect(run.info.artifact_uri.startsWith(scheme)).toBe(true);
      await uploadAll(run_id);
      const down = join(await mkdtemp(join(folder, "down-")), "new folder");
      await tracking.download(run_id, "", join(down, "all"));
      await tracking.download(run_id, "with space", join(down, "some"));
      await tracking.download(run_id, "with space/ä ö ü.txt", join(down, "one.txt"));
      expect(await readTree(join(down, "all"))).toEqual(
        Object.fromEntries(names.map((name) => [name, contentOf(name)])),
      );
      expect(Object.keys(await readTree(join(down, "some"))).toSorted()).toEqual(
        ["100%.txt", "deep/empty", "ä ö ü.txt"].toSorted(),
      );
      expect(await readFile(join(down, "one.txt"), "utf8")).toBe(contentOf("with space/ä ö ü.txt"));
      expect(await readdir(down)).toEqual(["all", "one.txt", "some"]);
    });

    it("are replaced by what is uploaded later", async () => {
      const run_id = await startRun();
      const file = join(folder, "again.txt");
      for (const content of ["long before", "short"]) {
        await writeFile(file, content);
        await tracking.upload(run_id, file, "a.txt");
      }
      const target = join(await mkdtemp(join(folder, "down-")), "a.txt");
      await tracking.download(run_id, "a.txt", target);
      expect(await readFile(target, "utf8")).toBe("short");
    });

    it("of 20 MB arrive with every byte", async () => {
      const run_id = await startRun();
      const file = join(folder, "big.bin");
      const bytes = randomBytes(20 * 1024 * 1024);
      await writeFile(file, bytes);
      await tracking.upload(run_id, file, "big.bin");
      const target = join(await mkdtemp(join(folder, "down-")), "big.bin");
      await tracking.download(run_id, "big.bin", target);
      const digest = (of: Buffer): string => createHash("sha256").update(of).digest("hex");
      expect(digest(await readFile(target))).toBe(digest(bytes));
    });

    it.each(["../a", "/a", "a//b", "a/./b", "", "a\\b", "%2e%2e/a"])(
      "are not put at %j",
      async (path) => {
        const run_id = await startRun();
        const file = join(folder, "refused.txt");
        await writeFile(file, "x");
        const refusal = { code: "INVALID_PARAMETER_VALUE" };
        await expect(tracking.upload(run_id, file, path)).rejects.toMatchObject(refusal);
      },
    );

    it("that are missing, or a target that is there, are told apart", async () => {
      const run_id = await startRun();
      const missing = tracking.download(run_id, "none/at all", join(folder, "none"));
      await expect(missing).rejects.toMatchObject({ code: "RESOURCE_DOES_NOT_EXIST" });
      const there = tracking.download(run_id, "a.txt", folder);
      await expect(there).rejects.toMatchObject({ code: "FILE_FAILED" });
      const noFile = tracking.upload(run_id, join(folder, "no such file"), "a.txt");
      await expect(noFile).rejects.toMatchObject({ code: "FILE_FAILED" });
      await expect(tracking.upload(run_id, folder, "a")).rejects.toMatchObject({
        code: "FILE_FAILED",
      });
    });

    it("do not follow a link out of the run's folder", async () => {
      const run_id = await startRun({ artifact_location: `file://${folder}/linked` });
      const { run } = await tracking.call("runs/get", { run_id });
      const root = new URL(run.info.artifact_uri).pathname;
      await mkdir(join(folder, "outside"), { recursive: true });
      await mkdir(root, { recursive: true });
      await symlink(join(folder, "outside"), join(root, "link"));
      const file = join(folder, "linked.txt");
      await writeFile(file, "x");
      const refusal = { code: "FILE_FAILED" };
      await expect(tracking.upload(run_id, file, "link/a.txt")).rejects.toMatchObject(refusal);
      expect(await readdir(join(folder, "outside"))).toEqual([]);
    });
  });
});

describe("a transfer", () => {
  it("holds only a small part of the file in memory", async () => {
    const size = 400 * 1024 * 1024;
    const place = await mkdtemp(join(tmpdir(), "mlpipe-client-"));
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    const uri = await startSink(size);
    const client = await openClient(`${uri}/prefix/`, {});
    onTestFinished(() => client.close());
    await writeFile(join(place, "big"), "");
    await truncate(join(place, "big"), size);
    const peak = watchMemory();
    await client.upload("r", join(place, "big"), "big");
    await client.download("r", "big", join(place, "again"));
    expect(peak()).toBeLessThan(size / 3);
    expect((await stat(join(place, "again"))).size).toBe(size);
  });
});

/** Bytes of buffers at their highest, above what there was at the start. */
function watchMemory(): () => number {
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  };
  const timer = setInterval(look, 5);
  return () => {
    clearInterval(timer);
    look();
    return peak;
  };
}

/** A server below /prefix that throws away what it is sent, and sends `size` zeros for any artifact. */
async function startSink(size: number): Promise<string> {
  const prefix = "/prefix/api/2.0/mlflow";
  const root = "mlflow-artifacts:/1/r";
  const info = { run_id: "r", experiment_id: "1", status: "RUNNING", artifact_uri: root };
  const files = [{ path: "big", is_dir: false, file_size: String(size) }];
  return listen((request, response) => {
    const path = request.url ?? "";
    if (path.startsWith(`${prefix}/runs/get?`)) response.end(JSON.stringify({ run: { info } }));
    else if (path.startsWith(`${prefix}/artifacts/list?`))
      response.end(JSON.stringify({ root_uri: root, files }));
    else if (path !== `${prefix}-artifacts/artifacts/1/r/big`) response.writeHead(404).end();
    else if (request.method === "PUT") request.on("end", () => response.end("{}")).resume();
    else void sendZeros(response, size);
  });
}

async function sendZeros(response: ServerResponse, size: number): Promise<void> {
  const chunk = Buffer.alloc(1024 * 1024);
  for (let sent = 0; sent < size; sent += chunk.length)
    if (!response.write(chunk)) await once(response, "drain");
  response.end();
}

/** Forwards to the server, and for every first request to a path that creates or logs breaks off instead of answering. */
async function startLossyProxy(server: string): Promise<string> {
  const lost = new Set<string>();
  return listen((request, response) => {
    const { method = "GET", url = "", headers } = request;
    const drop = /create|log-/.test(url) && !lost.has(url);
    lost.add(url);
    const passed = forward(`${server}${url}`, { method, headers }, (answer) => {
      if (drop) answer.on("end", () => response.socket?.destroy()).resume();
      else answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    request.pipe(passed);
  });
}

async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const proxy = createServer(listener).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
