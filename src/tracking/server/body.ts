/** Reads the body of a request into memory, no more of it than is allowed and no longer than is decent. */
import type { Readable } from "node:stream";
import { TrackingError } from "../tracking.ts";

export interface BodyLimits {
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Rejects with TrackingError INVALID_PARAMETER_VALUE when the body is larger, or comes more slowly. */
export function readBody(body: Readable, { bytes, milliseconds }: BodyLimits): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let length = 0;
  const refuse = (message: string): void =>
    reject(new TrackingError("INVALID_PARAMETER_VALUE", message));
  const breakOff = (): void => refuse("the body ended before all of it was here");
  const late = setTimeout(() => refuse("the body did not arrive in time"), milliseconds);
  body.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > bytes) refuse(`the body has more than the ${bytes} bytes that are allowed`);
    else chunks.push(chunk);
  });
  body.on("end", () => {
    body.off("close", breakOff);
    resolve(Buffer.concat(chunks, length));
  });
  body.on("error", breakOff);
  body.on("close", breakOff);
  return promise.finally(() => clearTimeout(late));
}
