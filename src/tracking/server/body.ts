/** Reads the body of a request into memory, no more of it than is allowed and no longer than is decent. */
import type { Readable } from "node:stream";
import { TrackingError } from "../tracking.ts";

/** Milliseconds within which all of a body must be here. */
const patience = 60_000;

/** Rejects with TrackingError INVALID_PARAMETER_VALUE when the body has more than `limit` bytes, or comes too slowly. */
export function readBody(body: Readable, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let length = 0;
  const late = setTimeout(() => reject(invalid("the body did not arrive in time")), patience);
  body.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > limit)
      reject(invalid(`the body has more than the ${limit} bytes that are allowed`));
    else chunks.push(chunk);
  });
  body.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
  body.on("error", () => reject(invalid("the body ended before all of it was here")));
  body.on("close", () => reject(invalid("the body ended before all of it was here")));
  return promise.finally(() => clearTimeout(late));
}

function invalid(message: string): TrackingError {
  return new TrackingError("INVALID_PARAMETER_VALUE", message);
}
