/** The one place that knows fastify: a table of routes behind a guard becomes an HTTP server. */
import { createServer, type Server, type ServerResponse } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Guard } from "./guard.ts";
import { refuse, refuseFailure } from "./refusal.ts";
import type { Asked, Reply, Route } from "./route.ts";
import { UnderWay } from "./under-way.ts";

/** Milliseconds. */
export interface Times {
  /** Within which all headers of a request have to be here. */
  readonly headers: number;
  /** Within which a JSON body has to be here; an uploaded file may take its time. */
  readonly body: number;
  /** After which a connection on which nothing moves is ended. */
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
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 8192, querystringParser: (text) => ({ text }) },
    frameworkErrors: (_, __, reply) =>
      void send(reply, refuse("INVALID_PARAMETER_VALUE", "the address is malformed")),
  });
  const underWay = new UnderWay();
  const end = endGently(http, underWay);
  addRoutes(app, service, underWay);
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

/** Answers what is under way, and says with each answer that the connection ends. */
function endGently(http: Server, underWay: UnderWay): () => Promise<void> {
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
  return async () => {
    isEnding = true;
    http.close();
    open.forEach(closeAfter);
    await underWay.untilNothing();
    http.closeAllConnections();
  };
}

function closeAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false;
}

function addRoutes(app: FastifyInstance, service: Service, underWay: UnderWay): void {
  const { routes, guard, log } = service;
  app.removeAllContentTypeParsers();
  // Each route reads its body itself.
  app.addContentTypeParser("*", (_, __, done) => done(null));
  app.setErrorHandler((_, __, reply) =>
    send(reply, refuse("BAD_REQUEST", "the request is malformed")),
  );
  const guarded =
    (access: Route["access"], answer: Route["answer"]) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const refusal = guard.refusal(access, request.raw);
      if (refusal !== undefined) return send(reply, refusal);
      underWay.enter();
      const answered = await answerSafely(answer, request, log);
      underWay.leave();
      return send(reply, answered, guard.headers(request.raw));
    };
  app.setNotFoundHandler(guarded("guarded", nothingHere));
  app.options("*", (request, reply) => send(reply, guard.preflight(request.raw)));
  for (const { verb, path, access, answer } of routes)
    app.route({ method: verb, url: path, handler: guarded(access, answer) });
}

function nothingHere(): Reply {
  return refuse("ENDPOINT_NOT_FOUND", "nothing is served at this address");
}

async function answerSafely(
  answer: Route["answer"],
  request: FastifyRequest,
  log: Service["log"],
): Promise<Reply> {
  try {
    return await answer(askedBy(request));
  } catch (cause) {
    const { reply, isOurs } = refuseFailure(cause);
    if (isOurs) log(cause);
    return reply;
  }
}

function askedBy({ raw, params, query }: FastifyRequest): Asked {
  return {
    verb: raw.method ?? "",
    params: params as Asked["params"],
    query: (query as { readonly text: string }).text,
    headers: raw.headers,
    body: raw,
  };
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
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return reply
    .code(status)
    .headers({ ...always, ...headers, ...more })
    .send(bytes);
}
