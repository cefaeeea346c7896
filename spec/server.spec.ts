/** The tracking server, asked over HTTP: what it takes for a request, and how it answers. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../src/tracking/endpoints.ts";
import { parseJson } from "../src/tracking/json.ts";
import { printMessage } from "../src/tracking/print-message.ts";
import { readMessage } from "../src/tracking/read-message.ts";
import { TrackingError } from "../src/tracking/tracking.ts";
import {
  ask,
  openTestServer,
  raw,
  startServer,
  trackerThat,
  type Answered,
  type TestServer,
} from "./support/server.ts";
import { startRun } from "./support/store.ts";

let server: TestServer;
let api: string;
let runId: string;

beforeAll(async () => {
  const opened = await openTestServer();
  server = opened;
  api = `${server.url}/api/2.0/mlflow`;
  runId = await startRun(server.tracking, "0");
  return opened.close;
});

function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return ask(`${api}/${path}`, { method: "POST", body, headers });
}

const invalid = { status: 400, json: { error_code: "INVALID_PARAMETER_VALUE" } };

describe("a call", () => {
  test.each(["api/2.0/mlflow", "ajax-api/2.0/mlflow", "api/2.0/preview/mlflow"])(
    "is answered below %s, where clients of some time look for it",
    async (prefix) => {
      const answered = await ask(`${server.url}/${prefix}/experiments/get?experiment_id=0`);
      expect(answered).toMatchObject({
        status: 200,
        json: {
          experiment: {
            experiment_id: "0",
            name: "Default",
            artifact_location: "mlflow-artifacts:/0",
          },
        },
      });
      expect(answered.headers.get("content-type")).toBe("application/json");
    },
  );

  test("is not there with another verb, which is said, nor at another address", async () => {
    const wrong = await ask(`${api}/runs/create`);
    expect(wrong).toMatchObject({ status: 405, json: { error_code: "ENDPOINT_NOT_FOUND" } });
    expect(wrong.headers.get("allow")).toBe("POST");
    for (const path of ["runs/creates", "runs/create/", "runs", "", "Runs/create"])
      expect(await post(path, {})).toMatchObject({
        status: 404,
        json: { error_code: "ENDPOINT_NOT_FOUND" },
      });
  });

  test("may carry its fields in a path, decoded once, with a body to DELETE and PATCH", async () => {
    const made = await post("logged-models", { experiment_id: "0", name: "m" });
    const { model_id } = (made.json as { model: { info: { model_id: string } } }).model.info;
    const tags = [
      { key: "a/b %2F é", value: "1" },
      { key: "x".repeat(250), value: "1" },
    ];
    expect(
      await ask(`${api}/logged-models/${model_id}/tags`, { method: "PATCH", body: { tags } }),
    ).toMatchObject({ status: 200 });
    for (const { key } of tags)
      expect(
        await ask(`${api}/logged-models/${model_id}/tags/${encodeURIComponent(key)}`, {
          method: "DELETE",
        }),
      ).toMatchObject({ status: 200, json: {} });
    expect((await ask(`${api}/logged-models/${model_id}`)).text).not.toContain("tags");
    await post("registered-models/create", { name: "by body" });
    expect(
      await ask(`${api}/registered-models/delete`, { method: "DELETE", body: { name: "by body" } }),
    ).toMatchObject({ status: 200 });
    expect(await ask(`${api}/registered-models/get?name=by%20body`)).toMatchObject({ status: 404 });
  });

  test("whose address cannot be decoded is refused", async () => {
    for (const path of [
      "/api/2.0/mlflow/logged-models/%zz",
      "/api/2.0/mlflow/logged-models/%c3",
      "/%",
    ])
      expect(await raw(server, path)).toMatchObject({ status: 400 });
  });
});

describe("a query", () => {
  test.each([
    "run_ids=a&run_ids=b",
    "run_ids[]=a&run_ids[]=b",
    "run_ids[0]=a&run_ids[1]=b",
    "run_ids%5B%5D=a&run_ids%5B%5D=b",
  ])("holds a list as %s", async (written) => {
    const asked: unknown[] = [];
    const tracking = trackerThat(async (request) => (asked.push(request), {}));
    const { url } = await startServer({ tracking });
    await ask(`${url}/api/2.0/mlflow/metrics/get-history-bulk-interval?${written}&metric_key=m`);
    expect(asked).toEqual([{ run_ids: ["a", "b"], metric_key: "m" }]);
  });

  test("holds the first of several values, and plus and percent as forms write them", async () => {
    await post("experiments/create", { name: "a b+c&d" });
    for (const written of ["a+b%2Bc%26d", "a%20b%2Bc%26d"])
      expect(
        await ask(`${api}/experiments/get-by-name?experiment_name=${written}&experiment_name=x`),
      ).toMatchObject({ status: 200 });
  });

  test("asks for a run by its old name", async () => {
    expect((await ask(`${api}/runs/get?run_uuid=${runId}`)).json).toMatchObject({
      run: { info: { run_id: runId, run_uuid: runId } },
    });
  });

  test("that lacks what it must have, or has it empty, is told which", async () => {
    for (const query of ["", "?run_id=", "?run_uuid="])
      expect(await ask(`${api}/runs/get${query}`)).toMatchObject({
        status: 400,
        json: { error_code: "INVALID_PARAMETER_VALUE", message: expect.stringContaining("run_id") },
      });
  });
});

describe("a body", () => {
  test("is JSON, and may say so with a character set", async () => {
    for (const type of ["application/json", "application/json; charset=utf-8"])
      expect(await post("runs/create", "{}", { "content-type": type })).toMatchObject({
        status: 200,
      });
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json-seq",
      "Application/JSON",
      "x",
    ])
      expect(await post("runs/create", "{}", { "content-type": type })).toMatchObject(invalid);
  });

  test("that is absent or empty is an empty message", async () => {
    expect(
      await raw(server, "/api/2.0/mlflow/runs/create", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "",
      }),
    ).toMatchObject({ status: 200 });
    expect(
      await raw(server, "/api/2.0/mlflow/runs/create", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
      }),
    ).toMatchObject({ status: 200 });
  });

  test("that is a text of JSON is read twice, as clients of old times wrote it", async () => {
    const body = JSON.stringify(JSON.stringify({ experiment_id: "0", run_name: "twice" }));
    expect((await post("runs/create", body)).json).toMatchObject({
      run: { info: { run_name: "twice" } },
    });
  });

  test.each(["{x", "[1]", "1", "null", '"x"', '"[]"', "{}{}", '{"a":1,}', "\u0000"])(
    "that is no object is refused: %j",
    async (body) => {
      expect(await post("runs/create", body)).toMatchObject({ status: 400 });
    },
  );

  test("in another encoding than UTF-8 is not misread without a word", async () => {
    const answer = await fetch(`${api}/experiments/create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"name":"caf\xe9"}', "latin1"),
    });
    expect(answer.status).toBe(400);
  });

  test("may hold bare NaN and Infinity, as Python writes them, and texts that look alike stay", async () => {
    const id = await startRun(server.tracking, "0");
    const body = `{"run_id":"${id}","metrics":[{"key":"a","value":NaN,"timestamp":1},{"key":"b","value":-Infinity,"timestamp":1}],"tags":[{"key":"t","value":"NaN, \\"Infinity"}]}`;
    expect(await post("runs/log-batch", body)).toMatchObject({ status: 200, json: {} });
    expect((await ask(`${api}/runs/get?run_id=${id}`)).json).toMatchObject({
      run: {
        data: {
          metrics: [
            { key: "a", value: "NaN" },
            { key: "b", value: -Number.MAX_VALUE },
          ],
          tags: expect.arrayContaining([{ key: "t", value: 'NaN, "Infinity' }]),
        },
      },
    });
  });

  test("may hold numbers as texts, in any way that R writes them, and unknown fields", async () => {
    const id = await startRun(server.tracking, "0");
    const metric = {
      run_uuid: id,
      run_id: id,
      key: "m",
      value: "1e-10",
      timestamp: "1.7e+12",
      step: "1e+05",
      nonsense: [null],
    };
    expect(await post("runs/log-metric", metric)).toMatchObject({ status: 200 });
    expect(
      (await ask(`${api}/metrics/get-history?run_id=${id}&metric_key=m&max_results=10`)).json,
    ).toEqual({
      metrics: [{ key: "m", value: 1e-10, timestamp: 1.7e12, step: 100_000 }],
    });
  });

  test.each([
    { key: "m", value: true, timestamp: 1 },
    { key: "m", value: "x", timestamp: 1 },
    { key: "m", value: 1, timestamp: "1.5" },
    { key: "m", value: 1, timestamp: 1, step: {} },
    { key: 7, value: 1, timestamp: 1 },
    { key: "m", timestamp: 1 },
  ])("whose values are of another kind is refused: %j", async (metric) => {
    expect(await post("runs/log-metric", { run_id: runId, ...metric })).toMatchObject(invalid);
  });
});

describe("an answer", () => {
  test("that is empty is an empty object", async () => {
    expect(await post("runs/set-tag", { run_id: runId, key: "k", value: "v" })).toMatchObject({
      status: 200,
      text: "{}",
    });
    expect(await post("runs/search", { experiment_ids: [] })).toMatchObject({
      status: 200,
      text: "{}",
    });
  });

  test("says every number and leaves out what is not there, so that reading it gives what was written", () => {
    const { response } = endpoints["metrics/get-history"];
    const text = fc.string().filter((each) => !/null|\[\]/.test(each));
    const double = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0));
    const metric = fc.record({
      key: text.filter((key) => key !== ""),
      value: double,
      timestamp: fc.integer(),
      step: fc.integer(),
    });
    fc.assert(
      fc.property(fc.array(metric), fc.option(text, { nil: undefined }), (metrics, token) => {
        const message = { metrics, ...(token !== undefined && { next_page_token: token }) };
        const printed = printMessage(response, message);
        expect(printed).not.toMatch(/null|\[\]/);
        const { metrics: back = [], next_page_token } = readMessage(response, parseJson(printed), {
          name: "it",
        });
        expect({ metrics: back, next_page_token }).toEqual({ metrics, next_page_token: token });
        expect(JSON.parse(printed)).toBeTypeOf("object");
      }),
    );
  });

  test("does not change what it is made of", () => {
    const message = { metrics: [{ key: "m", value: Number.NaN, timestamp: 1, step: 0 }] };
    expect(printMessage(endpoints["metrics/get-history"].response, message)).toBe(
      '{"metrics":[{"key":"m","value":"NaN","timestamp":1,"step":0}]}',
    );
    expect(message.metrics[0]?.value).toBeNaN();
  });
});

describe("an error", () => {
  test.each([
    ["RESOURCE_ALREADY_EXISTS", 400],
    ["RESOURCE_DOES_NOT_EXIST", 404],
    ["PERMISSION_DENIED", 403],
    ["UNAUTHENTICATED", 401],
    ["RESOURCE_CONFLICT", 409],
    ["REQUEST_LIMIT_EXCEEDED", 429],
    ["NOT_IMPLEMENTED", 501],
    ["INVALID_STATE", 500],
  ])("of the code %s has the status %i", async (code, status) => {
    const logged: unknown[] = [];
    const failing = trackerThat(() => Promise.reject(new TrackingError(code, "why", "how")));
    const { url } = await startServer({
      tracking: failing,
      log: (cause) => void logged.push(cause),
    });
    expect(await ask(`${url}/api/2.0/mlflow/runs/get?run_id=x`)).toMatchObject({
      status,
      json: { error_code: code, message: "why" },
    });
    expect(logged).toEqual([]);
  });

  test.each([
    [
      new TrackingError("STORE_UNUSABLE", "/home/me/mlflow.db is locked"),
      503,
      "TEMPORARILY_UNAVAILABLE",
    ],
    [
      new TrackingError("UNREACHABLE", "http://10.0.0.1 does not answer"),
      503,
      "TEMPORARILY_UNAVAILABLE",
    ],
    [new TrackingError("FILE_FAILED", "/home/me/mlruns cannot be read"), 400, "BAD_REQUEST"],
    [new TrackingError("INTERNAL_ERROR", "/home/me/mlflow.db failed"), 500, "INTERNAL_ERROR"],
    [new Error("at /home/me/x.ts:1"), 500, "INTERNAL_ERROR"],
  ])(
    "of the server itself (%s) is told to its operator, and to the client only that it is",
    async (cause, status, error_code) => {
      const logged: unknown[] = [];
      const tracking = trackerThat(() => Promise.reject(cause));
      const { url } = await startServer({ tracking, log: (one) => void logged.push(one) });
      const answered = await ask(`${url}/api/2.0/mlflow/runs/get?run_id=x`);
      expect(answered).toMatchObject({ status, json: { error_code } });
      expect(answered.text).not.toMatch(/home|10\.0|\.ts/);
      expect(logged).toEqual([cause]);
    },
  );
});

describe("a value that is longer than MLflow keeps", () => {
  test("is cut as MLflow's server cuts it, wherever it comes from, and the operator is told", async () => {
    const logged: unknown[] = [];
    const { url, tracking } = await startServer({ log: (notice) => void logged.push(notice) });
    const run_id = await startRun(tracking, "0");
    const api = `${url}/api/2.0/mlflow/runs`;
    const long = "🌷".repeat(9000);
    const send = async (call: string, body: object): Promise<void> => {
      const { status } = await ask(`${api}/${call}`, { body: { run_id, ...body } });
      expect(status).toBe(200);
    };
    for (const _ of [1, 2]) await send("log-parameter", { key: "a", value: long });
    await send("set-tag", { key: "b", value: long });
    await send("log-batch", {
      params: [{ key: "c", value: long }],
      tags: [{ key: "d", value: long }],
    });
    await send("set-tag", { key: "e", value: "🌷".repeat(8000) });
    const { data } = (await tracking.call("runs/get", { run_id })).run;
    const lengths = [...(data.params ?? []), ...(data.tags ?? [])].map(({ key, value }) => [
      key,
      Array.from(value).length,
    ]);
    expect(lengths.slice(0, 5)).toEqual([
      ["a", 6000],
      ["c", 6000],
      ["b", 8000],
      ["d", 8000],
      ["e", 8000],
    ]);
    expect(logged).toHaveLength(5);
    expect(String(logged[0])).toContain('the param "a" was cut to 6000 characters');
  });
});

test("whoever comes with a browser is told what this is", async () => {
  expect(await ask(server.url)).toMatchObject({
    status: 200,
    text: expect.stringContaining("mlflow ui --backend-store-uri"),
  });
});

test("health and version answer as MLflow's do", async () => {
  expect(await ask(`${server.url}/health`)).toMatchObject({ status: 200, text: "OK" });
  expect(await ask(`${server.url}/health`, { method: "HEAD" })).toMatchObject({
    status: 200,
    text: "",
  });
  expect((await ask(`${server.url}/version`)).text).toMatch(/^\d+\.\d+\.\d+$/);
});
