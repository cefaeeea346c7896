/** Who may ask: the Host that is meant, no page of another origin that writes, and whoever holds a token. */
import type { IncomingMessage } from "node:http";
import { isHostAllowed, isOriginAllowed, type AllowedHosts } from "./hosts.ts";
import { refuse } from "./refusal.ts";
import type { Reply, Route } from "./route.ts";
import { tokenCheck } from "./tokens.ts";

type Question = Pick<IncomingMessage, "method" | "headers">;

export interface Guard {
  /** Undefined for whoever may go on. */
  readonly refusal: (access: Route["access"], question: Question) => Reply | undefined;
  /** To a browser that asks whether a page of another origin may write. */
  readonly preflight: (question: Question) => Reply;
  /** With them a browser lets a page of another origin read the answer. */
  readonly headers: (question: Question) => Readonly<Record<string, string>>;
}

export interface GuardOptions {
  readonly hosts: AllowedHosts;
  /** Whose pages may read and write here, besides our own: `https://name:port`; `*`: all. */
  readonly origins: readonly string[];
  /** One of them has to be shown; none: everybody may. */
  readonly tokens: readonly string[];
}

export function createGuard({ hosts, origins, tokens }: GuardOptions): Guard {
  const holdsToken = tokenCheck(tokens);
  const headers: Guard["headers"] = ({ headers: { origin } }) =>
    origin !== undefined && isNamed(origin, origins)
      ? { "access-control-allow-origin": origin, vary: "Origin" }
      : {};
  return {
    headers,
    refusal: (access, { method, headers: { host, origin, authorization } }) => {
      if (access === "open") return undefined;
      if (!isHostAllowed(hosts, host)) return wrongHost();
      if (isWrite(method) && !isOriginAllowed(origin, host, origins)) return wrongOrigin();
      return holdsToken(authorization) ? undefined : unauthenticated();
    },
    preflight: (question) => {
      const { host, origin } = question.headers;
      if (!isHostAllowed(hosts, host)) return wrongHost();
      if (!isOriginAllowed(origin, host, origins)) return wrongOrigin();
      return { status: 204, headers: { ...headers(question), ...permissions }, body: "" };
    },
  };
}

const permissions = {
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-max-age": "600",
};

function isNamed(origin: string, origins: readonly string[]): boolean {
  return origin !== "null" && (origins.includes(origin) || origins.includes("*"));
}

function isWrite(method: string | undefined): boolean {
  return method !== "GET" && method !== "HEAD";
}

function wrongHost(): Reply {
  const message = "this server is not served under that Host; its operator can allow it";
  return refuse("PERMISSION_DENIED", message);
}

function wrongOrigin(): Reply {
  return refuse("PERMISSION_DENIED", "pages of another origin may not write here");
}

function unauthenticated(): Reply {
  const { status, headers, body } = refuse(
    "UNAUTHENTICATED",
    "this server asks for a token, as Bearer or as the password of Basic",
  );
  const challenge = { "www-authenticate": 'Bearer, Basic realm="mlpipe"' };
  return { status, headers: { ...headers, ...challenge }, body };
}
