/** Artifacts on their way through the server: down as a file that no browser shows, up under a limit. */
import { Readable } from "node:stream";
import { TrackingError } from "../tracking.ts";
import type { Asked, Reply } from "./route.ts";

/** Bytes that one uploaded file may have. */
export const defaultUploadLimit = 100 * 2 ** 30;

/** Whatever the file says it is, a browser saves it, and runs nothing that is in it. */
export function fileReply(path: string, size: number, body: Readable): Reply {
  return {
    status: 200,
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size),
      "content-disposition": `attachment; filename*=UTF-8''${encodeName(path)}`,
      "content-security-policy": "default-src 'none'; sandbox",
    },
    body,
  };
}

function encodeName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  );
}

/** The body of an upload, not read before somebody asks; it fails with TrackingError once it has more than `limit` bytes. */
export function uploadOf({ headers, body }: Asked, limit: number): Readable {
  if (Number(headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
  return Readable.from(counted(body, limit), { objectMode: false });
}

async function* counted(body: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw tooLarge(limit);
    yield chunk;
  }
}

function tooLarge(limit: number): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `the file has more than the ${limit} bytes that this server takes`,
  );
}
