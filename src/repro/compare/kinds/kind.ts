/** What every kind of file can do: be read for what it means, have a digest of that, and tell two of them apart. */
import type { Difference } from "../comparison.ts";

/** A file is not what it is taken for; `message` says why, in words that follow "it". */
export class NotReadable extends Error {}

export interface Kind<Content> {
  /** Throws NotReadable. */
  readonly read: (file: Buffer) => Content;
  /** The same for the same content and for no other: text that is hashed. */
  readonly canonical: (content: Content) => string | Buffer;
  /** Undefined exactly where `canonical` is the same. */
  readonly difference: (before: Content, after: Content) => Difference | undefined;
  /** As `difference`, but for what formulas have captured; for kinds that hold formulas. */
  readonly loosely?: (before: Content, after: Content) => Difference | undefined;
  /** What of the content could not be compared. */
  readonly notes?: (before: Content, after: Content) => readonly string[];
}

export function decodeUtf8(file: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch {
    throw new NotReadable("is no text in UTF-8");
  }
}
