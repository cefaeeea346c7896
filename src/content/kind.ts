/** What every kind of file can do: be read for what it means, and say that in one way only. */

import { constants } from "node:buffer";

/** A file is not what it is taken for; `message` says why, in words that follow "it". */
export class NotReadable extends Error {}

/** Bytes that one file is unpacked to at most: a few can be made that would fill the memory. Below the longest text of Node. */
export const mostUnpacked = 500_000_000;

/** A file holds more than there is room for. */
export class TooLarge extends NotReadable {
  constructor() {
    super("unpacks to more than 500 MB");
  }
}

/** Bytes that may still be unpacked: it counts down. A pixel counts as one. */
export interface Room {
  bytes: number;
}

/** Throws TooLarge. */
export function takeRoom(room: Room, bytes: number): void {
  room.bytes -= bytes;
  if (room.bytes < 0) throw new TooLarge();
}

type Inflate = (data: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

/** Undefined: it does not decompress, or to more than `most` bytes. Throws TooLarge. */
export function unpack(
  inflate: Inflate,
  data: Buffer,
  room: Room,
  most: number = constants.MAX_LENGTH,
): Buffer | undefined {
  const limit = Math.max(1, Math.min(most, room.bytes));
  try {
    const unpacked = inflate(data, { maxOutputLength: limit });
    takeRoom(room, unpacked.length);
    return unpacked;
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    const isTooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLong && limit < most) throw new TooLarge();
    return undefined;
  }
}

export interface Kind<Content> {
  /** Throws NotReadable, and TooLarge. */
  readonly read: (file: Buffer, room: Room) => Content;
  /** The same for the same content and for no other; it is hashed. */
  readonly canonical: (content: Content) => string | Buffer;
}

/** What `read` gives, with room for `mostUnpacked` at most. Throws NotReadable also where a damaged file leads beyond its end, or in circles. */
export function readSafely<Content>(
  read: (file: Buffer, room: Room) => Content,
  file: Buffer,
  room: Room = { bytes: mostUnpacked },
): Content {
  room.bytes = Math.min(room.bytes, mostUnpacked);
  try {
    return read(file, room);
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
