/** A digest of what a file or a folder means: the same for any two that a comparison finds to have the same content. */
import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Format } from "../check/program.ts";
import { type KindName, isTextual, kindOf, kinds } from "./choose.ts";
import {
  type ContainerName,
  type Member,
  containers,
  memberName,
  mostNested,
} from "./container.ts";
import { type Kind, NotReadable, readSafely } from "./kind.ts";

/** Goes up whenever the same content gets another digest: digests of different versions say nothing about each other. */
export const contentVersion = 2;

/**
 * SHA-256 in hexadecimal digits. `format`: as it was declared. What cannot be read as what it is, or by R only, has the digest
 * of its text or its bytes. Rejects with the file system's errors.
 */
export async function contentDigest(place: string, format: Format): Promise<string> {
  if (!(await stat(place)).isDirectory()) return digestBytes(place, format, await readFile(place));
  const lines: string[] = [];
  for (const file of await filesBelow(place)) {
    const at = path.join(place, file);
    lines.push(lineOf(file, digestBytes(at, "file", await readFile(at))));
  }
  return sha256(lines.join(""));
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function lineOf(name: string, digest: string): string {
  return `${JSON.stringify(name)} ${digest}\n`;
}

function digestBytes(file: string, format: Format, bytes: Buffer, depth = 0): string {
  if (depth > mostNested) return sha256(bytes);
  const name = kindOf(file, format, bytes);
  try {
    if (name in containers)
      return digestMembers(file, readSafely(containers[name as ContainerName], bytes), depth);
    const kind = name in kinds ? (kinds[name as KindName] as Kind<unknown>) : undefined;
    return sha256(kind ? kind.canonical(readSafely(kind.read, bytes)) : bytes);
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    return sha256(isTextual(name) ? kinds.text.read(bytes) : bytes);
  }
}

function digestMembers(file: string, members: readonly Member[], depth: number): string {
  const lines = members.map((member) => {
    const name = memberName(file, member);
    return lineOf(member.path, digestBytes(name, "file", member.bytes, depth + 1));
  });
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
