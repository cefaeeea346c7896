/** The cloud store behind a workspace: signed addresses in it, used without any other sign-in, and asked for again when they expire. */
import { fail, tryParse, whetherToRetry, type Answer } from "../client-failure.ts";
import { isSuccess, sendSlice, type Slice } from "../client-file.ts";
import { exchange, type Client, type Outgoing } from "../client-http.ts";
import { retry, type Attempt, type Budget, type Failure } from "../retry.ts";
import { TrackingError } from "../tracking.ts";
import type { GrantInfo } from "./calls.ts";
import { isThisMachine } from "./workspace.ts";

/** The address is a secret: whoever has it may do what it is signed for. */
export interface Grant {
  readonly type: GrantInfo["type"];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A grant that is asked for again once it has expired. */
export interface Lease {
  grant: Grant;
  readonly renew: (budget: Budget) => Promise<Attempt<Grant>>;
}

/** Only where the workspace itself is on this machine may the store be reached without encryption. */
export function readGrant(info: GrantInfo, origin: string): Attempt<Grant> {
  const { type, signed_uri: url, headers = [] } = info;
  if (!URL.canParse(url) || !isEncrypted(new URL(url), new URL(origin)))
    return fail(
      new TrackingError("NOT_MLFLOW", `${origin} gives an artifact an address that is not https`),
    );
  const named = headers.map(({ name, value }) => [name.toLowerCase(), value] as const);
  return { kind: "done", value: { type, url, headers: Object.fromEntries(named) } };
}

function isEncrypted(url: URL, origin: URL): boolean {
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && isThisMachine(url) && isThisMachine(origin);
}

/** One request to the store; those that belong to one file follow each other. */
export interface Piece {
  readonly method: "PUT" | "PATCH" | "DELETE";
  /** Put behind what is signed. */
  readonly query?: Readonly<Record<string, string>>;
  /** Which of the grant's headers go along; absent: all. */
  readonly takes?: (header: string) => boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Slice | string;
}

/** Sends until it is taken; rejects with TrackingError. */
export function sendPiece(client: Client, lease: Lease, piece: Piece): Promise<Answer> {
  return retry(client.patience, client.surroundings, (budget) =>
    withLease(lease, budget, async (grant) => {
      const sent = await sendOnce(client, grant, piece, budget);
      return sent.kind === "failed" ? sent : judge(sent.value, grant);
    }),
  );
}

function sendOnce(
  { connection }: Client,
  grant: Grant,
  { method, query, takes, headers, body }: Piece,
  budget: Budget,
): Promise<Attempt<Answer>> {
  const kept = Object.entries(grant.headers).filter(([name]) => takes?.(name) ?? true);
  const outgoing: Outgoing = {
    method,
    url: query === undefined ? grant.url : extend(grant.url, query),
    headers: { ...Object.fromEntries(kept), ...headers },
  };
  return typeof body === "string"
    ? exchange(connection, { ...outgoing, body }, budget)
    : sendSlice(connection, outgoing, body, budget);
}

function extend(url: string, query: Readonly<Record<string, string>>): string {
  return `${url}${url.includes("?") ? "&" : "?"}${new URLSearchParams(query).toString()}`;
}

/** An address that has expired is asked for again once. */
export async function withLease<T>(
  lease: Lease,
  budget: Budget,
  use: (grant: Grant) => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  const used = await use(lease.grant);
  if (used.kind === "done" || !(used.failure.error instanceof GrantRefused)) return used;
  const renewed = await lease.renew(budget);
  if (renewed.kind === "failed") return renewed;
  lease.grant = renewed.value;
  return use(lease.grant);
}

/** The store does not take the signature, most often because its time is over. */
class GrantRefused extends TrackingError {}

/** Stores explain in XML or JSON, and repeat what was signed; only the name of the error is shown. */
export function judge(answer: Answer, { url }: Grant): Attempt<Answer> {
  if (isSuccess(answer)) return { kind: "done", value: answer };
  return { kind: "failed", failure: explain(answer, new URL(url).host) };
}

function explain(answer: Answer, host: string): Failure {
  const { status } = answer;
  const name = errorName(answer);
  const message = `${host}, where the workspace keeps artifacts, answers ${status}${name === undefined ? "" : ` (${name})`}`;
  if (status === 401 || status === 403 || /expired/i.test(name ?? ""))
    return {
      error: new GrantRefused("PERMISSION_DENIED", message, checkClock),
      retry: undefined,
    };
  const error = new TrackingError("ARTIFACT_STORE_FAILED", message, tryLater);
  const isSlow = name === "RequestTimeout";
  return { error, retry: isSlow ? { effect: "settled" } : whetherToRetry(answer) };
}

const checkClock =
  "Check this machine's clock, and whether a firewall keeps it from the workspace's artifact store.";
const tryLater = "Try again in a while; if it stays so, tell whoever runs the workspace.";

function errorName({ text, headers }: Answer): string | undefined {
  const inXml = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
  const said = inXml ?? headers["x-ms-error-code"] ?? nameInJson(tryParse(text));
  return typeof said === "string" && /^\w{1,60}$/.test(said) ? said : undefined;
}

function nameInJson(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return undefined;
  const { error } = answer;
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
