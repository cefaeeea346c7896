/** Tracking servers for tests: over a new embedded store, or as the real command, each gone with the test. */
import { onTestFinished } from "vitest";
import { openTracking } from "../../src/tracking/open.ts";
import { openServer, type ServerOptions } from "../../src/tracking/server/open-server.ts";
import type { Tracking } from "../../src/tracking/tracking.ts";
import { temporaryFolder } from "./store.ts";

export interface TestServer {
  readonly url: string;
  readonly folder: string;
  readonly tracking: Tracking;
}

/** Listens at a free port of 127.0.0.1, over a new store in a new folder. */
export async function startServer(
  options: Partial<ServerOptions & { readonly port: number }> = {},
): Promise<TestServer> {
  const folder = await temporaryFolder();
  const tracking =
    options.tracking ??
    (await openTracking(undefined, { folder, artifacts: { root: "mlflow-artifacts:" } }));
  const server = await openServer({ port: 0, ...options, tracking });
  onTestFinished(async () => {
    await server.close();
    await tracking.close();
  });
  return { url: server.url, folder, tracking };
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
