/** A server that stands in for MLflow and misbehaves as told: it keeps runs, so that what came of a lost answer can be counted. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { KeyValue } from "../../src/tracking/entities.ts";

/** What to do with one request; whatever is asked after the script has run out is answered well. */
export type Behaviour =
  | { readonly kind: "well" }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Do what was asked all the same. */
      readonly perform?: boolean;
    }
  /** Says nothing until the server closes; `perform`: but does what was asked. */
  | { readonly kind: "hang"; readonly perform?: boolean }
  /** Ends the connection; `perform`: after doing what was asked. */
  | { readonly kind: "reset"; readonly perform?: boolean }
  /** Sends half of the good answer, then ends the connection. */
  | { readonly kind: "half" };

export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The client's port: the same for requests over one connection. */
  readonly port: number | undefined;
}
export interface FakeServer {
  /** `http://127.0.0.1:PORT` */
  readonly uri: string;
  readonly requests: readonly RecordedRequest[];
  /** Tags of each run that was made. */
  readonly runs: readonly (readonly KeyValue[])[];
  /** The next requests whose path contains `part` are treated so, in this order. */
  readonly script: (part: string, ...behaviours: readonly Behaviour[]) => void;
  /** Good answers other than runs: the first whose key is contained in the path, made from the path if it is a function. */
  readonly answers: Map<string, GoodAnswer>;
  readonly close: () => Promise<void>;
}

type GoodAnswer = string | ((path: string) => string);

interface State {
  readonly requests: RecordedRequest[];
  readonly runs: (readonly KeyValue[])[];
  readonly scripts: { readonly part: string; readonly behaviours: Behaviour[] }[];
  readonly answers: Map<string, GoodAnswer>;
}

export async function startFake(tls?: ServerOptions): Promise<FakeServer> {
  const state: State = { requests: [], runs: [], scripts: [], answers: new Map() };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(state, request, response);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    uri: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    ...state,
    script: (part, ...behaviours) => {
      state.scripts.push({ part, behaviours: [...behaviours] });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return;
  }
  const body = Buffer.concat(chunks).toString();
  const { method = "", url: path = "", headers } = request;
  const recorded = { method, path, headers, body, port: request.socket.remotePort };
  state.requests.push(recorded);
  behave(state, recorded, response, nextBehaviour(state, path));
}

function nextBehaviour(state: State, path: string): Behaviour {
  const script = state.scripts.find(
    ({ part, behaviours }) => path.includes(part) && behaviours.length > 0,
  );
  return script?.behaviours.shift() ?? { kind: "well" };
}

function behave(
  state: State,
  request: RecordedRequest,
  response: ServerResponse,
  behaviour: Behaviour,
): void {
  switch (behaviour.kind) {
    case "well":
      return finish(response, 200, {}, perform(state, request));
    case "answer":
      if (behaviour.perform === true) perform(state, request);
      return finish(response, behaviour.status, behaviour.headers ?? {}, behaviour.body ?? "");
    case "hang":
      if (behaviour.perform === true) perform(state, request);
      return;
    case "reset":
      if (behaviour.perform === true) perform(state, request);
      response.socket?.resetAndDestroy();
      return;
    case "half":
      return sendHalf(response, perform(state, request));
    default:
      behaviour satisfies never;
  }
}

function finish(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}

function sendHalf(response: ServerResponse, body: string): void {
  const length = Buffer.byteLength(body);
  response.writeHead(200, { "content-type": "application/json", "content-length": length });
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

/** Does what was asked and says so as MLflow would. */
function perform(state: State, request: RecordedRequest): string {
  if (request.path.endsWith("/runs/create")) return createRun(state, request.body);
  if (request.path.endsWith("/runs/search")) return searchRuns(state, request.body);
  for (const [part, answer] of state.answers)
    if (request.path.includes(part)) return answerTo(request.path, answer);
  return "{}";
}

function answerTo(path: string, answer: GoodAnswer): string {
  return typeof answer === "string" ? answer : answer(path);
}

function createRun(state: State, body: string): string {
  const { tags = [] } = JSON.parse(body) as { tags?: readonly KeyValue[] };
  state.runs.push(tags);
  return JSON.stringify({ run: describe(tags, state.runs.length) });
}

/** Knows one filter: a tag that equals a text. */
function searchRuns(state: State, body: string): string {
  const { filter } = JSON.parse(body) as { filter: string };
  const [, key, value] = /^tags\.`([^`]*)` = '([^']*)'$/.exec(filter) ?? [];
  const found = state.runs
    .map((tags, index) => ({ tags, number: index + 1 }))
    .filter(({ tags }) => tags.some((tag) => tag.key === key && tag.value === value));
  return JSON.stringify({ runs: found.map(({ tags, number }) => describe(tags, number)) });
}

function describe(tags: readonly KeyValue[], number: number): object {
  const id = `run${number}`;
  const info = { run_id: id, run_uuid: id, experiment_id: "1", status: "RUNNING", start_time: 1 };
  return {
    info: { ...info, artifact_uri: `mlflow-artifacts:/1/${id}/artifacts` },
    data: { tags },
  };
}
