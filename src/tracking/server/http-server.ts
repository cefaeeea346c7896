/** The one place that knows fastify: a table of routes behind a guard becomes an HTTP server. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Guard } from "./guard.ts";
import { refuse, refuseFailure } from "./refusal.ts";
import type { Asked, Reply, Route } from "./route.ts";

/** Milliseconds. */
const times = {
  /** Within which all headers of a request have to be here. */
  headers: 20_000,
  /** After which a connection on which nothing moves is ended. */
  stillness: 120_000,
  betweenRequests: 75_000,
} as const;

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
  /** For the operator: what went wrong inside. */
  readonly log: (cause: unknown) => void;
}

export function createHttpServer(service: Service): HttpServer {
  const http = createServer({ requestTimeout: 0, headersTimeout: times.headers });
  http.timeout = times.stillness;
  http.keepAliveTimeout = times.betweenRequests;
  const app = Fastify({
    serverFactory: (handler) => http.on("request", handler),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 8192, querystringParser: (text) => ({ text }) },
    frameworkErrors: (_, __, reply) =>
      void send(reply, refuse("INVALID_PARAMETER_VALUE", "the address is malformed")),
  });
  addRoutes(app, service);
  const end = endGently(http);
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
function endGently(http: Server): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
  const { promise, resolve } = Promise.withResolvers<void>();
  let isEnding = false;
  const lastWords = (response: ServerResponse): void => void (response.shouldKeepAlive = false);
  http.prependListener("request", (_, response) => {
    underWay.add(response);
    if (isEnding) lastWords(response);
    response.on("close", () => {
      underWay.delete(response);
      if (isEnding && underWay.size === 0) resolve();
    });
  });
  return async () => {
    isEnding = true;
    http.close();
    underWay.forEach(lastWords);
    if (underWay.size > 0) await promise;
    http.closeAllConnections();
  };
}

function addRoutes(app: FastifyInstance, { routes, guard, log }: Service): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_, __, done) => done(null));
  app.setErrorHandler((_, __, reply) =>
    send(reply, refuse("BAD_REQUEST", "the request is malformed")),
  );
  app.setNotFoundHandler((request, reply) =>
    send(
      reply,
      guard("guarded", request.raw) ??
        refuse("ENDPOINT_NOT_FOUND", "nothing is served at this address"),
    ),
  );
  for (const { verb, path, access, answer } of routes)
    app.route({
      method: verb,
      url: path,
      handler: async (request, reply) => {
        const refusal = guard(access, request.raw);
        return send(reply, refusal ?? (await answerSafely(answer, request, log)));
      },
    });
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
    params: params as Asked["params"],
    query: (query as { readonly text: string }).text,
    headers: raw.headers,
    body: raw satisfies Readable,
  };
}

function send(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return reply
    .code(status)
    .headers({ "x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN", ...headers })
    .send(body);
}
