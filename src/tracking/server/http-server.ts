/** The one place that knows fastify: a table of routes behind a guard becomes an HTTP server. */
import { createServer, type Server, type ServerResponse } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Guard } from "./guard.ts";
import { refuse, refuseFailure } from "./refusal.ts";
import { indexRoutes } from "./route-table.ts";
import type { Asked, Reply, Route } from "./route.ts";
import { UnderWay } from "./under-way.ts";

/** Milliseconds. */
export interface Times {
  /** Within which all headers of a request have to be here. */
  readonly headers: number;
  /** Within which a JSON body has to be here; an uploaded file may take its time. */
  readonly body: number;
  /** After which a connection on which nothing moves is ended, unless it waits for the server. */
  readonly stillness: number;
  readonly betweenRequests: number;
}

export interface HttpServer {
  /** Not listening yet; takes connections of others by its event `connection`. */
  readonly http: Server;
  /** Resolves when the first request may come. */
  readonly ready: () => Promise<void>;
  /** Ends idle connections, and resolves when the requests under way are answered. */
  readonly close: () => Promise<void>;
}

export interface Service {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly times: Times;
  /** For the operator: what went wrong inside. */
  readonly log: (cause: unknown) => void;
}

export function createHttpServer(service: Service): HttpServer {
  const { headers, stillness, betweenRequests } = service.times;
  const http = createServer({
    headersTimeout: headers,
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(5_000, headers),
    keepAliveTimeout: betweenRequests,
  });
  http.timeout = stillness;
  const app = Fastify({
    serverFactory: (handler) => http.on("request", handler),
    // The table of routes finds and reads addresses, and reads queries.
    routerOptions: { querystringParser: () => ({}) },
    frameworkErrors: (_, __, reply) => void send(reply, malformed()),
  });
  const underWay = new UnderWay();
  const end = watchConnections(http, underWay);
  answerAll(app, service, underWay);
  return {
    http,
    ready: async () => {
      await app.ready();
    },
    close: async () => {
      await end();
      await app.close();
    },
  };
}

/** Ends connections that stand still, and on demand all of them: then what is under way is answered, and each answer says that it is the last. */
function watchConnections(http: Server, underWay: UnderWay): () => Promise<void> {
  const open = new Set<ServerResponse>();
  let isEnding = false;
  http.prependListener("request", (_, response) => {
    open.add(response);
    underWay.enter();
    if (isEnding) closeAfter(response);
    response.on("close", () => {
      open.delete(response);
      underWay.leave();
    });
  });
  http.on("timeout", (socket) => {
    if (![...open].some((response) => response.socket === socket && isOurTurn(response)))
      socket.destroy();
  });
  return async () => {
    isEnding = true;
    http.close();
    open.forEach(closeAfter);
    await underWay.untilNothing();
    http.closeAllConnections();
  };
}

/** All of the request is here, and none of the answer is sent. */
function isOurTurn(response: ServerResponse): boolean {
  return response.req.complete && !response.headersSent;
}

function closeAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false;
}

/** One handler for everything: what is not in the table of routes is guarded and refused like what is. */
function answerAll(app: FastifyInstance, service: Service, underWay: UnderWay): void {
  const { guard, log } = service;
  const find = indexRoutes(service.routes);
  app.removeAllContentTypeParsers();
  // Each route reads its body itself.
  app.addContentTypeParser("*", (_, __, done) => done(null));
  app.setErrorHandler((cause, __, reply) =>
    send(reply, isMalformed(cause) ? malformed() : explain(cause, log)),
  );
  const handle = async ({ raw }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (raw.method === "OPTIONS") return send(reply, guard.preflight(raw));
    const { path, query } = splitAddress(raw.url ?? "");
    const found = find(raw.method ?? "", path);
    const access = "route" in found ? found.route.access : "guarded";
    const refusal = guard.refusal(access, raw);
    if (refusal !== undefined) return send(reply, refusal);
    if (!("route" in found)) return send(reply, notFound(found.allowed));
    underWay.enter();
    const { params, route } = found;
    const asked = { verb: route.verb, params, query, headers: raw.headers, body: raw };
    const answered = await answerSafely(route, asked, log);
    underWay.leave();
    tellIfCut(answered, reply, log);
    return send(reply, answered, guard.headers(raw));
  };
  app.all("*", handle);
  // For verbs that fastify does not know.
  app.setNotFoundHandler(handle);
}

function splitAddress(address: string): { readonly path: string; readonly query: string } {
  const at = address.indexOf("?");
  if (at < 0) return { path: address, query: "" };
  return { path: address.slice(0, at), query: address.slice(at + 1) };
}

function notFound(allowed: readonly string[]): Reply {
  if (allowed.length === 0)
    return refuse("ENDPOINT_NOT_FOUND", "nothing is served at this address");
  const { headers, ...reply } = refuse("ENDPOINT_NOT_FOUND", "not with this verb", 405);
  return { ...reply, headers: { ...headers, allow: allowed.join(", ") } };
}

function malformed(): Reply {
  return refuse("INVALID_PARAMETER_VALUE", "the request is malformed");
}

async function answerSafely(route: Route, asked: Asked, log: Service["log"]): Promise<Reply> {
  try {
    return await route.answer(asked);
  } catch (cause) {
    return explain(cause, log);
  }
}

/** What fastify refuses by itself, and addresses that cannot be decoded. */
function isMalformed(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return cause instanceof URIError || ("code" in cause && String(cause.code).startsWith("FST_"));
}

function explain(cause: unknown, log: Service["log"]): Reply {
  const { reply, isOurs } = refuseFailure(cause);
  if (isOurs && !isGone(cause)) log(cause);
  return reply;
}

/** A file that cannot be read to its end when the client has its headers already. */
function tellIfCut({ body }: Reply, reply: FastifyReply, log: Service["log"]): void {
  if (typeof body === "string") return;
  body.once("error", (cause: unknown) => {
    if (reply.raw.headersSent && !isGone(cause)) log(cause);
  });
}

/** The client has left in the middle of its request: Node's word for it. */
function isGone(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ECONNRESET";
}

const always = { "x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN" };

function send(
  reply: FastifyReply,
  { status, headers, body }: Reply,
  more: Readonly<Record<string, string>> = {},
): FastifyReply {
  // Who is answered before all of the body was read, is not listened to any longer.
  if (!reply.request.raw.complete) closeAfter(reply.raw);
  // Fastify adds a charset to the type of text; MLflow does not.
  const bytes = body === "" ? undefined : typeof body === "string" ? Buffer.from(body) : body;
  return reply
    .code(status)
    .headers({ ...always, ...headers, ...more })
    .send(bytes);
}
