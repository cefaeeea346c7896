/** Bytes to text: UTF-8 and nothing else, so that a file means the same on every machine. */
import type { ReadResult } from "./files.ts";

/** Largest file that is read as source or checked data, in bytes. */
export const largestFile = 16 * 1024 * 1024;

/** The text of `bytes` without a byte order mark, or why it is none. */
export function decode(bytes: Uint8Array): ReadResult {
  if (bytes.length > largestFile) return { kind: "too-large", bytes: bytes.length };
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "not-utf8", offset: firstBadByte(bytes) };
  }
}

/** Offset at which the first sequence begins that is not UTF-8; the length where all of it is. */
export function firstBadByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return bytes.length;
}

/** Bytes of the well-formed sequence at `at`, or 0 (Unicode 16, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const [low, high] = secondByte(lead);
  const second = bytes[at + 1] ?? 0;
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + length; next++)
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** The second byte is narrower after some leads: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
function secondByte(lead: number): readonly [number, number] {
  switch (lead) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}
