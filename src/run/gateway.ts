/** A tracking server for the code of one step, on this machine only: what speaks MLflow there logs to the run by itself. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Tracking } from "../tracking/tracking.ts";

export interface Gateway {
  /** What clients of MLflow read to find it and to be let in. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

export interface GatewayOptions {
  readonly tracking: Tracking;
  readonly runId: string;
  readonly experimentId: string;
  /** Folder for what the gateway needs on disk; made if it is not there. */
  readonly folder: string;
}

/** Listens at once; the server itself is loaded with the first connection, since most steps never call. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const token = randomBytes(32).toString("base64url");
  const sockets = new Set<Socket>();
  let loading: Promise<LoadedServer> | undefined;
  const door = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const loaded = (loading ??= loadServer(options, token));
    loaded.then(
      ({ accept }) => accept(socket),
      (error: unknown) => socket.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  const { port } = door.address() as AddressInfo;
  return {
    env: environment(options, port, token),
    async close() {
      door.close();
      for (const socket of sockets) socket.destroy();
      await (await loading)?.close();
    },
  };
}

interface LoadedServer {
  readonly accept: (socket: Socket) => void;
  readonly close: () => Promise<void>;
}

async function loadServer({ tracking }: GatewayOptions, token: string): Promise<LoadedServer> {
  const { createServer: createTrackingServer } = await import("../tracking/server/open-server.ts");
  const server = createTrackingServer({ tracking, tokens: [token] });
  await server.ready();
  return {
    accept(socket) {
      server.http.emit("connection", socket);
      socket.resume();
    },
    close: server.close,
  };
}

/** {mlflow} asks for Python's command line for artifacts; ours answers, and no Python is looked for. */
function environment(
  { runId, experimentId, folder }: GatewayOptions,
  port: number,
  token: string,
): Readonly<Record<string, string>> {
  const program = writeProgram(folder);
  return {
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
    MLFLOW_TRACKING_TOKEN: token,
    // Who signs in elsewhere by a name must not try it here.
    MLFLOW_TRACKING_USERNAME: "",
    MLFLOW_TRACKING_PASSWORD: "",
    MLFLOW_RUN_ID: runId,
    MLFLOW_EXPERIMENT_ID: experimentId,
    MLFLOW_BIN: program,
    MLFLOW_PYTHON_BIN: program,
    // The run that this process belongs to already, so that a runner inside it does not take it for its own.
    MLPIPE_STEP_RUN: runId,
  };
}

const ending = path.extname(fileURLToPath(import.meta.url));
const mlflowBin = fileURLToPath(new URL(`../cli/mlflow-bin${ending}`, import.meta.url));

/** The stand-in for the command `mlflow` as one program, whichever Node is first on PATH. */
function writeProgram(folder: string): string {
  const bin = path.join(folder, "bin");
  const program = path.join(bin, "mlflow");
  mkdirSync(bin, { recursive: true, mode: 0o700 });
  const words = [process.execPath, mlflowBin].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  writeFileSync(program, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  chmodSync(program, 0o700);
  return program;
}
