/** A loopback proxy before a server, which does to each request what a plan says. */
import { once } from "node:events";
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export const faults = [
  /** The server never hears of it. */
  "lost on the way there",
  /** The server has done it. */
  "lost on the way back",
  "cut in the middle of the headers",
  "cut in the middle of the body",
  /** Whole by its own account. */
  "half of the JSON",
  "carried out twice",
  "late",
  "busy before it is done",
  "bad gateway after it is done",
] as const;
export type Fault = (typeof faults)[number] | "none";

export interface Misbehaving {
  /** `http://127.0.0.1:PORT` */
  readonly uri: string;
  /** For the next requests, one after the other; further ones pass. */
  readonly plan: (faults: readonly Fault[]) => void;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export async function startMisbehaving(target: string): Promise<Misbehaving> {
  let planned: Fault[] = [];
  const server = createServer((request, response) => {
    void serve(target, request, response, planned.shift() ?? "none");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan: (next) => {
      planned = [...next];
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
): Promise<void> {
  const socket = response.socket;
  const body = await readAll(request).catch(() => undefined);
  if (body === undefined) return;
  const pass = (): Promise<Answer> => passOn(target, request, body);
  switch (fault) {
    case "none":
      return finish(response, await pass());
    case "lost on the way there":
      socket?.resetAndDestroy();
      return;
    case "lost on the way back":
      await pass();
      socket?.resetAndDestroy();
      return;
    case "cut in the middle of the headers":
      await pass();
      socket?.end("HTTP/1.1 200 OK\r\nContent-Ty");
      return;
    case "cut in the middle of the body":
      return cut(response, await pass());
    case "half of the JSON": {
      const answer = await pass();
      return finish(response, { ...answer, body: halfOf(answer) });
    }
    case "carried out twice":
      // What makes something new would be made twice by whoever repeats it, and no client could mend that.
      if (!/create/.test(request.url ?? "") && !/log-model/.test(request.url ?? "")) await pass();
      return finish(response, await pass());
    case "late":
      await delay(150);
      return finish(response, await pass());
    case "busy before it is done":
      response.writeHead(503, { "retry-after": "1" }).end("busy");
      return;
    case "bad gateway after it is done":
      await pass();
      response.writeHead(502).end("<html><title>502 Bad Gateway</title>");
      return;
    default:
      fault satisfies never;
  }
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function passOn(target: string, from: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method = "GET", url = "", headers } = from;
  const passed = forward(`${target}${url}`, { method, headers });
  passed.end(body);
  const [answer] = (await once(passed, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 500, headers: answer.headers, body: await readAll(answer) };
}

/** An artifact's bytes are not JSON, and nobody could tell half of them from the whole but by their number. */
function halfOf({ headers, body }: Answer): Buffer {
  const isJson = String(headers["content-type"]).includes("json");
  return isJson ? body.subarray(0, Math.floor(body.length / 2)) : body;
}

function headersOf({ headers, body }: Answer): IncomingMessage["headers"] {
  const { "transfer-encoding": _, ...rest } = headers;
  return { ...rest, "content-length": String(body.length) };
}

function finish(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, headersOf(answer));
  response.end(answer.body);
}

function cut(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, headersOf(answer));
  response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () =>
    response.socket?.destroy(),
  );
}
