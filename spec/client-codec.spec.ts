import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchLimits, splitBatch, type Batch } from "../src/tracking/batch.ts";
import { endpoints } from "../src/tracking/endpoints.ts";
import { decodeAnswer } from "../src/tracking/client-answer.ts";
import { encodeCall, encodeQuery } from "../src/tracking/client-request.ts";
import { tidy } from "../src/tracking/client-failure.ts";
import { parseJson, printJson } from "../src/tracking/json.ts";
import { readSettings } from "../src/tracking/client-settings.ts";
import { artifactUrl, locateArtifacts } from "../src/tracking/proxy.ts";

const anyText = fc.string({ unit: "grapheme", maxLength: 40 });
const plain = { noNullPrototype: true } as const;
const keyValue = fc.record({ key: anyText, value: anyText }, plain);
const metric = fc.record(
  { key: anyText, value: fc.double(), timestamp: fc.maxSafeNat(), step: fc.maxSafeInteger() },
  plain,
);

describe("what a request becomes", () => {
  it("is JSON from which every metric comes back with every bit", () => {
    fc.assert(
      fc.property(fc.array(metric), (metrics) => {
        const sent = parseJson(printJson({ run_id: "r", metrics })) as { metrics: unknown[] };
        const answer = JSON.stringify({ metrics: sent.metrics });
        expect(decodeAnswer(endpoints["metrics/get-history"], answer).metrics).toStrictEqual(
          metrics,
        );
      }),
    );
  });

  it("has texts for the numbers that JSON lacks", () => {
    const values = [Number.NaN, Infinity, -Infinity, -0, 0.1];
    const metrics = values.map((value) => ({ key: "m", value, timestamp: 1, step: 0 }));
    const sent = JSON.parse(printJson({ run_id: "r", metrics })) as {
      metrics: { value: unknown }[];
    };
    expect(sent.metrics.map(({ value }) => value)).toEqual([
      "NaN",
      "Infinity",
      "-Infinity",
      "-0.0",
      0.1,
    ]);
  });

  it("is a query for a GET, with a key once per element of a list and none for what is absent", () => {
    const query = encodeQuery({ run_ids: ["a", "b&c"], path: undefined, max_results: 5 });
    expect(query).toBe("run_ids=a&run_ids=b%26c&max_results=5");
    expect(encodeCall(endpoints["artifacts/list"], { run_id: "r", path: "a b/ü" })).toEqual({
      method: "GET",
      path: "/api/2.0/mlflow/artifacts/list?run_id=r&path=a+b%2F%C3%BC",
      body: undefined,
    });
  });

  it("keeps any text in a query", () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.array(anyText)), (fields) => {
        const query = new URLSearchParams(encodeQuery(fields));
        for (const [key, values] of Object.entries(fields))
          expect(query.getAll(key)).toEqual(values);
      }),
    );
  });
});

describe("what an answer is read as", () => {
  it("lets in the bare NaN and infinities that Python writes, outside of texts only", () => {
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        const text = `${before}NaN, -Infinity"\\${after}`;
        const json = `{"a":NaN,${JSON.stringify(text)}:[-Infinity,Infinity,${JSON.stringify(text)}]}`;
        expect(parseJson(json)).toEqual({ a: "NaN", [text]: ["-Infinity", "Infinity", text] });
      }),
    );
  });

  it("keeps all digits of an id that came as a number", () => {
    const answer = decodeAnswer(
      endpoints["experiments/create"],
      '{"experiment_id":906420345678901234}',
    );
    expect(answer.experiment_id).toBe("906420345678901234");
  });

  it("takes int64 as numbers and as texts", () => {
    const point = '{"key":"k","value":1.5,"timestamp":"1700000000000","step":"-3"}';
    expect(
      decodeAnswer(endpoints["metrics/get-history"], `{"metrics":[${point}]}`).metrics,
    ).toEqual([{ key: "k", value: 1.5, timestamp: 1_700_000_000_000, step: -3 }]);
  });

  it("leaves a param that says NaN a text", () => {
    const info = '{"run_uuid":"r","experiment_id":"1","status":"RUNNING"}';
    const data = '{"params":[{"key":"p","value":"NaN"}]}';
    const { run } = decodeAnswer(endpoints["runs/get"], `{"run":{"info":${info},"data":${data}}}`);
    expect(run.data.params).toEqual([{ key: "p", value: "NaN" }]);
    expect(run.info).toMatchObject({ run_id: "r", run_uuid: "r", run_name: "", start_time: 0 });
  });

  it.each([
    ["runs/get", "{}", "run is missing"],
    ["runs/get", '{"run":{"info":{"run_id":"a"}}}', "run.info.experiment_id is missing"],
    ["runs/search", '{"runs":{}}', "runs is no list"],
    [
      "metrics/get-history",
      '{"metrics":[{"key":"k","value":"x"}]}',
      "metrics[0].value is no number",
    ],
    [
      "metrics/get-history",
      '{"metrics":[{"key":"k","value":1}]}',
      "metrics[0].timestamp is missing",
    ],
    ["runs/log-batch", "[]", "the answer is no JSON object"],
    ["runs/log-batch", '{"a":', "the answer is no JSON"],
  ] as const)("names the field of %s that is wrong in %s", (endpoint, text, message) => {
    expect(() => decodeAnswer(endpoints[endpoint], text)).toThrow(message);
  });
});

