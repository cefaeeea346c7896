/** `mlpipe server`: an MLflow-compatible tracking server over an embedded store, until a signal ends it. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openTracking, type OpenOptions } from "../../tracking/open.ts";
import { openServer } from "../../tracking/server/open-server.ts";
import { readTrackingUri } from "../../tracking/tracking-uri.ts";
import { TrackingError } from "../../tracking/tracking.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { abortOnSignals } from "../signals.ts";
import { complain, write } from "../terminal.ts";
import { readTokens } from "../token-file.ts";

export interface ServerCommand {
  readonly host?: string;
  readonly port?: string;
  readonly backendStoreUri?: string;
  readonly defaultArtifactRoot?: string;
  readonly artifactsDestination?: string;
  readonly serveArtifacts?: boolean;
  readonly allowedHosts?: string;
  readonly corsAllowedOrigins?: string;
  readonly tokenFile?: string;
}

/** Options that are not given are taken from MLflow's variables, then have MLflow's values. */
export async function serve(options: ServerCommand, env = process.env): Promise<number> {
  const port = readPort(options.port ?? env.MLFLOW_PORT ?? "5000");
  const host = options.host ?? env.MLFLOW_HOST ?? "127.0.0.1";
  const tokens = options.tokenFile === undefined ? [] : readTokens(options.tokenFile);
  const tracking = await openTracking(readStoreUri(options, env), {
    artifacts: readPlaces(options, env),
  });
  try {
    const signal = abortOnSignals();
    const server = await openServer({
      tracking,
      host,
      port,
      tokens,
      allowedHosts: readList(options.allowedHosts ?? env.MLFLOW_SERVER_ALLOWED_HOSTS),
      allowedOrigins: readList(
        options.corsAllowedOrigins ?? env.MLFLOW_SERVER_CORS_ALLOWED_ORIGINS,
      ),
      log: explain,
    });
    write(`mlpipe server at ${server.url}\n`);
    await untilAborted(signal);
    await server.close();
  } finally {
    await tracking.close();
  }
  return exitCodes.done;
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CommandFailed(
    `--port ${text}: expected a whole number from 0 to 65535`,
    "0 takes a free port",
  );
}

function readStoreUri(options: ServerCommand, env: NodeJS.ProcessEnv): string | undefined {
  const uri = options.backendStoreUri ?? env.MLFLOW_BACKEND_STORE_URI;
  if (readTrackingUri(uri, process.cwd()).kind === "store") return uri;
  throw new CommandFailed(
    "a server keeps its runs itself, in a file: --backend-store-uri names another server",
    "write sqlite:///mlflow.db, or leave it out",
  );
}

/** Clients may name any location; the server itself touches only the folders that its operator has named. */
function readPlaces(
  options: ServerCommand,
  env: NodeJS.ProcessEnv,
): NonNullable<OpenOptions["artifacts"]> {
  const served = options.serveArtifacts ?? env.MLFLOW_SERVE_ARTIFACTS !== "false";
  const given = options.defaultArtifactRoot ?? env.MLFLOW_DEFAULT_ARTIFACT_ROOT;
  const root = given ?? (served ? "mlflow-artifacts:" : undefined);
  const destination = path.resolve(
    options.artifactsDestination ?? env.MLFLOW_ARTIFACTS_DESTINATION ?? "mlartifacts",
  );
  const local = root === undefined ? undefined : readFolder(root);
  const within = [destination, path.resolve("mlruns"), ...(local === undefined ? [] : [local])];
  return { destination, within, ...(root !== undefined && { root: local ?? root }) };
}

/** Undefined for an address of another kind. */
function readFolder(location: string): string | undefined {
  if (/^file:/i.test(location)) return fileURLToPath(location);
  return /^[a-z][a-z0-9+.-]+:/i.test(location) ? undefined : path.resolve(location);
}

function readList(text = ""): readonly string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

function explain(cause: unknown): void {
  if (cause instanceof TrackingError) complain(cause.message, cause.fix);
  else
    complain(
      `internal error, please report: ${cause instanceof Error ? cause.stack : String(cause)}`,
    );
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
