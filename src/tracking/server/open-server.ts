/** An MLflow-compatible tracking server over any tracker. */
import { once } from "node:events";
import { isIP, type AddressInfo } from "node:net";
import { TrackingError, type Tracking } from "../tracking.ts";
import { withStreams } from "./whole-files.ts";
import { defaultUploadLimit } from "./artifact-replies.ts";
import { callRoutes } from "./calls.ts";
import { createGuard, type GuardOptions } from "./guard.ts";
import { refuseOpenDoor } from "./hosts.ts";
import { createHttpServer, type HttpServer, type Times } from "./http-server.ts";
import { ownedArtifactRoutes } from "./owned-artifacts.ts";
import { plainRoutes } from "./plain-routes.ts";
import { proxyRoutes } from "./proxy-routes.ts";
import type { Route } from "./route.ts";

export interface ServerOptions {
  readonly tracking: Tracking;
  /** An address or `localhost`; absent: 127.0.0.1. Anything but loopback needs a token. */
  readonly host?: string;
  /** Whoever asks has to show one of them, as Bearer or as the password of Basic; absent or none: nobody has to. */
  readonly tokens?: readonly string[];
  /** Names, besides those of loopback and `host`, under which the server may be asked for. */
  readonly allowedHosts?: readonly string[];
  /** Origins whose pages may write here. */
  readonly allowedOrigins?: readonly string[];
  /** What went wrong inside; absent: nobody is told. */
  readonly log?: (cause: unknown) => void;
  /** Whether artifacts of `mlflow-artifacts:` pass through the server; absent: yes. */
  readonly serveArtifacts?: boolean;
  /** Bytes that one uploaded file may have; absent: 100 GiB. */
  readonly uploadLimit?: number;
  /** For how long clients may keep the server waiting; absent: as long as slow networks need. */
  readonly times?: Times;
}

const patientTimes: Times = {
  headers: 20_000,
  body: 60_000,
  stillness: 120_000,
  betweenRequests: 75_000,
};

export interface OpenServer {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, and resolves when the requests under way are answered. The tracker stays open. */
  close(): Promise<void>;
}

/** Listens at `port` (0: a free one). Rejects with TrackingError when it cannot, or must not. */
export async function openServer(
  options: ServerOptions & { readonly port: number },
): Promise<OpenServer> {
  const { host = "127.0.0.1", port } = options;
  const server = createServer(options);
  await server.ready();
  await listen(server, host, port);
  const address = server.http.address() as AddressInfo;
  const shown = isIP(host) === 6 ? `[${host}]` : host;
  return { url: `http://${shown}:${address.port}`, port: address.port, close: server.close };
}

/** A server that does not listen: whoever has connections hands them over, by `http.emit("connection", socket)`, once it is ready. */
export function createServer(options: ServerOptions): HttpServer {
  const { host = "127.0.0.1", times = patientTimes, log = () => {} } = options;
  refuseOpenDoor(host, options.tokens);
  return createHttpServer({
    routes: serverRoutes(options),
    guard: createGuard(guardOptions(host, options)),
    times,
    log,
  });
}

/** All that the server answers. */
export function serverRoutes({
  tracking: behind,
  serveArtifacts = true,
  uploadLimit = defaultUploadLimit,
  times = patientTimes,
  log = () => {},
}: ServerOptions): readonly Route[] {
  const { tracking, artifacts } = withStreams(behind);
  return [
    ...plainRoutes,
    ...callRoutes(tracking, { patience: times.body, log }),
    ...ownedArtifactRoutes(tracking, artifacts, uploadLimit),
    ...(serveArtifacts ? proxyRoutes(artifacts, uploadLimit) : []),
  ];
}

function guardOptions(host: string, options: ServerOptions): GuardOptions {
  const { tokens = [], allowedHosts = [], allowedOrigins = [] } = options;
  return { hosts: { bound: host, named: allowedHosts }, origins: allowedOrigins, tokens };
}

async function listen({ http }: HttpServer, host: string, port: number): Promise<void> {
  try {
    http.listen(port, host);
    await once(http, "listening");
  } catch (cause) {
    throw explainListen(cause, host, port);
  }
}

function explainListen(cause: unknown, host: string, port: number): TrackingError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return new TrackingError(
        "INVALID_PARAMETER_VALUE",
        `port ${port} of ${host} is taken by another program`,
        "name another port: --port 5001, or --port 0 for a free one",
        cause,
      );
    case "EACCES":
      return new TrackingError(
        "INVALID_PARAMETER_VALUE",
        `port ${port} is kept for the system`,
        "name a port from 1024 on",
        cause,
      );
    default:
      return new TrackingError(
        "INVALID_PARAMETER_VALUE",
        `nobody can listen at ${host}: ${String(code)}`,
        "name an address of this machine as --host, or 127.0.0.1",
        cause,
      );
  }
}
