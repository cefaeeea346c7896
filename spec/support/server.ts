/** Tracking servers for tests: over a new embedded store, or as the real command, each gone with the test. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openTracking } from "../../src/tracking/open.ts";
import { openServer, type ServerOptions } from "../../src/tracking/server/open-server.ts";
import type { Tracking } from "../../src/tracking/tracking.ts";

export interface TestServer {
  readonly url: string;
  readonly folder: string;
  readonly tracking: Tracking;
}

export interface OpenTestServer extends TestServer {
  readonly close: () => Promise<void>;
}

type TestOptions = Partial<ServerOptions & { readonly port: number }>;

/** Listens at a free port of 127.0.0.1, over a new store in a new folder; all of it is gone with the running test. */
export async function startServer(options: TestOptions = {}): Promise<TestServer> {
  const server = await openTestServer(options);
  onTestFinished(server.close);
  return server;
}

/** As `startServer`, for those who share it. */
export async function openTestServer(options: TestOptions = {}): Promise<OpenTestServer> {
  const folder = await mkdtemp(join(tmpdir(), "mlpipe-server-"));
  const within = [join(folder, "mlartifacts"), join(folder, "mlruns")];
  const tracking =
    options.tracking ??
    (await openTracking(undefined, { folder, artifacts: { root: "mlflow-artifacts:", within } }));
  const server = await openServer({ port: 0, ...options, tracking });
  const close = async (): Promise<void> => {
    await server.close();
    await tracking.close().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, folder, tracking, close };
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where the answer is no JSON. */
  readonly json: unknown;
}

/** One request; `body` goes as JSON unless headers say otherwise. */
export async function ask(
  url: string,
  {
    method,
    body,
    headers,
  }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const answer = await fetch(url, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: parse(text) };
}

export interface Raw {
  readonly status: number;
  readonly text: string;
}

/** A request exactly as it is written: no client tidies the path or the Host. */
export async function raw(
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A tracker that answers every call in one way. */
export function trackerThat(answer: (request: unknown) => Promise<unknown>): Tracking {
  const unused = (): never => {
    throw new Error("not asked for");
  };
  return {
    uri: "",
    call: (async (_: string, request: unknown) => answer(request)) as Tracking["call"],
    upload: unused,
    download: unused,
    close: async () => {},
  };
}
