/** The one place that knows undici: a pool of connections to one server, one exchange at a time. */
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { explainBreakdown } from "./client-breakdown.ts";
import type { Answer } from "./client-failure.ts";
import type { Settings, TlsSettings } from "./client-settings.ts";
import type { Attempt, Budget, Patience, Surroundings } from "./retry.ts";
import { TrackingError } from "./tracking.ts";

export interface Connection {
  readonly settings: Settings;
  readonly agent: Dispatcher;
  readonly access: Access;
  /** `made` once the server has answered anything at all. */
  readonly contact: { made: boolean };
}
type Headers = Readonly<Record<string, string>>;
/** How the server is told who is asking. */
export interface Access {
  readonly identify: (budget: Budget) => Promise<Attempt<Headers>>;
  /** What was sent is refused with 401; true: `identify` may have something better now. */
  readonly renew: (refused: Headers) => boolean;
}
/** What a call needs besides what it asks. */
export interface Client {
  readonly connection: Connection;
  readonly surroundings: Surroundings;
  readonly patience: Patience;
}
export interface Outgoing {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute; on the connection's server unless an artifact lies elsewhere. */
  readonly url: string;
  readonly headers?: Headers;
  readonly body?: string | Readable | undefined;
}
/** An answer whose body is still to come. */
export interface Incoming {
  readonly status: number;
  readonly headers: Answer["headers"];
  readonly body: Readable & { readonly text: () => Promise<string> };
}

interface Certificates {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}
interface AgentOptions {
  readonly allowH2: boolean;
  readonly connections: number;
  readonly connect: Certificates & { readonly timeout: number };
}

const connectMs = 5_000;

/** Rejects with TrackingError FILE_FAILED if a certificate's file cannot be read. */
export async function openConnection(
  settings: Settings,
  access: Access = alwaysAs(settings.identity),
): Promise<Connection> {
  const connect = {
    timeout: Math.min(connectMs, settings.answerMs),
    ...(await readCertificates(settings.tls)),
  };
  const agent = startAgent({ allowH2: false, connections: 16, connect }, settings.proxy);
  return { settings, agent, access, contact: { made: false } };
}

function alwaysAs(identity: Headers): Access {
  return { identify: async () => ({ kind: "done", value: identity }), renew: () => false };
}

/** Without a proxy's address, undici would look for one in this process's environment. */
function startAgent(options: AgentOptions, proxy: Settings["proxy"]): Dispatcher {
  if (proxy === undefined) return new Agent(options);
  const { http: httpProxy, https: httpsProxy, except: noProxy } = proxy;
  const requestTls = options.connect;
  return new EnvHttpProxyAgent({ ...options, requestTls, httpProxy, httpsProxy, noProxy });
}

async function readCertificates(tls: TlsSettings): Promise<Certificates> {
  const server = await readPem(tls.serverCertificate, "MLFLOW_TRACKING_SERVER_CERT_PATH");
  const client = await readPem(tls.clientCertificate, "MLFLOW_TRACKING_CLIENT_CERT_PATH");
  return {
    rejectUnauthorized: !tls.insecure,
    ...(server !== undefined && { ca: server }),
    ...(client !== undefined && { cert: client, key: client }),
  };
}

async function readPem(path: string | undefined, variable: string): Promise<string | undefined> {
  try {
    return path === undefined ? undefined : await readFile(path, "utf8");
  } catch (cause) {
    const message = `The file that ${variable} names cannot be read: ${path}`;
    throw new TrackingError("FILE_FAILED", message, "Set it to a certificate in PEM form.", cause);
  }
}

/** One exchange whose answer is small; headers and body together may take what the settings and the budget allow. */
export async function exchange(
  connection: Connection,
  outgoing: Outgoing,
  budget: Budget,
): Promise<Attempt<Answer>> {
  const identity = await identify(connection, outgoing, budget);
  if (identity.kind === "failed") return identity;
  const answered = await exchangeAs(connection, outgoing, identity.value, budget);
  const refused = answered.kind === "done" && answered.value.status === 401;
  if (!refused || !connection.access.renew(identity.value)) return answered;
  const renewed = await identify(connection, outgoing, budget);
  if (renewed.kind === "failed") return renewed;
  return exchangeAs(connection, outgoing, renewed.value, budget);
}

async function exchangeAs(
  connection: Connection,
  outgoing: Outgoing,
  identity: Headers,
  budget: Budget,
): Promise<Attempt<Answer>> {
  const limit = timeLimit(connection, budget);
  const signal = AbortSignal.timeout(limit);
  const opened = await send(connection, outgoing, identity, limit, { signal });
  if (opened.kind === "failed") return opened;
  const { status, headers, body } = opened.value;
  try {
    return { kind: "done", value: { status, headers, text: await body.text() } };
  } catch (cause) {
    const { settings } = connection;
    const place = { url: outgoing.url, settings };
    return { kind: "failed", failure: explainBreakdown(cause, "answering", limit, place) };
  }
}

/** Sends a request whose body, or whose answer's body, is a stream; only standing still is limited in time. */
export async function openTransfer(
  connection: Connection,
  outgoing: Outgoing,
  budget: Budget,
): Promise<Attempt<Incoming>> {
  const limit = timeLimit(connection, budget);
  const identity = await identify(connection, outgoing, budget);
  if (identity.kind === "failed") return identity;
  const limits = { headersTimeout: limit, bodyTimeout: limit };
  return send(connection, outgoing, identity.value, limit, limits);
}

/** Only the user's own server learns who the user is: where artifacts lie is for others to say too. */
async function identify(
  { settings, access }: Connection,
  { url }: Outgoing,
  budget: Budget,
): Promise<Attempt<Headers>> {
  const trusted = new URL(url).host === new URL(settings.origin).host;
  return trusted ? access.identify(budget) : { kind: "done", value: {} };
}

function timeLimit({ settings }: Connection, budget: Budget): number {
  return Math.max(1, Math.ceil(Math.min(settings.answerMs, budget.leftMs())));
}

async function send(
  { settings, agent, contact }: Connection,
  outgoing: Outgoing,
  identity: Headers,
  limit: number,
  limits: { signal?: AbortSignal; headersTimeout?: number; bodyTimeout?: number },
): Promise<Attempt<Incoming>> {
  try {
    const { statusCode, headers, body } = await request(outgoing.url, {
      method: outgoing.method,
      headers: { ...identity, ...outgoing.headers },
      body: outgoing.body ?? null,
      dispatcher: agent,
      ...limits,
    });
    contact.made = true;
    return { kind: "done", value: { status: statusCode, headers, body } };
  } catch (cause) {
    const place = { url: outgoing.url, settings };
    return { kind: "failed", failure: explainBreakdown(cause, "waiting", limit, place) };
  }
}

/** Ends what is under way. */
export async function closeConnection({ agent }: Connection): Promise<void> {
  await agent.destroy();
}
