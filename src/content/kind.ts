/** What every kind of file can do: be read for what it means, and say that in one way only. */

/** A file is not what it is taken for; `message` says why, in words that follow "it". */
export class NotReadable extends Error {}

export interface Kind<Content> {
  /** Throws NotReadable. */
  readonly read: (file: Buffer) => Content;
  /** The same for the same content and for no other; it is hashed. */
  readonly canonical: (content: Content) => string | Buffer;
}

export function decodeUtf8(file: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch {
    throw new NotReadable("is no text in UTF-8");
  }
}
