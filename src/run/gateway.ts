/** A tracking server for the code of one step, on this machine only: what speaks MLflow there logs to the run by itself. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Tracking } from "../tracking/tracking.ts";
import { writeMlflowProgram } from "./mlflow-program.ts";

export interface Gateway {
  /** What clients of MLflow read to find it and to be let in; undefined: taken away from what the code inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether anybody has asked for anything. */
  readonly wasUsed: () => boolean;
  /** Ends all connections, and resolves when no call is under way any longer. Never rejects. */
  readonly close: () => Promise<void>;
}

export interface GatewayOptions {
  readonly tracking: Tracking;
  /** Lets the code in, and nobody else. */
  readonly token: string;
  readonly runId: string;
  readonly experimentId: string;
  /** `.mlpipe` of the project: the program that stands in for `mlflow` is written there. */
  readonly home: string;
  /** What the code inherits. */
  readonly inherited: NodeJS.ProcessEnv;
  /** Why a call has failed where the code is only told that it has. Must not throw. */
  readonly log: (cause: unknown) => void;
}

/** Listens at once; the server itself is loaded with the first connection, since most steps never call. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const program = writeMlflowProgram(options.home);
  const sockets = new Set<Socket>();
  let loading: Promise<LoadedServer | undefined> | undefined;
  const door = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A client that goes away has its own reasons.
    socket.on("error", () => {});
    loading ??= loadServer(options);
    void loading.then((server) => (server ? server.accept(socket) : socket.destroy()));
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  door.on("error", options.log);
  const { port } = door.address() as AddressInfo;
  return {
    env: environment(options, `http://127.0.0.1:${port}`, program),
    wasUsed: () => loading !== undefined,
    async close() {
      door.close();
      for (const socket of sockets) socket.destroy();
      const server = await loading;
      await server?.close().catch(options.log);
    },
  };
}

interface LoadedServer {
  readonly accept: (socket: Socket) => void;
  readonly close: () => Promise<void>;
}

/** Milliseconds. Who trains for an hour between two calls, or waits for a large file to reach a slow tracker, is not sent away. */
const times = { headers: 60_000, body: 60_000, stillness: 0, betweenRequests: 3_600_000 };

/** Undefined where that is impossible, which is logged. */
async function loadServer({
  tracking,
  token,
  log,
}: GatewayOptions): Promise<LoadedServer | undefined> {
  try {
    const module = await import("../tracking/server/open-server.ts");
    const server = module.createServer({ tracking, tokens: [token], times, log });
    await server.ready();
    return {
      accept(socket) {
        if (socket.destroyed) return;
        server.http.emit("connection", socket);
        socket.resume();
      },
      close: server.close,
    };
  } catch (error) {
    log(error);
    return undefined;
  }
}

/** {mlflow} asks for Python's command line for artifacts; `program` answers, and no Python is looked for. */
function environment(
  { runId, experimentId, token, inherited }: GatewayOptions,
  uri: string,
  program: string,
): Readonly<Record<string, string | undefined>> {
  return {
    ...forgotten,
    ...withoutProxy(inherited),
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_TRACKING_TOKEN: token,
    // An answer takes as long as the tracker behind the gateway; how long that may be is the runner's to decide.
    MLFLOW_HTTP_REQUEST_TIMEOUT: patience,
    MLPIPE_TRACKING_TIMEOUT: patience,
    MLFLOW_RUN_ID: runId,
    MLFLOW_EXPERIMENT_ID: experimentId,
    MLFLOW_BIN: program,
    MLFLOW_PYTHON_BIN: program,
    // The run that this process belongs to already, so that a runner inside it does not take it for its own.
    MLPIPE_STEP_RUN: runId,
  };
}

/** Seconds. */
const patience = "3600";

/** How to reach another tracker, and who one is there. Python takes an empty value for a wrong one. */
const forgotten = Object.fromEntries(
  [
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_INSECURE_TLS",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH",
    "MLFLOW_EXPERIMENT_NAME",
    "MLPIPE_R_ENVIRONMENT",
  ].map((name) => [name, undefined]),
);

/** Clients that ask all of the world through a proxy would hand it the token, and never get here. */
function withoutProxy(inherited: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
  if (!proxies.some((name) => inherited[name])) return {};
  const except = inherited["no_proxy"] || inherited["NO_PROXY"];
  const hosts = except ? `${except},127.0.0.1` : "127.0.0.1";
  return { no_proxy: hosts, NO_PROXY: hosts };
}
