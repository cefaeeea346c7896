/** What every kind of file can do: be read for what it means, and say that in one way only. */

/** A file is not what it is taken for; `message` says why, in words that follow "it". */
export class NotReadable extends Error {}

export interface Kind<Content> {
  /** Throws NotReadable. */
  readonly read: (file: Buffer) => Content;
  /** The same for the same content and for no other; it is hashed. */
  readonly canonical: (content: Content) => string | Buffer;
}

/** What `read` gives. Throws NotReadable also where a damaged file leads beyond its end, or in circles. */
export function readSafely<Content>(read: (file: Buffer) => Content, file: Buffer): Content {
  try {
    return read(file);
  } catch (error) {
    if (error instanceof RangeError) throw new NotReadable("is damaged, or nested too deeply");
    throw error;
  }
}

/** In UTF-8, without a byte order mark; else byte for byte as Latin-1, which tells all bytes apart. */
export function decodeText(file: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch {
    return file.toString("latin1");
  }
}
