/** The tracker that is any MLflow server behind an address: each call is sent, judged, and tried again where that is safe. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { splitBatch } from "./batch.ts";
import { downloadArtifact, uploadArtifact, type Locate } from "./client-artifacts.ts";
import { callEndpoint } from "./client-call.ts";
import { fail } from "./client-failure.ts";
import { closeConnection, openConnection, type Client, type Connection } from "./client-http.ts";
import { markRequest, recoveries, type Ask } from "./client-once.ts";
import { readSettings, type Environment } from "./client-settings.ts";
import {
  endpoints,
  type Endpoint,
  type EndpointName,
  type RequestOf,
  type ResponseOf,
} from "./endpoints.ts";
import { locateArtifacts } from "./proxy.ts";
import {
  retry,
  type Attempt,
  type Budget,
  type Failure,
  type Patience,
  type Surroundings,
} from "./retry.ts";
import type { Fields } from "./shape.ts";
import { TrackingError, type Tracking } from "./tracking.ts";

export const realSurroundings: Surroundings = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: async (milliseconds) => {
    await delay(milliseconds);
  },
  newId: () => randomUUID(),
};

/**
 * A tracker at an http or https address, without asking yet whether anybody is there.
 * From `env`: sign-in, TLS and times as MLflow's own clients read them; a proxy (HTTP_PROXY, HTTPS_PROXY, NO_PROXY);
 * and MLPIPE_TRACKING_TIMEOUT, the seconds that a call may take with all its attempts, 45 unless set.
 * Rejects with TrackingError if the address or a variable cannot be used.
 */
export async function openClient(
  uri: string,
  env: Environment,
  surroundings: Surroundings = realSurroundings,
): Promise<Tracking> {
  const connection = await openConnection(readSettings(uri, env));
  const { settings } = connection;
  const locate: Locate = (artifactUri) => locateArtifacts(artifactUri, settings);
  return trackWith(clientOver(connection, surroundings), settings.uri, locate);
}

export function clientOver(connection: Connection, surroundings: Surroundings): Client {
  return { connection, surroundings, patience: patienceWith(connection) };
}

/** `uri` is the tracking URI to show. */
export function trackWith(client: Client, uri: string, locate: Locate): Tracking {
  const ask: Ask = (endpoint, request) => call(client, endpoint, request);
  const transfers = { ...client, ask, locate, roots: new Map<string, string>() };
  return {
    uri,
    call: ask,
    upload: (runId, localFile, path) => uploadArtifact(transfers, runId, localFile, path),
    download: (runId, path, target) => downloadArtifact(transfers, runId, path, target),
    close: () => closeConnection(client.connection),
  };
}

/** A wrong address should be told soon; a server that has answered before is worth waiting for. */
function patienceWith({ settings, contact }: Connection): Patience {
  return {
    totalMs: settings.totalMs,
    get retries() {
      return contact.made ? settings.retries : settings.retriesAtFirst;
    },
  };
}

/** A log-batch bigger than MLflow takes at once goes out in pieces, one after the other. */
async function call<E extends EndpointName>(
  client: Client,
  endpoint: E,
  request: RequestOf<E>,
): Promise<ResponseOf<E>> {
  if (endpoint !== "runs/log-batch") return callOnce(client, endpoint, request);
  for (const batch of splitBatch(request as RequestOf<"runs/log-batch">))
    await callOnce(client, "runs/log-batch", batch);
  return {} as ResponseOf<E>;
}

async function callOnce<E extends EndpointName>(
  client: Client,
  endpoint: E,
  request: RequestOf<E>,
): Promise<ResponseOf<E>> {
  const marked = markRequest(endpoint, request, client.surroundings.newId);
  return retry(client.patience, client.surroundings, async (budget, before) => {
    const recovered = await recover(client, endpoint, marked, budget, before);
    return recovered ?? (await attempt(client, endpoint, marked, budget));
  });
}

/** Undefined: the call has to be sent. */
async function recover<E extends EndpointName>(
  client: Client,
  endpoint: E,
  request: RequestOf<E>,
  budget: Budget,
  before: readonly Failure[],
): Promise<Attempt<ResponseOf<E>> | undefined> {
  const find = recoveries[endpoint];
  const doubtful = before.findLast(({ retry: again }) => again?.effect !== "untouched");
  if (find === undefined || doubtful === undefined) return undefined;
  const asked = await askWithin(client, budget, (ask) => find(request, ask));
  if (asked.kind === "failed") return { kind: "failed", failure: doubtful };
  if (asked.value !== undefined) return { kind: "done", value: asked.value };
  // Whoever sends again what the server may still carry out has it carried out twice.
  const pending = before.some(({ retry: again }) => again?.effect === "pending");
  return pending ? { kind: "failed", failure: doubtful } : undefined;
}

/** Looks without trying again by itself: the look belongs to an attempt of the call that it serves. */
async function askWithin<T>(
  client: Client,
  budget: Budget,
  look: (ask: Ask) => Promise<T>,
): Promise<Attempt<T>> {
  const askOnce: Ask = async (endpoint, request) => {
    const outcome = await attempt(client, endpoint, request, budget);
    if (outcome.kind === "failed") throw outcome.failure.error;
    return outcome.value;
  };
  try {
    return { kind: "done", value: await look(askOnce) };
  } catch (error) {
    if (error instanceof TrackingError) return fail(error);
    throw error;
  }
}

async function attempt<E extends EndpointName>(
  { connection }: Client,
  endpoint: E,
  request: RequestOf<E>,
  budget: Budget,
): Promise<Attempt<ResponseOf<E>>> {
  const described: Endpoint<Fields, Fields> = endpoints[endpoint];
  const outcome = await callEndpoint(connection, described, request, budget);
  return outcome as Attempt<ResponseOf<E>>;
}
