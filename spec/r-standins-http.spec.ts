/** How mlpipe's own {mlflow} talks to a server: requests, answers in every framing, connections that break. */
import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { type FakeServer, startFake } from "./support/fake-server.ts";
import { noR } from "./support/r-step.ts";
import { startServer } from "./support/server.ts";
import { printedBy, runScript } from "./support/stand-ins.ts";

async function fake(): Promise<FakeServer> {
  const server = await startFake();
  onTestFinished(() => server.close());
  return server;
}

const started =
  'library(mlflow)\ninvisible(mlflow_start_run(experiment_id = "1"))\nsaid <- function(code) cat(conditionMessage(tryCatch(code, error = identity)), "\\n")\n';
const asked = (server: FakeServer): readonly string[] =>
  server.requests.map(({ path }) => path.replace(/^.*\/mlflow\//, ""));

describe.skipIf(noR)("requests", () => {
  test("carry numbers as numbers, and what JSON has no number for as texts", async () => {
    const server = await fake();
    await printedBy(
      `${started}
       mlflow_log_metric("a", 1e5, timestamp = 1.7e12, step = 1e5)
       mlflow_log_metric("a", NaN, timestamp = 1, step = 3L)
       mlflow_log_param("p", 1e5)
       mlflow_log_batch(metrics = data.frame(key = "b", value = c(0.1, -Inf), step = 1:2, timestamp = 1.7e12))`,
      { env: { MLFLOW_TRACKING_URI: server.uri } },
    );
    expect(server.requests.slice(1).map(({ body }) => body)).toEqual([
      '{"run_id":"run1","key":"a","value":100000,"timestamp":1700000000000,"step":100000}',
      '{"run_id":"run1","key":"a","value":"NaN","timestamp":1,"step":3}',
      '{"run_id":"run1","key":"p","value":"100000"}',
      '{"run_id":"run1","metrics":[{"key":"b","value":0.1,"step":1,"timestamp":1700000000000},{"key":"b","value":"-Infinity","step":2,"timestamp":1700000000000}]}',
    ]);
  });

  test("any double and any text arrive as they were", async () => {
    const server = await fake();
    const doubles = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      numRuns: 150,
      seed: 2026,
    });
    const texts = fc.sample(
      fc.string({ unit: "binary", minLength: 1 }).filter((text) => !text.includes("\0")),
      { numRuns: 150, seed: 2026 },
    );
    await printedBy(
      `${started}
       given <- mlflow:::read_json("given.json", simplify = FALSE)
       for (value in given$doubles) mlflow_log_metric("m", value)
       for (text in given$texts) mlflow_set_tag(text, text)`,
      {
        env: { MLFLOW_TRACKING_URI: server.uri },
        files: { "given.json": JSON.stringify({ doubles, texts }) },
      },
    );
    const bodies = server.requests
      .slice(1)
      .map(({ body }) => JSON.parse(body) as { value: unknown });
    // JSON.stringify has no -0, so none arrives.
    expect(bodies.slice(0, 150).map(({ value }) => value)).toEqual(doubles.map((it) => it + 0));
    expect(bodies.slice(150).map(({ value }) => value)).toEqual(texts);
  });

  test.each([
    [{ MLFLOW_TRACKING_TOKEN: "t0ken" }, "Bearer t0ken"],
    [
      {
        MLFLOW_TRACKING_USERNAME: "ana",
        MLFLOW_TRACKING_PASSWORD: "pässword:?",
        MLFLOW_TRACKING_TOKEN: "t",
      },
      `Basic ${Buffer.from("ana:pässword:?").toString("base64")}`,
    ],
    [{}, undefined],
  ])("with %j say authorization: %s", async (env, authorization) => {
    const server = await fake();
    await printedBy(started, { env: { MLFLOW_TRACKING_URI: `${server.uri}/below/`, ...env } });
    const [first] = server.requests;
    expect(first?.headers.authorization).toBe(authorization);
    expect(first?.path).toBe("/below/api/2.0/mlflow/runs/create");
    expect(first?.headers["content-type"]).toBe("application/json");
  });

  test("reach a server that asks for a token, and are refused without it", async () => {
    const { url } = await startServer({ tokens: ["t0ken"] });
    const code =
      'library(mlflow)\ninvisible(mlflow_start_run(experiment_id = 0))\nmlflow_log_batch()\ncat("in")';
    const env = { MLFLOW_TRACKING_URI: url };
    expect(await printedBy(code, { env: { ...env, MLFLOW_TRACKING_TOKEN: "t0ken" } })).toBe("in");
    const { stderr } = await runScript(code, { env });
    expect(stderr).toContain("answered 401 to runs/create: UNAUTHENTICATED; ");
    expect(stderr).toContain("; set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and");
  });

  test("a token that would start another header is refused, and not shown", async () => {
    const server = await fake();
    const env = { MLFLOW_TRACKING_URI: server.uri, MLFLOW_TRACKING_TOKEN: "secret\r\nX: y" };
    const ended = await runScript(started, { env });
    expect(ended.stderr).toContain("MLFLOW_TRACKING_TOKEN holds a line break");
    expect(ended.stderr).not.toContain("secret");
    expect(server.requests).toEqual([]);
  });

  test("names in addresses are encoded", async () => {
    const server = await fake();
    server.answers.set("get-by-name", '{"experiment":{"experiment_id":"7","name":"n"}}');
    const code = 'cat(mlflow::mlflow_get_experiment(name = "/Shared/é &=#%")$experiment_id)';
    expect(await printedBy(code, { env: { MLFLOW_TRACKING_URI: server.uri } })).toBe("7");
    expect(server.requests[0]?.path).toBe(
      "/api/2.0/mlflow/experiments/get-by-name?experiment_name=%2FShared%2F%C3%A9%20%26%3D%23%25",
    );
  });
});

