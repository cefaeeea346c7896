/** Tokens, compared so that the time it takes tells nothing of them. */
import { hash, timingSafeEqual } from "node:crypto";

/** Whether the header Authorization shows one of `tokens`; where there are none, everything does. */
export function tokenCheck(
  tokens: readonly string[],
): (authorization: string | undefined) => boolean {
  if (tokens.length === 0) return () => true;
  const digests = tokens.map(digest);
  return (authorization = "") => {
    const given = digest(tokenOf(authorization));
    // Each is compared, found or not.
    return digests.reduce((found, each) => timingSafeEqual(each, given) || found, false);
  };
}

/** "" where there is none, which is no token of anybody. */
function tokenOf(authorization: string): string {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+) *$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return value;
    case "basic": {
      const pair = Buffer.from(value, "base64").toString("utf8");
      return pair.slice(pair.indexOf(":") + 1);
    }
    default:
      return "";
  }
}

function digest(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
