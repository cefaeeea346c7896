/** Files in which other files lie: gzip, zip and tar, without the times and the owners that they keep. */
import { gunzipSync, inflateRawSync } from "node:zlib";
import { NotReadable, type Room, unpack } from "./kind.ts";

/** `path` is empty for the only one, which has no name of its own. */
export interface Member {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Files in files in files that are looked into. */
export const mostNested = 4;

/** What a member of `file` is called: `rows.csv` of `rows.csv.gz`. */
export function memberName(file: string, { path }: Member): string {
  return path === ""
    ? file.replace(/\.(?:gz|bz2|xz)$|(?<=\.t)gz$/i, (end) => (end === "gz" ? "ar" : ""))
    : path;
}

/** Sorted by path. Throw NotReadable, and TooLarge. */
export const containers = { gzip, zip, tar } as const satisfies Readonly<
  Record<string, (file: Buffer, room: Room) => readonly Member[]>
>;
export type ContainerName = keyof typeof containers;

function inflated(unpacked: Buffer | undefined): Buffer {
  if (!unpacked) throw new NotReadable("does not decompress");
  return unpacked;
}

function gzip(file: Buffer, room: Room): readonly Member[] {
  return [{ path: "", bytes: inflated(unpack(gunzipSync, file, room)) }];
}

function sorted(members: readonly Member[]): readonly Member[] {
  return members.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** By the directory at its end (PKWARE's APPNOTE, section 4.3.12). */
function zip(file: Buffer, room: Room): readonly Member[] {
  const end = file.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0 || end + 22 > file.length) throw new NotReadable("is a zip without a directory");
  const count = file.readUInt16LE(end + 10);
  const members: Member[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (at + 46 > file.length || file.readUInt32LE(at) !== 0x02014b50)
      throw new NotReadable("is a zip of a form that is not known here");
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.toString("utf8", at + 46, at + 46 + nameLength);
    if (!name.endsWith("/")) members.push({ path: name, bytes: zipMember(file, at, room) });
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return sorted(members);
}

function zipMember(file: Buffer, entry: number, room: Room): Buffer {
  const [flags, method] = [file.readUInt16LE(entry + 8), file.readUInt16LE(entry + 10)];
  const [size, fullSize] = [file.readUInt32LE(entry + 20), file.readUInt32LE(entry + 24)];
  const header = file.readUInt32LE(entry + 42);
  if (flags & 1) throw new NotReadable("is encrypted");
  if (header + 30 > file.length) throw new NotReadable("is a damaged zip");
  const start = header + 30 + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28);
  const data = file.subarray(start, start + size);
  if (method === 0) return data;
  if (method !== 8) throw new NotReadable("is a zip of a form that is not known here");
  return inflated(unpack(inflateRawSync, data, room, Math.max(1, fullSize)));
}

const block = 512;

/** POSIX's ustar, with the long names of pax and GNU. Links count by where they lead. */
function tar(file: Buffer): readonly Member[] {
  const members: Member[] = [];
  let long: string | undefined;
  for (let at = 0; at + block <= file.length && file[at] !== 0;) {
    const header = readHeader(file.subarray(at, at + block));
    const bytes = file.subarray(at + block, at + block + header.size);
    at += block * (1 + Math.ceil(header.size / block));
    if (header.type === "L") long = bytes.toString("utf8").replace(/\0+$/, "");
    else if (header.type === "x") long = /^\d+ path=(.*)$/m.exec(bytes.toString("utf8"))?.[1];
    else {
      const path = long ?? header.path;
      if (header.type === "0") members.push({ path, bytes });
      else if (header.link !== "") members.push({ path, bytes: Buffer.from(header.link) });
      long = undefined;
    }
  }
  return sorted(members);
}

function readHeader(header: Buffer) {
  const word = (from: number, length: number): string =>
    header.toString("utf8", from, from + length).replace(/\0[^]*$/, "");
  const size = parseInt(word(124, 12).trim() || "0", 8);
  if (word(257, 5) !== "ustar" || !(size >= 0))
    throw new NotReadable("is a tar of a form that is not known here");
  const folder = word(345, 155);
  const path = folder === "" ? word(0, 100) : `${folder}/${word(0, 100)}`;
  return { path, size, type: word(156, 1) || "0", link: word(157, 100) };
}