const batch: fc.Arbitrary<Batch> = fc.record({
  run_id: fc.constant("0123456789abcdef".repeat(2)),
  params: fc.array(keyValue, { maxLength: 350, size: "max" }),
  tags: fc.array(
    fc.record({ key: anyText, value: fc.oneof(anyText, fc.constant("é\n".repeat(4000))) }),
    { maxLength: 350, size: "max" },
  ),
  metrics: fc.array(metric, { maxLength: 2500, size: "max" }),
});

describe("a batch of any size", () => {
  it("is cut so that nothing is lost, order is kept and every limit holds", () => {
    fc.assert(
      fc.property(batch, (whole) => {
        const parts = splitBatch(whole);
        expect(parts.flatMap((part) => part.params ?? [])).toEqual(whole.params);
        expect(parts.flatMap((part) => part.tags ?? [])).toEqual(whole.tags);
        expect(parts.flatMap((part) => part.metrics ?? [])).toStrictEqual(whole.metrics);
        for (const part of parts) expectWithinLimits(part);
      }),
      { numRuns: 30 },
    );
  });

  it("is one request when it fits, even when it is empty", () => {
    expect(splitBatch({ run_id: "r" })).toEqual([{ run_id: "r" }]);
    expect(splitBatch({ run_id: "r", tags: [{ key: "a", value: "b" }] })).toHaveLength(1);
  });

  it("is filled up to the limits before another begins", () => {
    const params = Array.from({ length: 100 }, (_, index) => ({ key: `p${index}`, value: "" }));
    const point = { key: "m", value: 1, timestamp: 1 };
    const metrics = Array.from({ length: 1900 }, (_, step) => ({ ...point, step }));
    const parts = splitBatch({ run_id: "r", params, metrics });
    expect(parts.map((part) => part.metrics?.length)).toEqual([900, 1000]);
  });

  it("sends an item alone that is too big for any body", () => {
    const big = { key: "big", value: "x".repeat(1_000_001) };
    const small = { key: "a", value: "b" };
    const parts = splitBatch({ run_id: "r", tags: [small, big, small] });
    expect(parts.map(({ tags }) => tags)).toEqual([[small], [big], [small]]);
  });
});

function expectWithinLimits(part: Batch): void {
  const [params, tags, metrics] = [part.params, part.tags, part.metrics].map(
    (list) => list?.length ?? 0,
  ) as [number, number, number];
  expect(params).toBeLessThanOrEqual(batchLimits.params);
  expect(tags).toBeLessThanOrEqual(batchLimits.tags);
  expect(metrics).toBeLessThanOrEqual(batchLimits.metrics);
  expect(params + tags + metrics).toBeLessThanOrEqual(batchLimits.together);
  expect(Buffer.byteLength(printJson(part))).toBeLessThanOrEqual(batchLimits.bytes);
}

