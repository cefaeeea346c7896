/** Names the place that runs come from, without telling where it is. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";

/** The same for the same file or folder of the same machine; 32 hexadecimal digits. */
export function identify(absolutePath: string): string {
  return digest(`${hostname()}\0${absolutePath}`);
}

/** The same for the same server, whoever asks. */
export function identifyServer(uri: string): string {
  return digest(uri.replace(/\/+$/, ""));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
