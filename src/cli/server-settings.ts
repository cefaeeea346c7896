/** What the flags of `mlpipe server`, and MLflow's variables, say of a server. */
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OpenOptions } from "../tracking/open.ts";
import { refuseOpenDoor } from "../tracking/server/hosts.ts";
import { readTrackingUri } from "../tracking/tracking-uri.ts";
import { TrackingError } from "../tracking/tracking.ts";
import { CommandFailed } from "./exit.ts";
import { readTokens } from "./token-file.ts";

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
  readonly artifactSizeLimit?: string;
}

interface ServerSettings {
  /** Undefined: the default. */
  readonly storeUri: string | undefined;
  readonly artifacts: NonNullable<OpenOptions["artifacts"]>;
  readonly port: number;
  readonly host: string;
  readonly tokens: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly serveArtifacts: boolean;
  /** Bytes; absent: the server's own. */
  readonly uploadLimit?: number;
}

/** Throws CommandFailed for what cannot be meant. */
export function readServerSettings(options: ServerCommand, env: NodeJS.ProcessEnv): ServerSettings {
  return {
    ...readPlace(options, env),
    ...readRules(options, env),
    storeUri: readStoreUri(options, env),
    artifacts: readFolders(options, env),
  };
}

/** What keeps a server from starting is for whoever typed the command. */
export function rewordFailure(cause: unknown): never {
  throw cause instanceof TrackingError ? new CommandFailed(cause.message, cause.fix) : cause;
}

function mistakes<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    return rewordFailure(cause);
  }
}

function readPlace(
  options: ServerCommand,
  env: NodeJS.ProcessEnv,
): Pick<ServerSettings, "port" | "host" | "tokens"> {
  const port = readPort(options.port ?? (env.MLFLOW_PORT || "5000"));
  const host = options.host ?? (env.MLFLOW_HOST || "127.0.0.1");
  const tokens = options.tokenFile === undefined ? [] : readTokens(options.tokenFile);
  mistakes(() => refuseOpenDoor(host, tokens));
  return { port, host, tokens };
}

function readRules(
  options: ServerCommand,
  env: NodeJS.ProcessEnv,
): Pick<ServerSettings, "allowedHosts" | "allowedOrigins" | "serveArtifacts" | "uploadLimit"> {
  const limit = options.artifactSizeLimit;
  return {
    allowedHosts: readList(options.allowedHosts ?? env.MLFLOW_SERVER_ALLOWED_HOSTS),
    allowedOrigins: readList(options.corsAllowedOrigins ?? env.MLFLOW_SERVER_CORS_ALLOWED_ORIGINS),
    serveArtifacts: servesArtifacts(options, env),
    ...(limit !== undefined && { uploadLimit: readSize(limit) }),
  };
}

function servesArtifacts(options: ServerCommand, env: NodeJS.ProcessEnv): boolean {
  return (
    options.serveArtifacts ?? !/^(false|f|no|n|off|0)$/i.test(env.MLFLOW_SERVE_ARTIFACTS ?? "")
  );
}

/** `10G`: K, M, G and T are 1024 to the powers of one to four. */
function readSize(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,12})([KMGT]?)$/i.exec(text) ?? [];
  if (digits !== undefined)
    return Number(digits) * 1024 ** ["", "K", "M", "G", "T"].indexOf(unit.toUpperCase());
  throw new CommandFailed(
    `--artifact-size-limit ${text}: expected a number of bytes`,
    "for example 500M or 20G",
  );
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
  if (mistakes(() => readTrackingUri(uri, process.cwd())).kind === "store") return uri;
  throw new CommandFailed(
    "a server keeps its runs itself, in a file: --backend-store-uri names another server",
    "write sqlite:///mlflow.db, or leave it out",
  );
}

/** Clients may name any location; the server itself touches only the folders that its operator has named. */
function readFolders(options: ServerCommand, env: NodeJS.ProcessEnv): ServerSettings["artifacts"] {
  const given = options.defaultArtifactRoot ?? env.MLFLOW_DEFAULT_ARTIFACT_ROOT;
  const root = given ?? (servesArtifacts(options, env) ? "mlflow-artifacts:" : undefined);
  const named = options.artifactsDestination ?? env.MLFLOW_ARTIFACTS_DESTINATION ?? "mlartifacts";
  const destination = readFolder(named);
  if (destination === undefined)
    throw new CommandFailed(
      `--artifacts-destination ${named}: the server keeps artifacts in a folder of this machine`,
      "name a folder; or name the address as --default-artifact-root, for clients that reach it themselves",
    );
  const local = root === undefined ? undefined : readFolder(root);
  const within = [destination, path.resolve("mlruns"), ...(local === undefined ? [] : [local])];
  return { destination, within, ...(root !== undefined && { root: locationOf(root, local) }) };
}

/** Undefined for an address of another kind. */
function readFolder(location: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(location)) return path.resolve(location);
  if (!/^file:/i.test(location)) return undefined;
  try {
    return fileURLToPath(location);
  } catch {
    throw new CommandFailed(`${location} is no file of this machine`, "write file:///folder");
  }
}

/** MLflow takes a plain path for percent-encoded. */
function locationOf(root: string, local: string | undefined): string {
  if (local === undefined) return root;
  return process.platform === "win32" ? pathToFileURL(local).href : local.replaceAll("%", "%25");
}

function readList(text = ""): readonly string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}
