/** Who may ask: the Host that is meant, no page of another origin that writes, and whoever holds a token. */
import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isHostAllowed, isOriginAllowed, type AllowedHosts } from "./hosts.ts";
import { refuse } from "./refusal.ts";
import type { Reply, Route } from "./route.ts";

/** The refusal, or undefined for whoever may go on. */
export type Guard = (
  access: Route["access"],
  request: Pick<IncomingMessage, "method" | "headers">,
) => Reply | undefined;

export interface GuardOptions {
  readonly hosts: AllowedHosts;
  /** Whose pages may write here, besides our own: `https://name:port`. */
  readonly origins: readonly string[];
  /** One of them has to be shown; none: everybody may. */
  readonly tokens: readonly string[];
}

export function createGuard({ hosts, origins, tokens }: GuardOptions): Guard {
  const digests = tokens.map(digest);
  return (access, { method, headers }) => {
    if (access === "open") return undefined;
    if (!isHostAllowed(hosts, headers.host))
      return refuse(
        "PERMISSION_DENIED",
        "this server is not served under that Host; its operator can allow it",
      );
    if (isWrite(method) && !isOriginAllowed(headers.origin, headers.host, origins))
      return refuse("PERMISSION_DENIED", "pages of another origin may not write here");
    if (digests.length > 0 && !holdsToken(digests, headers.authorization)) return unauthenticated();
    return undefined;
  };
}

function isWrite(method: string | undefined): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

function unauthenticated(): Reply {
  const reply = refuse(
    "UNAUTHENTICATED",
    "this server asks for a token, as Bearer or as the password of Basic",
  );
  return {
    ...reply,
    headers: { ...reply.headers, "www-authenticate": 'Bearer, Basic realm="mlpipe"' },
  };
}

/** Every token is compared to its end, so that time tells nothing. */
function holdsToken(digests: readonly Buffer[], authorization = ""): boolean {
  const given = digest(tokenOf(authorization));
  return digests.reduce((found, each) => timingSafeEqual(each, given) || found, false);
}

function tokenOf(authorization: string): string {
  const [, scheme = "", value = ""] = /^(\w+) +(\S*) *$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return "";
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

function digest(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
