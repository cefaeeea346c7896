/** A digest of what an output means, which two executions share where a comparison would say `content`. */
import { type Hash, createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Format } from "../../check/program.ts";
import { printHexFloat } from "../../run/hex-float.ts";
import type { Output } from "../results.ts";
import { kindOf } from "./kinds/choose.ts";
import { NotReadable } from "./kinds/kind.ts";

/** Goes up whenever the same content gets another digest: digests of different versions say nothing about each other. */
const version = 1;

export interface CanonicalDigest {
  /** SHA-256 in hexadecimal digits. */
  readonly digest: string;
  readonly version: number;
}

/** What cannot be read as what it is has the digest of its bytes. Rejects with the file system's errors. */
export async function canonicalDigest(output: Output): Promise<CanonicalDigest> {
  const hash = createHash("sha256");
  if (output.kind === "metric")
    for (const { step, value } of output.points.toSorted((a, b) => a.step - b.step))
      hash.update(`${step} ${printHexFloat(value)}\n`);
  else if (output.kind === "model") await feedFolder(output.path, hash);
  else await feedPlace(output.path, output.format, hash);
  return { digest: hash.digest("hex"), version };
}

async function feedPlace(place: string, format: Format, hash: Hash): Promise<void> {
  if ((await stat(place)).isDirectory()) await feedFolder(place, hash);
  else await feedFile(place, format, hash);
}

async function feedFolder(folder: string, hash: Hash): Promise<void> {
  for (const file of await filesBelow(folder)) {
    hash.update(`${JSON.stringify(file)} ${await fileDigest(path.join(folder, file))}\n`);
  }
}

async function fileDigest(file: string): Promise<string> {
  const hash = createHash("sha256");
  await feedFile(file, "file", hash);
  return hash.digest("hex");
}

async function feedFile(file: string, format: Format, hash: Hash): Promise<void> {
  const content = await readFile(file);
  const known = kindOf(file, format, content);
  try {
    hash.update(known ? known.kind.canonical(known.kind.read(content)) : content);
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error;
    hash.update(content);
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