describe("the place of artifacts", () => {
  const settings = { origin: "https://h:1", uri: "https://h:1/team" };

  it.each([
    [
      "mlflow-artifacts:/1/r/artifacts",
      "https://h:1/team/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts",
    ],
    ["mlflow-artifacts://other:5/1/r", "https://other:5/api/2.0/mlflow-artifacts/artifacts/1/r"],
    [
      "mlflow-artifacts://u:secret@other/1 ü",
      "https://other/api/2.0/mlflow-artifacts/artifacts/1%20%C3%BC",
    ],
    ["http://store/a%20b/?token=secret", "http://store/a%20b"],
  ])("%s is %s", (uri, url) => {
    expect(locateArtifacts(uri, settings)).toEqual({ kind: "proxy", url });
  });

  it("is a folder for a file URI and for an absolute path", () => {
    expect(locateArtifacts("file:///a/b%20c", settings)).toEqual({
      kind: "folder",
      folder: "/a/b c",
    });
    expect(locateArtifacts("/a/b c", settings)).toEqual({ kind: "folder", folder: "/a/b c" });
  });

  it("is out of reach for every other scheme, and shown without a password", () => {
    const place = locateArtifacts("wasbs://box:secret@acc.blob/x?sig=secret", settings);
    expect(place).toMatchObject({ kind: "elsewhere", shown: "wasbs://acc.blob/x" });
  });

  it("keeps each name of a path one segment of the address", () => {
    const name = anyText.filter((text) => !/^\.{0,2}$|\//.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (names) => {
        const { pathname, search, hash } = new URL(
          artifactUrl({ url: "http://h" }, names.join("/")),
        );
        expect(pathname.slice(1).split("/").map(decodeURIComponent)).toEqual(names);
        expect(search + hash).toBe("");
      }),
    );
  });
});

describe("the settings", () => {
  it.each([
    ["http://h:5000", "http://h:5000"],
    ["http://h:5000/", "http://h:5000"],
    ["https://ann:pw@h/team/mlflow//", "https://h/team/mlflow"],
  ])("make %s the address %s", (given, uri) => {
    expect(readSettings(given, {}).uri).toBe(uri);
  });

  it("take sign-in from the address before the environment, and a name before a token", () => {
    const env = {
      MLFLOW_TRACKING_USERNAME: "env",
      MLFLOW_TRACKING_PASSWORD: "pä",
      MLFLOW_TRACKING_TOKEN: "tok",
    };
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
    const signIn = (uri: string, from: object): string | undefined =>
      readSettings(uri, from as Record<string, string>).identity["authorization"];
    expect(signIn("http://ann:p%40w@h", env)).toBe(basic("ann:p@w"));
    expect(signIn("http://h", env)).toBe(basic("env:pä"));
    expect(signIn("http://h", { MLFLOW_TRACKING_TOKEN: "tok" })).toBe("Bearer tok");
    expect(signIn("http://h", {})).toBeUndefined();
  });

  it.each([
    ["ftp://h", {}, "The address of the MLflow server is none"],
    ["http://h?x=1", {}, "The address of the MLflow server is none"],
    ["nonsense", {}, "The address of the MLflow server is none"],
    ["http://h", { MLFLOW_HTTP_REQUEST_TIMEOUT: "soon" }, 'MLFLOW_HTTP_REQUEST_TIMEOUT is "soon"'],
    ["http://h", { MLPIPE_TRACKING_TIMEOUT: "0" }, 'MLPIPE_TRACKING_TIMEOUT is "0"'],
    ["http://h", { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "-1" }, "MLFLOW_HTTP_REQUEST_MAX_RETRIES"],
    ["http://h", { MLFLOW_TRACKING_TOKEN: "a\nb" }, "MLFLOW_TRACKING_TOKEN holds"],
    [
      "http://h",
      { MLFLOW_TRACKING_INSECURE_TLS: "true", MLFLOW_TRACKING_SERVER_CERT_PATH: "x" },
      "both set",
    ],
  ])("refuse %s with %j", (uri, env, message) => {
    expect(() => readSettings(uri, env)).toThrow(message);
  });

  it("let one answer never take longer than a whole call", () => {
    expect(readSettings("http://h", {})).toMatchObject({ answerMs: 30_000, totalMs: 45_000 });
    const env = { MLFLOW_HTTP_REQUEST_TIMEOUT: "120" };
    expect(readSettings("http://h", env)).toMatchObject({ answerMs: 120_000, totalMs: 120_000 });
  });
});

describe("a line for a message", () => {
  it("is one line, at most 601 characters, without any secret", () => {
    const secret = fc
      .string({ minLength: 3, maxLength: 12 })
      .filter((text) => /^[\x21-\x7e]+$/.test(text) && !text.includes("*"));
    fc.assert(
      fc.property(secret, fc.array(fc.string({ unit: "binary" })), (hidden, around) => {
        const line = tidy(around.join(`\n${hidden}\r\n`), [hidden]);
        expect(line).not.toContain(hidden);
        expect(line).not.toMatch(/[\p{Cc}\u2028]/u);
        expect(line.length).toBeLessThanOrEqual(601);
      }),
    );
  });
});
