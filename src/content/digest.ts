/** A digest of what a file or a folder means: the same for any two that a comparison finds to have the same content. */
import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Format } from "../check/program.ts";
import { type KindName, kindOf, kinds } from "./choose.ts";
import { type Kind, NotReadable } from "./kind.ts";

/** Goes up whenever the same content gets another digest: digests of different versions say nothing about each other. */
export const contentVersion = 1;

/**
 * SHA-256 in hexadecimal digits. `format`: as it was declared; what was not is told by the name and by how it begins. What
 * cannot be read as what it is has the digest of its bytes. Rejects with the file system's errors.
 */
export async function contentDigest(place: string, format: Format): Promise<string> {
  if (!(await stat(place)).isDirectory()) return fileDigest(place, format);
  const hash = createHash("sha256");
  for (const file of await filesBelow(place))
    hash.update(`${JSON.stringify(file)} ${await fileDigest(path.join(place, file), "file")}\n`);
  return hash.digest("hex");
}

async function fileDigest(file: string, format: Format): Promise<string> {
  const bytes = await readFile(file);
  const name = kindOf(file, format, bytes);
  const canonical = name === undefined ? bytes : canonicalOf(name, bytes);
  return createHash("sha256").update(canonical).digest("hex");
}

function canonicalOf(name: KindName, bytes: Buffer): string | Buffer {
  const kind = kinds[name] as Kind<unknown>;
  try {
    return kind.canonical(kind.read(bytes));
  } catch (error) {
    if (error instanceof NotReadable) return bytes;
    throw error;
  }
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