describe.skipIf(noR)("refusals", () => {
  const refuse = (status: number, body: string, headers = {}) =>
    ({ kind: "answer", status, body, headers }) as const;

  test("tell the status, MLflow's code and its message; a script may catch them", async () => {
    const server = await fake();
    server.script(
      "set-tag",
      refuse(404, '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no ü"}'),
      refuse(502, "<html>"),
      refuse(401, ""),
    );
    const code = `${started}for (i in 1:3) said(mlflow_set_tag("a", "b"))`;
    expect(
      (await printedBy(code, { env: { MLFLOW_TRACKING_URI: server.uri } })).split(" \n"),
    ).toEqual([
      "the tracking server answered 404 to runs/set-tag: RESOURCE_DOES_NOT_EXIST; no ü",
      "the tracking server answered 502 to runs/set-tag",
      "the tracking server answered 401 to runs/set-tag; set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
      "",
    ]);
  });

  test("a busy server is asked again", async () => {
    const server = await fake();
    server.script("set-tag", refuse(429, ""), refuse(503, "", { "retry-after": "1" }));
    await printedBy(`${started}mlflow_set_tag("a", "b")`, {
      env: { MLFLOW_TRACKING_URI: server.uri },
    });
    expect(asked(server)).toEqual(["runs/create", "runs/set-tag", "runs/set-tag", "runs/set-tag"]);
  });
});

describe.skipIf(noR)("connections", () => {
  const env = (server: FakeServer) => ({ env: { MLFLOW_TRACKING_URI: server.uri } });

  test("one serves all requests of a script, one more each forked child", async () => {
    const server = await fake();
    await printedBy(
      `${started}
       for (i in 1:10) mlflow_log_metric("m", i)
       done <- parallel::mclapply(1:2, function(i) mlflow_log_metric("child", i), mc.cores = 2)
       stopifnot(identical(unlist(done), c("1", "2")))
       mlflow_log_metric("m", 11)`,
      env(server),
    );
    expect(server.requests).toHaveLength(14);
    expect(new Set(server.requests.map(({ port }) => port)).size).toBe(3);
  });

  test("one that the server has closed is opened again, and nothing is sent twice", async () => {
    const server = await fake();
    server.script("set-tag", {
      kind: "answer",
      status: 200,
      body: "{}",
      headers: { connection: "close" },
    });
    await printedBy(
      `${started}mlflow_set_tag("a", 1)\nmlflow_set_tag("a", 2)\ncloseAllConnections()\nother <- file("other", "w")\nmlflow_set_tag("a", 3)\nclose(other)\nstopifnot(file.size("other") == 0)`,
      env(server),
    );
    expect(asked(server)).toEqual(["runs/create", "runs/set-tag", "runs/set-tag", "runs/set-tag"]);
  });

  test("one that breaks before an answer is tried once more, unless something is created", async () => {
    const server = await fake();
    const broken = { kind: "reset", perform: true } as const;
    server.script("set-tag", broken);
    server.script("runs/create", { kind: "well" }, broken);
    const printed = await printedBy(
      `${started}mlflow_set_tag("a", 1)\nsaid(mlflow_start_run(nested = TRUE))\nmlflow_set_tag("a", 2)`,
      env(server),
    );
    expect(printed).toBe(`${server.uri} closed the connection without an answer \n`);
    expect(asked(server)).toEqual([
      "runs/create",
      "runs/set-tag",
      "runs/set-tag",
      "runs/create",
      "runs/set-tag",
    ]);
  });

  test("half an answer is an error, and the next request is whole", async () => {
    const server = await fake();
    server.answers.set("runs/get", JSON.stringify({ run: { info: { run_id: "x".repeat(500) } } }));
    server.script("runs/get", { kind: "half" });
    const code = `${started}said(mlflow_get_run())\ncat(nchar(mlflow_get_run()$run_id))`;
    expect(await printedBy(code, env(server))).toBe(
      "the tracking server stopped in the middle of an answer \n500",
    );
  });

  test("a silent server is given up after the time of mlflow.rest.timeout", async () => {
    const server = await fake();
    server.script("set-tag", { kind: "hang" }, { kind: "hang" });
    const code = `${started}options(mlflow.rest.timeout = 1)\nmlflow:::disconnect()\nsaid(mlflow_set_tag("a", 1))`;
    expect(await printedBy(code, env(server))).toBe(`no HTTP answer from ${server.uri} \n`);
  });
});

