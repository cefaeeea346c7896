/** The body of a request becomes a file. */
import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TrackingError } from "./tracking.ts";

/** Makes `file`, which must not exist. Rejects with TrackingError when the body breaks off, else with what the file system threw. */
export async function receiveFile(body: Readable, file: string): Promise<void> {
  try {
    await pipeline(body, createWriteStream(file, { flags: "wx" }));
  } catch (cause) {
    const isKnown =
      cause instanceof TrackingError || (cause instanceof Error && "syscall" in cause);
    if (isKnown) throw cause;
    throw new TrackingError("CANCELLED", "the upload ended before all of it was here", "", cause);
  }
}
