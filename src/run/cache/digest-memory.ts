/** Digests of what costs time to work out, each in a file of its own in the cache, under the digest of what it was made of. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Digest, isDigest } from "./digest.ts";
import { writeWhole } from "./write-whole.ts";

export interface DigestMemory {
  /** Undefined: it is to be worked out. */
  readonly recall: (of: Digest) => Digest | undefined;
  /** A folder that cannot be written only makes the next time slower. */
  readonly remember: (of: Digest, digest: Digest) => void;
}

/** `name`: a folder of the cache, which forgets what lies there for long. */
export function openDigestMemory(root: string, name: "code" | "content"): DigestMemory {
  const placeOf = (of: Digest): string => path.join(root, name, of);
  return {
    recall: (of) => found.get(of) ?? read(placeOf(of), of),
    remember(of, digest) {
      found.set(of, digest);
      write(placeOf(of), digest);
    },
  };
}

/** What this process has found, wherever it was kept. */
const found = new Map<Digest, Digest>();

function read(file: string, of: Digest): Digest | undefined {
  try {
    const text = readFileSync(file, "utf8");
    if (!isDigest(text)) return undefined;
    found.set(of, text);
    return text;
  } catch {
    return undefined;
  }
}

function write(file: string, digest: Digest): void {
  try {
    writeWhole(file, digest);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}
