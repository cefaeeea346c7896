/** Files by their bytes. */
import { type FileHandle, open } from "node:fs/promises";
import type { Difference } from "./comparison.ts";

type BytesDiffer = Extract<Difference, { kind: "bytes" }>;

/** Undefined: the same. */
export function bufferDifference(before: Buffer, after: Buffer): BytesDiffer | undefined {
  if (before.equals(after)) return undefined;
  const offset = offsetIn(before, after, Math.min(before.length, after.length));
  return { kind: "bytes", before: before.length, after: after.length, offset };
}

/** `length` where the pieces do not differ. */
function offsetIn(piece: Buffer, other: Buffer, length: number): number {
  let at = 0;
  while (at < length && piece[at] === other[at]) at++;
  return at;
}

const pieceSize = 1 << 20;

/** Undefined: the same. Neither file is held in memory as a whole. Rejects with the file system's errors. */
export async function byteDifference(
  before: string,
  after: string,
): Promise<BytesDiffer | undefined> {
  const file = await open(before);
  try {
    const other = await open(after);
    try {
      return await differenceOf(file, other);
    } finally {
      await other.close();
    }
  } finally {
    await file.close();
  }
}

async function differenceOf(file: FileHandle, other: FileHandle): Promise<BytesDiffer | undefined> {
  const sizes = [(await file.stat()).size, (await other.stat()).size] as const;
  const offset = await firstDifference(file, other);
  if (offset === undefined && sizes[0] === sizes[1]) return undefined;
  return {
    kind: "bytes",
    before: sizes[0],
    after: sizes[1],
    offset: offset ?? Math.min(...sizes),
  };
}

async function firstDifference(file: FileHandle, other: FileHandle): Promise<number | undefined> {
  const [piece, its] = [Buffer.alloc(pieceSize), Buffer.alloc(pieceSize)];
  for (let at = 0; ;) {
    const [read, readAfter] = [await fill(file, piece, at), await fill(other, its, at)];
    const length = Math.min(read, readAfter);
    if (piece.compare(its, 0, length, 0, length) !== 0) return at + offsetIn(piece, its, length);
    if (read !== readAfter || length < pieceSize) return undefined;
    at += length;
  }
}

/** A read may give less than there is. */
async function fill(file: FileHandle, piece: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < piece.length) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
