/** Under which names this server may be asked for: a page whose name is made to point at this machine is none of them. */
import { isIP } from "node:net";
import { TrackingError } from "../tracking.ts";

export interface AllowedHosts {
  /** The address that the server listens at. */
  readonly bound: string;
  /** As the operator wrote them: names and addresses, with or without a port, `*` for any part; `*` alone for all. */
  readonly named: readonly string[];
}

const everyAddress = new Set(["0.0.0.0", "::"]);

/** `host` as the header has it. */
export function isHostAllowed({ bound, named }: AllowedHosts, host = ""): boolean {
  const name = nameOf(host);
  if (name === undefined) return false;
  if (isLoopback(name) || name === bound.toLowerCase()) return true;
  // Only a name can be made to point elsewhere; an address is what it is.
  if (everyAddress.has(bound) && isIP(name) !== 0) return true;
  return named.some((pattern) => matches(pattern.toLowerCase(), name, host.toLowerCase()));
}

/** Without port and brackets, in lower case; undefined for what is no Host. */
function nameOf(host: string): string | undefined {
  const [, inner, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (inner !== undefined) return isIP(inner) === 6 ? inner.toLowerCase() : undefined;
  return plain?.toLowerCase();
}

/** Of an address or name without port. */
function isLoopback(name: string): boolean {
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** A pattern of digits is one of addresses: `10.*` is not `10.evil.com`. */
function matches(pattern: string, name: string, host: string): boolean {
  if (pattern === "*" || pattern === host || pattern === name || pattern === `[${name}]`)
    return true;
  if (!pattern.includes("*")) return false;
  const isForAddresses = /^[\d.*]+(:[\d*]+)?$/.test(pattern);
  if (isForAddresses !== (isIP(name) === 4)) return false;
  const regex = new RegExp(`^${pattern.replace(/[^\w*-]/g, "\\$&").replaceAll("*", ".*")}$`);
  return regex.test(name) || regex.test(host);
}

/** Whether a page of `origin` may write; without one, it is no page that asks. `null` is the origin of pages that hide theirs. */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (origin === "null") return false;
  const isOurs = URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
  return isOurs || allowed.includes("*") || allowed.includes(origin);
}

/** Throws TrackingError where a server at `host` would serve other machines without asking for a token. */
export function refuseOpenDoor(host: string, tokens: readonly string[] = []): void {
  if (isLoopback(host) || tokens.length > 0) return;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${host} can be reached from other machines, and everybody there could read and change all runs`,
    "write a token into a file that only you can read, and name it: --token-file FILE; or listen at 127.0.0.1",
  );
}
