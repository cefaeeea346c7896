/** Where a server is and how to speak to it, read from its URI and from the variables that MLflow's own clients know. */
import { mlflowAdvice, type Advice } from "./client-advice.ts";
import { TrackingError } from "./tracking.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  /** Scheme, host, port. */
  readonly origin: string;
  /** Path prefix of the server: empty, or `/team/mlflow`. */
  readonly prefix: string;
  /** Origin and prefix: what the user wrote, without a password. */
  readonly uri: string;
  /** Headers that tell the server who is asking. */
  readonly identity: Readonly<Record<string, string>>;
  /** Texts that no message may contain. */
  readonly secrets: readonly string[];
  readonly advice: Advice;
  readonly tls: TlsSettings;
  readonly proxy: ProxySettings | undefined;
  /** Attempts after the first, and while nothing has ever come back from the server. */
  readonly retries: number;
  readonly retriesAtFirst: number;
  readonly totalMs: number;
  /** The longest wait for one answer, and for the next byte of a transfer. */
  readonly answerMs: number;
}
/** The proxy between this machine and others, as most programs find it. */
interface ProxySettings {
  readonly http: string;
  readonly https: string;
  /** Names with commas between them that are reached without it. */
  readonly except: string;
}
export interface TlsSettings {
  readonly insecure: boolean;
  /** Files in PEM form. */
  readonly serverCertificate: string | undefined;
  /** Certificate and key in one file. */
  readonly clientCertificate: string | undefined;
}

/** Throws TrackingError INVALID_PARAMETER_VALUE for an address or a variable that cannot be used. */
export function readSettings(uri: string, env: Environment): Settings {
  const address = readAddress(uri);
  const credentials = readCredentials(address, env);
  const authorization = authorizationOf(credentials);
  const prefix = address.pathname.replace(/\/+$/, "");
  return {
    origin: address.origin,
    prefix,
    uri: address.origin + prefix,
    identity: authorization === undefined ? {} : { authorization },
    secrets: secretsOf(credentials),
    advice: mlflowAdvice,
    tls: readTls(env),
    proxy: readProxy(env),
    ...readTimes(env),
  };
}

function readAddress(uri: string): URL {
  const address = URL.canParse(uri) ? new URL(uri) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) throw invalidAddress();
  if (address.search !== "" || address.hash !== "") throw invalidAddress();
  return address;
}

/** The address itself is not repeated: it may hold a password that cannot be told from the rest. */
function invalidAddress(): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    "The address of the MLflow server is none",
    "Write it as http://HOST:PORT or https://HOST/PREFIX, without ? and #, in MLFLOW_TRACKING_URI.",
  );
}

interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
}

/** As in MLflow: what the URI says goes before name and password, and these go before the token. */
function readCredentials(address: URL, env: Environment): Credentials {
  if (address.username !== "" || address.password !== "")
    return {
      username: decodePart(address.username),
      password: decodePart(address.password),
      token: undefined,
    };
  return {
    username: presentText(env["MLFLOW_TRACKING_USERNAME"]),
    password: presentText(env["MLFLOW_TRACKING_PASSWORD"]),
    token: presentText(env["MLFLOW_TRACKING_TOKEN"]),
  };
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function authorizationOf({ username, password, token }: Credentials): string | undefined {
  if (username !== undefined && password !== undefined)
    return `Basic ${encodeBasic(username, password)}`;
  if (token === undefined) return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    "MLFLOW_TRACKING_TOKEN holds a space, a line break or another character that no token has",
    "Copy the token again, without quotes and without a line break at its end.",
  );
}

export function encodeBasic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, "utf8").toString("base64");
}

function secretsOf({ username, password, token }: Credentials): readonly string[] {
  const plain = [password ?? "", token ?? ""].filter((secret) => secret !== "");
  const encoded =
    username === undefined || password === undefined ? [] : [encodeBasic(username, password)];
  return [...encoded, ...plain.flatMap(spellings)];
}

/** How a secret may stand in a text. */
export function spellings(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret)];
}

function readTls(env: Environment): TlsSettings {
  const insecure = /^(true|1)$/i.test(env["MLFLOW_TRACKING_INSECURE_TLS"] ?? "");
  const serverCertificate = presentText(env["MLFLOW_TRACKING_SERVER_CERT_PATH"]);
  if (insecure && serverCertificate !== undefined)
    throw new TrackingError(
      "INVALID_PARAMETER_VALUE",
      "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are both set",
      "Unset MLFLOW_TRACKING_INSECURE_TLS: the certificate's file is enough.",
    );
  const clientCertificate = presentText(env["MLFLOW_TRACKING_CLIENT_CERT_PATH"]);
  return { insecure, serverCertificate, clientCertificate };
}

/** This machine itself is never asked for through a proxy. */
export function readProxy(env: Environment): ProxySettings | undefined {
  const read = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? "";
  const [http, https] = [read("http_proxy"), read("https_proxy")];
  if (http === "" && https === "") return undefined;
  return { http, https, except: `${read("no_proxy")},localhost,127.0.0.1,::1` };
}

const defaults = { answerSeconds: 30, totalSeconds: 45, retries: 5, retriesAtFirst: 2 } as const;

type Times = Pick<Settings, "retries" | "retriesAtFirst" | "totalMs" | "answerMs">;

/** All the time a call may take is never less than what one answer may, unless it is said. */
export function readTimes(env: Environment): Times {
  const answer = readNumber(env, "MLFLOW_HTTP_REQUEST_TIMEOUT") ?? defaults.answerSeconds;
  const total =
    readNumber(env, "MLPIPE_TRACKING_TIMEOUT") ?? Math.max(defaults.totalSeconds, answer);
  const retries = readNumber(env, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", { least: 0 });
  return {
    answerMs: answer * 1000,
    totalMs: total * 1000,
    retries: retries ?? defaults.retries,
    retriesAtFirst: retries ?? defaults.retriesAtFirst,
  };
}

/** A time of zero would end every call before it starts. */
export function readNumber(
  env: Environment,
  name: string,
  { least = Number.MIN_VALUE, below = 1e6 } = {},
): number | undefined {
  const text = presentText(env[name]);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number >= least && number < below) return number;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${name} is ${JSON.stringify(text.slice(0, 40))}, which is no usable number`,
    `Set it to a number such as 30, or unset it.`,
  );
}

function presentText(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
