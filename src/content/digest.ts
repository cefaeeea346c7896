/** A digest of what a file or a folder means: the same for any two that a comparison finds to have the same content. */
import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Format } from "../check/program.ts";
import { type FileKind, type KindName, isTextual, kindOf, textKinds } from "./choose.ts";
import {
  type ContainerName,
  type Member,
  containers,
  memberName,
  mostNested,
} from "./container.ts";
import { type Kind, NotReadable, type Room, readSafely } from "./kind.ts";
import { readWhole } from "./read-whole.ts";

/** Goes up whenever the same content gets another digest: digests of different versions say nothing about each other. */
export const contentVersion = 2;

export interface DigestOptions {
  /** Bytes, of each file, beyond which it is not unpacked. Absent: there is no such limit. */
  readonly mostUnpacked?: number;
  /** Asked for the digest of each file before it is read; `findOut` reads it. */
  readonly remembered?: (
    file: string,
    findOut: () => Promise<string | undefined>,
  ) => Promise<string | undefined>;
}

/**
 * SHA-256 in hexadecimal digits. `format`: as it was declared. Undefined where what it means cannot be told: it is damaged,
 * nothing but R reads it, or it is too large. Rejects with the file system's errors.
 */
export async function contentDigest(
  place: string,
  format: Format,
  { mostUnpacked = Infinity, remembered = (_, findOut) => findOut() }: DigestOptions = {},
): Promise<string | undefined> {
  const ofFile = (file: string, as: Format): Promise<string | undefined> =>
    remembered(file, () => digestFile(file, as, { bytes: mostUnpacked }));
  if (!(await stat(place)).isDirectory()) return ofFile(place, format);
  const lines: string[] = [];
  for (const file of await filesBelow(place)) {
    const digest = await ofFile(path.join(place, file), "file");
    if (digest === undefined) return undefined;
    lines.push(lineOf(file, digest));
  }
  return sha256(lines.join(""));
}

async function digestFile(file: string, format: Format, room: Room): Promise<string | undefined> {
  try {
    return await digestBytes(file, format, await readWhole(file), room, 0);
  } catch (error) {
    // It is nested too deeply to be printed where the range of the stack, or of a text, ends.
    if (!(error instanceof NotReadable || error instanceof RangeError)) throw error;
    return undefined;
  }
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function lineOf(name: string, digest: string): string {
  return `${JSON.stringify(name)} ${digest}\n`;
}

/** Throws NotReadable and RangeError. */
async function digestBytes(
  file: string,
  format: Format,
  bytes: Buffer,
  room: Room,
  depth: number,
): Promise<string> {
  const name = kindOf(file, format, bytes);
  if (depth > mostNested || name === "unknown") return sha256(bytes);
  if (isContainer(name)) {
    const members = readSafely(containers[name], bytes, room);
    return digestMembers(file, members, room, depth);
  }
  if (name === "parquet" || name === "packed") throw new NotReadable("is read by R only");
  const kind = await openKind(name);
  try {
    return sha256(kind.canonical(readSafely(kind.read, bytes, room)));
  } catch (error) {
    if (!(error instanceof NotReadable) || !isTextual(name)) throw error;
    return sha256(textKinds.text.read(bytes));
  }
}

function isContainer(name: FileKind): name is ContainerName {
  return name in containers;
}

/** What reads pictures, pages and objects of R is loaded where there are any. */
async function openKind(name: KindName): Promise<Kind<unknown>> {
  switch (name) {
    case "png":
      return (await import("./png.ts")).png as Kind<unknown>;
    case "pdf":
      return (await import("./pdf.ts")).pdf as Kind<unknown>;
    case "r":
      return (await import("./r-object.ts")).rObject as Kind<unknown>;
    default:
      return textKinds[name] as Kind<unknown>;
  }
}

async function digestMembers(
  file: string,
  members: readonly Member[],
  room: Room,
  depth: number,
): Promise<string> {
  const lines: string[] = [];
  for (const member of members) {
    const name = memberName(file, member);
    const digest = await digestBytes(name, "file", member.bytes, room, depth + 1);
    lines.push(lineOf(member.path, digest));
  }
  return sha256(lines.join(""));
}

/** Every file below a folder, sorted; paths with forward slashes. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const paths = files.map(({ parentPath, name }) =>
    path.relative(folder, path.join(parentPath, name)).split(path.sep).join("/"),
  );
  return paths.toSorted();
}