/** One way to put a body into an answer of HTTP/1.1. */
interface Framing {
  readonly kind: "length" | "chunked" | "close";
  readonly chunk: number;
  /** Bytes that go out at once. */
  readonly piece: number;
  readonly hint: boolean;
}

function answerOf(body: Buffer, { kind, chunk, hint }: Framing): Buffer {
  const head = ["HTTP/1.1 200 OK", "Content-Type: application/json"];
  if (kind === "length") head.push(`content-length: ${body.length}`);
  if (kind === "chunked") head.push("Transfer-Encoding: Chunked");
  if (kind === "close") head.push("Connection: close");
  const parts: Buffer[] = [
    Buffer.from(
      `${hint ? "HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n" : ""}${head.join("\r\n")}\r\n\r\n`,
    ),
  ];
  if (kind !== "chunked") parts.push(body);
  else {
    for (let at = 0; at < body.length; at += chunk) {
      const piece = body.subarray(at, at + chunk);
      parts.push(Buffer.from(`${piece.length.toString(16)};a=b\r\n`), piece, Buffer.from("\r\n"));
    }
    parts.push(Buffer.from("0\r\nTrailer: x\r\n\r\n"));
  }
  return Buffer.concat(parts);
}

async function sendIn(socket: Socket, bytes: Buffer, piece: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) {
    socket.write(bytes.subarray(at, at + piece));
    await new Promise(setImmediate);
  }
}

/** Answers the nth request with the nth of `answers`, and closes after those of kind "close". */
async function rawServer(answers: readonly (readonly [Buffer, Framing])[]): Promise<string> {
  let next = 0;
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("data", () => {
      const [body, framing] = answers[next++] ?? [];
      if (body === undefined || framing === undefined) return;
      void sendIn(socket, answerOf(body, framing), framing.piece).then(() => {
        if (framing.kind === "close") socket.end();
      });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(noR)("answers", () => {
  test("are read whole in every framing, however they are cut", async () => {
    const framing = fc.record<Framing>({
      kind: fc.constantFrom("length", "chunked", "close"),
      chunk: fc.integer({ min: 1, max: 40 }),
      piece: fc.integer({ min: 1, max: 60 }),
      hint: fc.boolean(),
    });
    const text = fc.string({ unit: "binary", maxLength: 30 }).filter((it) => !it.includes("\0"));
    const cases = fc.sample(fc.tuple(text, framing), { numRuns: 80, seed: 2026 });
    const bodies = cases.map(([name, how]): [Buffer, Framing] => [
      Buffer.from(JSON.stringify({ experiment: { experiment_id: "1", name } })),
      how,
    ]);
    const printed = await printedBy(
      `for (i in 1:${cases.length}) cat(mlflow:::json_string(mlflow::mlflow_get_experiment("1")$name), "\\n")`,
      { env: { MLFLOW_TRACKING_URI: await rawServer(bodies) } },
    );
    const names = printed
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as string);
    expect(names).toEqual(cases.map(([name]) => name));
  });

  test("pages are followed to the last", async () => {
    const server = await fake();
    server.answers.set("get-history", (path) => {
      const page = Number(/page_token=(\d)/.exec(path)?.[1] ?? 0);
      const metrics = [{ key: "m", value: page, timestamp: 1, step: page }];
      return JSON.stringify(
        page < 2 ? { metrics, next_page_token: String(page + 1) } : { metrics },
      );
    });
    const code = 'cat(mlflow::mlflow_get_metric_history("m", "run1")$value)';
    expect(await printedBy(code, { env: { MLFLOW_TRACKING_URI: server.uri } })).toBe("0 1 2");
  });

  test("an artifact that would leave its folder is not written", async () => {
    const server = await fake();
    server.answers.set(
      "artifacts/list",
      '{"files":[{"path":"../../evil","is_dir":false,"file_size":1}]}',
    );
    const code = `${started}said(mlflow_download_artifacts("model"))`;
    expect(await printedBy(code, { env: { MLFLOW_TRACKING_URI: server.uri } })).toBe(
      "the server names an artifact `../../evil`, which leaves its folder \n",
    );
    expect(asked(server).filter((path) => path.includes("get-artifact"))).toEqual([]);
  });
});
