/** A digest of what an output means, which two executions share where their comparison says `content`. */
import { createHash } from "node:crypto";
import { contentDigest, contentVersion } from "../../content/digest.ts";
import { printHexFloat } from "../../run/hex-float.ts";
import type { Output, Point } from "../results.ts";

export interface CanonicalDigest {
  /** SHA-256 in hexadecimal digits. */
  readonly digest: string;
  /** Digests of different versions say nothing about each other. */
  readonly version: number;
}

/** Rejects with the file system's errors. */
export async function canonicalDigest(output: Output): Promise<CanonicalDigest> {
  return { digest: await digestOf(output), version: contentVersion };
}

async function digestOf(output: Output): Promise<string> {
  switch (output.kind) {
    case "metric":
      return digestPoints(output.points);
    case "artifact":
      return contentDigest(output.path, output.format);
    case "model":
      return contentDigest(output.path, "folder");
    default:
      return output satisfies never;
  }
}

function digestPoints(points: readonly Point[]): string {
  const hash = createHash("sha256");
  for (const { step, value } of points.toSorted((a, b) => a.step - b.step))
    hash.update(`${step} ${printHexFloat(value)}\n`);
  return hash.digest("hex");
}
