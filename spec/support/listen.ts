/** A server on a free loopback port whose answers are values. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface Request {
  readonly method: string;
  /** Still encoded, without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}
export interface Listener {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

export async function listen(
  answer: (request: Request) => Reply | Promise<Reply>,
  tls?: ServerOptions,
): Promise<Listener> {
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, headers = {}, body } = await answer(await read(incoming));
    response.writeHead(status, headers);
    response.end(body);
  };
  const server =
    tls === undefined
      ? createServer((request, response) => void serve(request, response))
      : createTlsServer(tls, (request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "", url = "", headers } = incoming;
  const [path = "", query = ""] = url.split("?");
  return { method, path, query: new URLSearchParams(query), headers, body: Buffer.concat(chunks) };
}
